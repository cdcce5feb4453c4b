//! Reasoning items that come back: OpenAI reads what it encrypted, and a call that it thought
//! about is not taken without its thought.

use serde_json::Value;

use super::memory::Memory;
use super::read::Asked;
use crate::Provider;
use crate::fault::Fault;
use crate::json::{elements, text};
use crate::thoughts::Thoughts;

/// Refuses input items that lost or changed a thought. What is stored cannot.
pub(super) fn check(
    asked: &Asked,
    key: &str,
    memory: &Memory,
    thoughts: &Thoughts,
) -> Result<(), Fault> {
    if !thoughts.are_checked(Provider::OpenAi) {
        return Ok(());
    }
    let mut thought: Option<&Value> = None;
    for item in elements(&asked.request, "input") {
        match text(item, "type") {
            "reasoning" => {
                if item["encrypted_content"].is_null() {
                    memory.item(text(item, "id"), key)?;
                }
                thought = Some(item);
            }
            "function_call" => {
                let arguments = serde_json::from_str(text(item, "arguments")).unwrap_or_default();
                let wanted = thoughts.seal_of(Provider::OpenAi, text(item, "name"), &arguments);
                let Some(seal) = wanted else { continue };
                let Some(thought) = thought else {
                    // The thought is found by the call's id: one without was made up.
                    if text(item, "id").is_empty() {
                        continue;
                    }
                    return Err(Fault::missing(
                        "input",
                        format!(
                            "Item '{}' of type 'function_call' was provided without its required \
                             'reasoning' item.",
                            text(item, "id")
                        ),
                    ));
                };
                let sealed = &thought["encrypted_content"];
                if !sealed.is_null() && *sealed != seal {
                    let message = format!(
                        "The encrypted content for item {} could not be verified.",
                        text(thought, "id")
                    );
                    return Err(Fault::invalid(message).code("invalid_encrypted_content"));
                }
            }
            "message" => thought = None,
            _ => {}
        }
    }
    Ok(())
}
