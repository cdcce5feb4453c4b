//! Follows a stream that passes through: its usage, its end, its errors.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::error::of_value;
use super::usage::usage_from;
use crate::sse::SseEvent;
use crate::tap::{Watch, Word};
use crate::{Usage, WireError};

/// The words of the last events.
static NEEDLES: LazyLock<[Word; 5]> = LazyLock::new(|| {
    [
        "response.completed",
        "response.incomplete",
        "response.failed",
        "response.cancelled",
        "error",
    ]
    .map(Word::new)
});

#[derive(Deserialize)]
struct Glance {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    response: Option<ResponseGlance>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct ResponseGlance {
    #[serde(default)]
    usage: Option<Value>,
    #[serde(default)]
    error: Option<Value>,
}

/// The state of one stream. The last event repeats the whole answer, and is the only one that
/// matters but for errors.
#[derive(Debug, Default)]
pub(crate) struct EventWatch {
    usage: Option<Usage>,
    ended: bool,
}

impl Watch for EventWatch {
    fn look(&mut self, event: &[u8]) -> bool {
        !self.ended && NEEDLES.iter().any(|word| word.is_in(event))
    }

    fn read(&mut self, event: &SseEvent) -> Result<(), WireError> {
        let data = event.data.trim();
        if data.is_empty() || data == "[DONE]" {
            return Ok(());
        }
        let glance: Glance = serde_json::from_str(data).map_err(|_| {
            WireError::malformed("the upstream's stream holds what is not an event")
        })?;
        match glance.kind.as_deref().unwrap_or(&event.name) {
            "response.completed" | "response.incomplete" => {
                let usage = glance.response.and_then(|response| response.usage);
                self.usage = usage.as_ref().map(usage_from);
                self.ended = true;
                Ok(())
            }
            "response.failed" | "response.cancelled" => {
                let error = glance.response.and_then(|response| response.error);
                Err(WireError::upstream(of_value(&error.unwrap_or_default())))
            }
            "error" => {
                let whole = || serde_json::from_str(data).unwrap_or_default();
                let error = glance.error.unwrap_or_else(whole);
                Err(WireError::upstream(of_value(&error)))
            }
            _ => Ok(()),
        }
    }

    fn usage(&self) -> Option<Usage> {
        self.usage
    }

    fn is_complete(&self, _ended: bool) -> bool {
        self.ended
    }
}
