//! Thoughts handed out sealed, as providers do: the caller cannot read or change the seal, and
//! brings it back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::Provider;
use crate::answer::{Answer, Call};
use crate::embedding::fnv1a;

/// The signature, or the encrypted form, of a thought: always the same for the same thought.
pub(crate) fn seal(thought: &str) -> String {
    let mut sealed = b"simulated seal of a thought:".to_vec();
    sealed.extend(fnv1a(thought.as_bytes()).to_be_bytes());
    STANDARD.encode(sealed)
}

/// The thoughts that led to calls of tools and were handed out. They are known by the call's name
/// and arguments, not by its id: whoever changes ids on the way is still checked.
///
/// A provider with none does not check anything, so that a conversation which another provider
/// began, or a test made up, is taken.
#[derive(Debug, Default)]
pub(crate) struct Thoughts(Vec<Thought>);

#[derive(Debug)]
struct Thought {
    provider: Provider,
    text: String,
    calls: Vec<Call>,
}

impl Thoughts {
    /// Keeps what an answer thought before its calls.
    pub(crate) fn keep(&mut self, provider: Provider, answer: &Answer) {
        if let Some(text) = answer.thought.clone()
            && !answer.calls.is_empty()
        {
            self.0.push(Thought {
                provider,
                text,
                calls: answer.calls.clone(),
            });
        }
    }

    /// Whether this provider checks what comes back.
    pub(crate) fn are_checked(&self, provider: Provider) -> bool {
        self.0.iter().any(|kept| kept.provider == provider)
    }

    /// The seal that must come back with a call. The latest thought counts where calls are alike.
    pub(crate) fn seal_of(
        &self,
        provider: Provider,
        name: &str,
        arguments: &Value,
    ) -> Option<String> {
        let of_call = |kept: &&Thought| {
            let is_it = |call: &Call| call.name == name && call.arguments == *arguments;
            kept.provider == provider && kept.calls.iter().any(is_it)
        };
        let kept = self.0.iter().rev().find(of_call)?;
        Some(seal(&kept.text))
    }
}
