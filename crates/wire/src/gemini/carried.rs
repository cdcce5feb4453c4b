//! Where a client of Gemini carries what another provider wants back: with the thought, and with
//! the call after it. Clients drop thoughts when they send a conversation back (Google's own CLI
//! does) and keep a call's signature, which Google wants back.

use crate::{Dialect, Message, Part, Reasoning, Signature};

const OWN: Dialect = Dialect::Gemini;

/// What goes with the next call: what is enough by itself. Anthropic's signature of a thought that
/// was shown is of no use without the thought's text.
pub(super) fn with_call(signature: &Signature, is_redacted: bool) -> Option<Signature> {
    let enough = match signature.dialect {
        Dialect::OpenAiResponses => true,
        OWN => false,
        _ => is_redacted,
    };
    enough.then(|| signature.clone())
}

/// Puts what calls carry for other providers back where it came from: a thought before the call,
/// unless that thought came along.
pub(super) fn unload(message: &mut Message) {
    let mut parts = Vec::with_capacity(message.parts.len());
    for mut part in message.parts.drain(..) {
        let foreign = match &mut part {
            Part::ToolCall(call) => call.signature.take_if(|signature| signature.dialect != OWN),
            _ => None,
        };
        if let Some(signature) = foreign
            && !parts.iter().any(|part| is_signed(part, &signature))
        {
            parts.push(Part::Reasoning(Reasoning {
                signature: Some(signature),
                redacted: true,
                ..Reasoning::default()
            }));
        }
        parts.push(part);
    }
    message.parts = parts;
}

fn is_signed(part: &Part, by: &Signature) -> bool {
    matches!(part, Part::Reasoning(reasoning) if reasoning.signature.as_ref() == Some(by))
}
