//! Follows a stream that passes through: its usage, its end, its errors.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::error::of_value;
use super::usage::UsageAccount;
use crate::sse::SseEvent;
use crate::tap::{Watch, Word};
use crate::{Usage, WireError};

/// `message_start`, `message_delta`, `message_stop`; errors.
static NEEDLES: LazyLock<[Word; 2]> = LazyLock::new(|| ["message_", "error"].map(Word::new));

#[derive(Deserialize)]
struct Glance {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    message: Option<Value>,
    #[serde(default)]
    usage: Option<Value>,
}

/// The state of one stream.
#[derive(Debug, Default)]
pub(crate) struct EventWatch {
    account: UsageAccount,
    started: bool,
    stopped: bool,
}

impl Watch for EventWatch {
    fn look(&mut self, event: &[u8]) -> bool {
        !self.stopped && NEEDLES.iter().any(|word| word.is_in(event))
    }

    fn read(&mut self, event: &SseEvent) -> Result<(), WireError> {
        if event.data.is_empty() || self.stopped {
            return Ok(());
        }
        let malformed =
            |_| WireError::malformed("the upstream's stream holds what is not an event");
        let glance: Glance = serde_json::from_str(&event.data).map_err(malformed)?;
        match glance.kind.as_deref().unwrap_or(&event.name) {
            "message_start" => {
                if std::mem::replace(&mut self.started, true) {
                    return Err(WireError::malformed(
                        "the upstream began a second answer within the first",
                    ));
                }
                let usage = glance
                    .message
                    .as_ref()
                    .and_then(|message| message.get("usage"));
                self.account.update(usage.unwrap_or(&Value::Null));
                Ok(())
            }
            "message_delta" => {
                self.account.update(&glance.usage.unwrap_or_default());
                Ok(())
            }
            "message_stop" => {
                self.stopped = true;
                Ok(())
            }
            "error" => {
                let value = serde_json::from_str(&event.data).map_err(malformed)?;
                Err(WireError::upstream(of_value(None, &value)))
            }
            _ => Ok(()),
        }
    }

    fn usage(&self) -> Option<Usage> {
        self.started.then(|| self.account.usage())
    }

    fn is_complete(&self, _ended: bool) -> bool {
        self.started && self.stopped
    }
}
