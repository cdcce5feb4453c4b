//! Tells a request that carries what another provider signed, before it passes through to a host
//! that would refuse it.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::{Dialect, openai_chat};

/// How a wrapped value begins where it stands in a body: base64 of `relay:`, behind its quote.
static WRAPPED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"cmVsYXk6"));

/// Whether a client's request of this dialect carries signed or withheld reasoning that no host of
/// the dialect made, so that it must not pass through untouched: decoded and encoded again, in the
/// same dialect, it goes without. `model` is the model's name at the host.
///
/// Such a conversation began at another provider, whose answers Relay translated: the client keeps
/// that provider's signatures in its own fields, wrapped, and sends them back. A scan of the bytes;
/// a text that happens to look like a wrapped value is one too many, which does no harm.
pub fn has_foreign_signature(dialect: Dialect, model: &str, body: &[u8]) -> bool {
    match dialect {
        // Signatures stand here in fields of their own, which only some hosts know.
        Dialect::OpenAiChat => openai_chat::has_unknown_signature(model, body),
        Dialect::OpenAiResponses | Dialect::AnthropicMessages | Dialect::Gemini => {
            WRAPPED.find(body).is_some()
        }
        // No client speaks it.
        Dialect::BedrockConverse => false,
    }
}
