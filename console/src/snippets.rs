//! The code of the getting-started page, with this tenant's own values in it.

use crate::provider::ProviderFacts;

/// The end user in snippets while there is no real one to name.
const EXAMPLE_USER: &str = "user-123";

/// What the snippets are filled in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Values {
    /// Where apps reach this Relay, without a trailing slash.
    pub(crate) url: String,
    /// The end user's label.
    pub(crate) user: String,
    /// The model to call.
    pub(crate) model: &'static str,
}

impl Values {
    /// Values for a Relay at `url`, naming a user who has connected `provider`, if there is one.
    pub(crate) fn new(url: &str, connected: Option<(&str, ProviderFacts)>) -> Self {
        let (user, provider) = connected.unwrap_or((EXAMPLE_USER, crate::provider::PROVIDERS[0]));
        Self {
            url: url.to_owned(),
            user: if is_plain(user) { user } else { EXAMPLE_USER }.to_owned(),
            model: provider.model,
        }
    }
}

/// Whether a label may stand in a snippet as it is. Labels are written by a tenant's customers as
/// often as not, and a snippet is pasted into a shell: anything that a shell, JSON or JavaScript
/// could read as more than text is kept out.
fn is_plain(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 64
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.@:".contains(&byte))
        && !label.starts_with('-')
}

/// Issues a registration token, by curl.
pub(crate) fn token_curl(Values { url, user, .. }: &Values) -> String {
    format!(
        r#"curl {url}/v1/registration-tokens \
  -H "Authorization: Bearer $RELAY_KEY" \
  -H "Content-Type: application/json" \
  -d '{{"endUserLabel": "{user}"}}'"#
    )
}

/// Issues a registration token, by the SDK.
pub(crate) fn token_node(Values { url, user, .. }: &Values) -> String {
    format!(
        r#"// npm install @relayservice/sdk openai
import {{ Relay }} from "@relayservice/sdk";

const relay = new Relay({{
  key: process.env.RELAY_KEY,
  baseURL: "{url}",
}});

const {{ registrationToken }} = await relay.createRegistrationToken({{
  user: "{user}",
}});"#
    )
}

/// Mounts the widget in a page.
pub(crate) fn widget_html(Values { url, .. }: &Values) -> String {
    format!(
        r##"<div id="connect-key"></div>
<script src="{url}/widget.js"></script>
<script>
  Relay.mount("#connect-key", {{
    registrationToken: "TOKEN_FROM_YOUR_BACKEND",
    onSuccess: ({{ provider }}) => console.log("Connected", provider),
  }});
</script>"##
    )
}

/// Calls a model for the user, by curl.
pub(crate) fn chat_curl(Values { url, user, model }: &Values) -> String {
    format!(
        r#"curl {url}/v1/chat/completions \
  -H "Authorization: Bearer $RELAY_KEY" \
  -H "X-Relay-User: {user}" \
  -H "Content-Type: application/json" \
  -d '{{
    "model": "{model}",
    "messages": [{{"role": "user", "content": "Say hello."}}]
  }}'"#
    )
}

/// Calls a model for the user, by the SDK.
pub(crate) fn chat_node(Values { url, user, model }: &Values) -> String {
    format!(
        r#"import {{ Relay }} from "@relayservice/sdk";

const relay = new Relay({{
  key: process.env.RELAY_KEY,
  baseURL: "{url}",
}});

const answer = await relay.openai({{ user: "{user}" }}).chat.completions.create({{
  model: "{model}",
  messages: [{{ role: "user", content: "Say hello." }}],
}});
console.log(answer.choices[0].message.content);"#
    )
}

/// Calls a model for the user, by OpenAI's Python client.
pub(crate) fn chat_python(Values { url, user, model }: &Values) -> String {
    format!(
        r#"# pip install openai
import os
from openai import OpenAI

client = OpenAI(
    base_url="{url}/v1",
    api_key=os.environ["RELAY_KEY"],
    default_headers={{"X-Relay-User": "{user}"}},
)

answer = client.chat.completions.create(
    model="{model}",
    messages=[{{"role": "user", "content": "Say hello."}}],
)
print(answer.choices[0].message.content)"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider;

    const URL: &str = "https://relay.example.com";

    fn values(user: &str) -> Values {
        let anthropic = provider::facts("anthropic").expect("a built-in provider");
        Values::new(URL, Some((user, anthropic)))
    }

    #[test]
    fn snippets_name_this_relay_a_connected_user_and_a_model_of_theirs() {
        let snippet = chat_curl(&values("ada@example.com"));
        assert!(snippet.contains("https://relay.example.com/v1/chat/completions"));
        assert!(snippet.contains("X-Relay-User: ada@example.com"));
        assert!(snippet.contains("claude-"));
    }

    #[test]
    fn a_label_that_a_shell_could_run_never_reaches_a_snippet() {
        for label in [
            "'; rm -rf ~; '",
            "$(id)",
            "`id`",
            "a\"b",
            "a\nb",
            "-d@/etc/passwd",
            "",
            "김민수",
        ] {
            assert_eq!(values(label).user, EXAMPLE_USER, "{label}");
        }
    }

    #[test]
    fn the_body_of_each_curl_is_json() {
        for snippet in [token_curl(&values("u1")), chat_curl(&values("u1"))] {
            let body = snippet.split('\'').nth(1).expect("a quoted body");
            serde_json::from_str::<serde_json::Value>(body).expect("JSON");
        }
    }
}
