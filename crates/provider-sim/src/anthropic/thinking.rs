//! Thinking blocks that come back: Anthropic takes them unchanged or not at all, and while a tool
//! is being used it wants them back.

use serde_json::Value;

use crate::Provider;
use crate::fault::Fault;
use crate::json::{elements, text};
use crate::thoughts::{Thoughts, seal};

/// Whether the request lets the model think.
pub(super) fn is_on(request: &Value) -> bool {
    matches!(text(&request["thinking"], "type"), "enabled" | "adaptive")
}

/// Refuses a conversation whose thinking blocks were changed, or lost between the call of a tool
/// and its result.
pub(super) fn check(request: &Value, thoughts: &Thoughts) -> Result<(), Fault> {
    if !thoughts.are_checked(Provider::Anthropic) {
        return Ok(());
    }
    let messages = || elements(request, "messages").enumerate();
    let of_assistant = |message: &&(usize, &Value)| message.1["role"] == "assistant";
    for (index, message) in messages().filter(|message| of_assistant(&message)) {
        for (place, block) in elements(message, "content").enumerate() {
            if block["type"] == "thinking" && block["signature"] != seal(text(block, "thinking")) {
                return Err(Fault::invalid(format!(
                    "messages.{index}.content.{place}: Invalid `signature` in `thinking` block"
                )));
            }
        }
    }
    if !is_on(request) {
        return Ok(());
    }
    // What came before the user last spoke is over; thoughts of it may be gone.
    let spoke = messages()
        .filter(|(_, message)| message["role"] == "user" && !holds(message, "tool_result"))
        .map(|(index, _)| index)
        .last();
    let since = messages().filter(|(index, _)| Some(*index) > spoke);
    for (index, message) in since.filter(|message| of_assistant(&message)) {
        let uses = elements(message, "content").filter(|block| block["type"] == "tool_use");
        let mut wanted = uses.filter_map(|block| {
            thoughts.seal_of(Provider::Anthropic, text(block, "name"), &block["input"])
        });
        let Some(seal) = wanted.next() else { continue };
        let first = &message["content"][0];
        if first["type"] != "thinking" || first["signature"] != seal {
            let found = text(first, "type");
            return Err(Fault::invalid(format!(
                "messages.{index}.content.0.type: Expected `thinking` or `redacted_thinking`, but \
                 found `{found}`. When `thinking` is enabled, a final `assistant` message must \
                 start with a thinking block (preceeding the lastmost set of `tool_use` and \
                 `tool_result` blocks)."
            )));
        }
    }
    Ok(())
}

fn holds(message: &Value, kind: &str) -> bool {
    elements(message, "content").any(|block| block["type"] == kind)
}
