//! What a request is rewritten to before it is written in another dialect than its own: words that
//! only its own dialect has, but whose meaning every dialect can express.

use std::borrow::Cow;

use crate::{ChatRequest, Dialect, WireError, anthropic_messages, openai_responses};

/// The request as a dialect other than its own can take it.
///
/// Errors: a tool that only its own provider runs and that the request depends on.
pub(crate) fn portable(
    request: &ChatRequest,
    target: Dialect,
) -> Result<Cow<'_, ChatRequest>, WireError> {
    match request.origin {
        Some(Dialect::OpenAiResponses) if target != Dialect::OpenAiResponses => {
            openai_responses::portable(request)
        }
        Some(Dialect::AnthropicMessages) if target != Dialect::AnthropicMessages => {
            Ok(anthropic_messages::portable(request))
        }
        _ => Ok(Cow::Borrowed(request)),
    }
}
