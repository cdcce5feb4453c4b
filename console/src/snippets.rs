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
    /// Whether that user's own key is meant; else the tenant's.
    pub(crate) for_user: bool,
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
            for_user: true,
            model: provider.model,
        }
    }

    /// The same, for a call that the tenant's own key at `provider` pays for.
    pub(crate) fn without_user(self, provider: ProviderFacts) -> Self {
        Self {
            for_user: false,
            model: provider.model,
            ..self
        }
    }

    /// `text` with its `{user}` filled in, where a user's key is meant; else nothing.
    fn if_user(&self, text: &str) -> String {
        if self.for_user {
            text.replace("{user}", &self.user)
        } else {
            String::new()
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

/// Calls a model, by curl.
pub(crate) fn chat_curl(values: &Values) -> String {
    let Values { url, model, .. } = values;
    let user = values.if_user("  -H \"X-Relay-User: {user}\" \\\n");
    format!(
        r#"curl {url}/v1/chat/completions \
  -H "Authorization: Bearer $RELAY_KEY" \
{user}  -H "Content-Type: application/json" \
  -d '{{
    "model": "{model}",
    "messages": [{{"role": "user", "content": "Say hello."}}]
  }}'"#
    )
}

/// Calls a model, by the SDK for a user and by OpenAI's own client without one.
pub(crate) fn chat_node(values: &Values) -> String {
    let Values {
        url, user, model, ..
    } = values;
    let client = if values.for_user {
        format!(
            r#"// npm install @relayservice/sdk openai
import {{ Relay }} from "@relayservice/sdk";

const relay = new Relay({{
  key: process.env.RELAY_KEY,
  baseURL: "{url}",
}});
const openai = relay.openai({{ user: "{user}" }});"#
        )
    } else {
        format!(
            r#"// npm install openai
import OpenAI from "openai";

const openai = new OpenAI({{
  apiKey: process.env.RELAY_KEY,
  baseURL: "{url}/v1",
}});"#
        )
    };
    format!(
        r#"{client}

const answer = await openai.chat.completions.create({{
  model: "{model}",
  messages: [{{ role: "user", content: "Say hello." }}],
}});
console.log(answer.choices[0].message.content);"#
    )
}

/// Calls a model, by OpenAI's Python client.
pub(crate) fn chat_python(values: &Values) -> String {
    let Values { url, model, .. } = values;
    let user = values.if_user("    default_headers={\"X-Relay-User\": \"{user}\"},\n");
    format!(
        r#"# pip install openai
import os
from openai import OpenAI

client = OpenAI(
    base_url="{url}/v1",
    api_key=os.environ["RELAY_KEY"],
{user})

answer = client.chat.completions.create(
    model="{model}",
    messages=[{{"role": "user", "content": "Say hello."}}],
)
print(answer.choices[0].message.content)"#
    )
}

/// Calls a model, by LangChain.
pub(crate) fn chat_langchain(values: &Values) -> String {
    let Values { url, model, .. } = values;
    let user = values.if_user("    default_headers={\"X-Relay-User\": \"{user}\"},\n");
    format!(
        r#"# pip install langchain-openai
import os
from langchain_openai import ChatOpenAI

chat = ChatOpenAI(
    model="{model}",
    base_url="{url}/v1",
    api_key=os.environ["RELAY_KEY"],
{user})

print(chat.invoke("Say hello.").content)"#
    )
}

/// What to enter in Cursor's settings. Cursor sends no headers, so the user stands behind the key.
pub(crate) fn cursor(values: &Values) -> String {
    let Values { url, model, .. } = values;
    let user = values.if_user(":user={user}");
    format!(
        "Settings > Models > API Keys

OpenAI API Key             rly-...{user}
Override OpenAI Base URL   {url}/v1
Add a model                {model}"
    )
}

/// Points Claude Code at Relay. The braces keep the colon out of the shell's hands.
pub(crate) fn claude_code(values: &Values) -> String {
    let Values { url, model, .. } = values;
    let user = values.if_user(":user={user}");
    format!(
        r#"export ANTHROPIC_BASE_URL="{url}"
export ANTHROPIC_AUTH_TOKEN="${{RELAY_KEY}}{user}"
claude --model {model}"#
    )
}

/// Checks a webhook's call, by the SDK.
pub(crate) const VERIFY_NODE: &str = r#"// npm install @relayservice/sdk
import { verifyWebhook } from "@relayservice/sdk";

// In your handler: the body as text, before any JSON parser.
const event = await verifyWebhook(body, request.headers, process.env.RELAY_WEBHOOK_SECRET);
console.log(event.type, event.data);"#;

/// Checks a webhook's call, by the library of Standard Webhooks.
pub(crate) const VERIFY_PYTHON: &str = r#"# pip install standardwebhooks
import os
from standardwebhooks.webhooks import Webhook

# In your handler: the body as it came, before any JSON parser.
event = Webhook(os.environ["RELAY_WEBHOOK_SECRET"]).verify(body, headers)
print(event["type"], event["data"])"#;

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
    fn a_call_that_the_tenants_own_key_pays_for_names_no_user() {
        let google = provider::facts("google").expect("a built-in provider");
        let own = values("ada").without_user(google);
        let all = [
            chat_curl,
            chat_node,
            chat_python,
            chat_langchain,
            cursor,
            claude_code,
        ];
        for snippet in all {
            assert!(snippet(&values("ada")).contains("ada"));
            assert!(!snippet(&own).contains("ada"), "{}", snippet(&own));
            assert!(snippet(&own).contains("gemini-"));
        }
        assert!(!chat_curl(&own).contains("X-Relay-User"));
    }

    #[test]
    fn the_body_of_each_curl_is_json() {
        for snippet in [token_curl(&values("u1")), chat_curl(&values("u1"))] {
            let body = snippet.split('\'').nth(1).expect("a quoted body");
            serde_json::from_str::<serde_json::Value>(body).expect("JSON");
        }
    }
}
