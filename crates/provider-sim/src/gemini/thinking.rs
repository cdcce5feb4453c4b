//! Thought signatures that come back: within a turn Gemini wants each on the call it came with.
//! Before Gemini 3 it does without, and then takes no other.

use serde_json::Value;

use crate::Provider;
use crate::fault::Fault;
use crate::json::{elements, text};
use crate::thoughts::Thoughts;

/// What Google documents for a call whose signature is gone.
const STAND_IN: &str = "skip_thought_signature_validator";

/// Refuses a conversation that lost or changed a signature since the user last spoke.
pub(super) fn check(request: &Value, model: &str, thoughts: &Thoughts) -> Result<(), Fault> {
    let contents = || elements(request, "contents").enumerate();
    let spoke = contents()
        .filter(|(_, content)| content["role"] != "model" && !holds(content, "functionResponse"))
        .map(|(index, _)| index)
        .last();
    let since = contents().filter(|(index, _)| Some(*index) > spoke);
    for (index, content) in since.filter(|(_, content)| content["role"] == "model") {
        // Calls made at once share the signature of the first.
        let first = elements(content, "parts").find(|part| part["functionCall"].is_object());
        let Some(part) = first else { continue };
        let name = text(&part["functionCall"], "name");
        let arguments = &part["functionCall"]["args"];
        let Some(seal) = thoughts.seal_of(Provider::Google, name, arguments) else {
            continue;
        };
        match part["thoughtSignature"].as_str() {
            Some(signature) if signature == seal || signature == STAND_IN => {}
            Some(_) => return Err(Fault::invalid("Corrupted thought signature.")),
            None if !model.starts_with("gemini-3") => {}
            None => {
                return Err(Fault::invalid(format!(
                    "Function call is missing a thought_signature in functionCall parts. This is \
                     required for tools to work correctly, and missing thought_signature may lead \
                     to degraded model performance. Additional data, function call \
                     `default_api:{name}` , position {}.",
                    index + 1
                )));
            }
        }
    }
    Ok(())
}

fn holds(content: &Value, kind: &str) -> bool {
    elements(content, "parts").any(|part| part[kind].is_object())
}
