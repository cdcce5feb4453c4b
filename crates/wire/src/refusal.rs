//! Refusals in words that whoever sent the request knows: what the thing is called there, and
//! where it stands in the body that was sent.

use serde_json::Value;

use crate::{Dialect, Part, WireError};

/// What a provider calls a tool or a part of its own: its `type`, or with Gemini the field that
/// holds it.
pub(crate) fn kind_of(value: &Value) -> &str {
    let named = value.get("type").and_then(Value::as_str);
    let fields = value.as_object();
    named
        .or_else(|| {
            let held = fields?.iter().find(|(_, value)| value.is_object());
            held.map(|(field, _)| field.as_str())
        })
        .unwrap_or("part of its provider")
}

/// A part that the target has no word for, or not at this place.
pub(crate) fn inexpressible(part: &Part, path: impl Into<String>, target: &str) -> WireError {
    let own;
    let kind = match part {
        Part::Text(_) => "text",
        Part::Image(_) => "a picture",
        Part::Audio(_) => "audio",
        Part::File(_) => "a document",
        Part::Reasoning(_) => "reasoning",
        Part::Refusal(_) => "a refusal",
        Part::ToolCall(_) => "a tool call",
        Part::ToolResult(_) => "a tool's result",
        Part::Native { value, .. } => {
            own = format!("a `{}`", kind_of(value));
            &own
        }
    };
    WireError::unsupported(
        path,
        format_args!("is {kind}, which {target} does not take here"),
    )
}

impl WireError {
    /// The refusal with its field named as a client of this dialect names it. The canonical form
    /// names them as Chat does, and counts messages and tools in its own way where another
    /// dialect's are cut differently: there the field is named without its place.
    #[must_use]
    pub fn in_words_of(mut self, client: Dialect) -> Self {
        let Some(param) = self.param.take() else {
            return self;
        };
        let named = name_in(client, &param).unwrap_or_else(|| param.clone());
        if let Some(reason) = self.message.strip_prefix(&format!("`{param}`")) {
            self.message = format!("`{named}`{reason}");
        }
        self.param = Some(named);
        self
    }
}

/// The canonical path as a client of this dialect knows it; `None` where it is called the same.
fn name_in(client: Dialect, path: &str) -> Option<String> {
    let names: &[(&str, &str)] = match client {
        Dialect::AnthropicMessages => &ANTHROPIC,
        Dialect::Gemini => &GEMINI,
        Dialect::OpenAiResponses => &RESPONSES,
        Dialect::OpenAiChat | Dialect::BedrockConverse => return None,
    };
    let mut bare = String::new();
    let mut within = false;
    for c in path.chars() {
        within = (within || c == '[') && c != ']';
        if !within && c != ']' {
            bare.push(c);
        }
    }
    names.iter().find_map(|(canonical, own)| {
        let rest = bare.strip_prefix(canonical)?;
        (rest.is_empty() || rest.starts_with('.')).then(|| format!("{own}{rest}"))
    })
}

const ANTHROPIC: [(&str, &str); 6] = [
    ("messages", "messages"),
    ("stop", "stop_sequences"),
    ("reasoning_effort", "thinking"),
    ("response_format", "output_config.format"),
    ("user", "metadata.user_id"),
    (
        "parallel_tool_calls",
        "tool_choice.disable_parallel_tool_use",
    ),
];

const GEMINI: [(&str, &str); 16] = [
    ("messages.content", "contents.parts"),
    ("messages", "contents"),
    ("tools", "tools"),
    ("tool_choice", "toolConfig"),
    ("reasoning_effort", "generationConfig.thinkingConfig"),
    ("response_format", "generationConfig.responseMimeType"),
    ("logprobs", "generationConfig.responseLogprobs"),
    ("max_tokens", "generationConfig.maxOutputTokens"),
    ("n", "generationConfig.candidateCount"),
    ("seed", "generationConfig.seed"),
    ("stop", "generationConfig.stopSequences"),
    ("temperature", "generationConfig.temperature"),
    ("top_k", "generationConfig.topK"),
    ("top_p", "generationConfig.topP"),
    ("frequency_penalty", "generationConfig.frequencyPenalty"),
    ("presence_penalty", "generationConfig.presencePenalty"),
];

const RESPONSES: [(&str, &str); 5] = [
    ("messages", "input"),
    ("max_tokens", "max_output_tokens"),
    ("reasoning_effort", "reasoning.effort"),
    ("response_format", "text.format"),
    ("logprobs", "include"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{inexpressible, kind_of};
    use crate::{Dialect, Part, WireError};

    #[test]
    fn a_providers_own_parts_are_called_what_the_provider_calls_them() {
        assert_eq!(
            kind_of(&json!({"type": "web_search_call", "action": {}})),
            "web_search_call"
        );
        assert_eq!(kind_of(&json!({"googleSearch": {}})), "googleSearch");
        let part = json!({"thoughtSignature": "S", "executableCode": {"code": "1"}});
        assert_eq!(kind_of(&part), "executableCode");
        let part = Part::Native {
            dialect: Dialect::Gemini,
            value: part,
        };
        let error = inexpressible(&part, "messages[3].content[1]", "Anthropic");
        assert_eq!(
            error.in_words_of(Dialect::Gemini).message,
            "`contents.parts` is a `executableCode`, which Anthropic does not take here"
        );
    }

    #[test]
    fn a_field_is_named_as_the_client_names_it() {
        let told = |client, param: &str| {
            let error = WireError::unsupported(param, "is no good").in_words_of(client);
            let named = error.param.expect("named");
            assert_eq!(error.message, format!("`{named}` is no good"));
            named
        };
        let path = "messages[2].content[0].citations";
        assert_eq!(told(Dialect::OpenAiChat, path), path);
        assert_eq!(
            told(Dialect::AnthropicMessages, path),
            "messages.content.citations"
        );
        assert_eq!(told(Dialect::Gemini, path), "contents.parts.citations");
        assert_eq!(
            told(Dialect::OpenAiResponses, path),
            "input.content.citations"
        );
        assert_eq!(told(Dialect::Gemini, "top_k"), "generationConfig.topK");
        assert_eq!(told(Dialect::AnthropicMessages, "stop"), "stop_sequences");
        assert_eq!(told(Dialect::OpenAiResponses, "store"), "store");
    }
}
