//! The code that mounts the widget as the builder shows it.

/// How a widget is to look and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WidgetLook {
    /// `auto`, `light` or `dark`.
    pub(super) theme: String,
    /// The layout that takes little room.
    pub(super) compact: bool,
    /// To see and change what is connected.
    pub(super) manage: bool,
    /// In a frame of Relay's own.
    pub(super) frame: bool,
    /// `auto`, or a language.
    pub(super) locale: String,
    /// `#rrggbb`, or empty.
    pub(super) accent: String,
}

impl WidgetLook {
    /// The options that are not as they are anyway: names and JavaScript values.
    fn options(&self) -> Vec<(&'static str, String)> {
        let quoted = |text: &str| format!("\"{text}\"");
        let mut options = Vec::new();
        if self.theme != "auto" {
            options.push(("theme", quoted(&self.theme)));
        }
        if !self.accent.is_empty() {
            options.push(("accentColor", quoted(&self.accent)));
        }
        if self.compact {
            options.push(("appearance", "{ layout: \"compact\" }".to_owned()));
        }
        if self.locale != "auto" {
            options.push(("locale", quoted(&self.locale)));
        }
        if self.manage {
            options.push(("mode", quoted("manage")));
        }
        if self.frame {
            options.push(("isolation", quoted("iframe")));
        }
        options
    }
}

/// Mounts a widget of that look in a page.
pub(super) fn builder_html(url: &str, look: &WidgetLook) -> String {
    let options = look
        .options()
        .into_iter()
        .map(|(name, value)| format!("\n    {name}: {value},"))
        .collect::<Vec<_>>()
        .concat();
    format!(
        r##"<div id="connect-key"></div>
<script src="{url}/widget/v1.js"></script>
<script>
  Relay.mount("#connect-key", {{
    // Your backend asks Relay for it: POST {url}/v1/registration-tokens
    registrationToken: () => fetch("/registration-token").then((answer) => answer.text()),{options}
    onSuccess: ({{ provider }}) => console.log("Connected", provider),
  }});
</script>"##
    )
}

/// The same as a React component.
pub(super) fn builder_react(url: &str, look: &WidgetLook) -> String {
    let options: String = look
        .options()
        .into_iter()
        .map(|(name, value)| {
            if value.starts_with('"') {
                format!("\n      {name}={value}")
            } else {
                format!("\n      {name}={{{value}}}")
            }
        })
        .collect();
    format!(
        r#"// npm install @relayservice/widget
import {{ RelayWidget }} from "@relayservice/widget/react";

export function ConnectKey() {{
  return (
    <RelayWidget
      baseURL="{url}"
      registrationToken={{() => fetch("/registration-token").then((answer) => answer.text())}}{options}
      onSuccess={{({{ provider }}) => console.log("Connected", provider)}}
    />
  );
}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://relay.example.com";

    #[test]
    fn the_widgets_code_says_only_what_is_not_so_anyway() {
        let plain = WidgetLook {
            theme: "auto".to_owned(),
            compact: false,
            manage: false,
            frame: false,
            locale: "auto".to_owned(),
            accent: String::new(),
        };
        for word in ["theme", "locale", "mode:", "isolation", "accentColor"] {
            assert!(!builder_html(URL, &plain).contains(word), "{word}");
        }
        let own = WidgetLook {
            theme: "dark".to_owned(),
            compact: true,
            manage: true,
            frame: true,
            locale: "ko".to_owned(),
            accent: "#112233".to_owned(),
        };
        let html = builder_html(URL, &own);
        assert!(html.contains("theme: \"dark\",") && html.contains("mode: \"manage\","));
        let react = builder_react(URL, &own);
        assert!(react.contains("appearance={{ layout: \"compact\" }}"));
        assert!(react.contains("accentColor=\"#112233\""));
    }
}
