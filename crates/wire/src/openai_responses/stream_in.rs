//! Reads an upstream's stream of response events.

use serde_json::Value;

use super::error::of_value;
use super::item_in::item;
use super::response_in::{finish_reason, parts_of, seconds};
use super::stream_item::ItemState;
use super::usage::usage_from;
use crate::json::{Fields, Object, text_at};
use crate::sse::{MAX_EVENT_BYTES, SseEvent};
use crate::stream::Translate;
use crate::{ChatEvent, FinishReason, StreamStart, WireError};

/// The state of one stream. Items follow one another; of those that an upstream interleaves, one
/// goes on and the others wait.
#[derive(Debug, Default)]
pub(super) struct EventTranslator {
    started: bool,
    ended: bool,
    state: ItemState,
    /// The place of the item that is open.
    current: Option<u64>,
    waiting: Vec<Waiting>,
    waiting_bytes: usize,
}

/// An event of an item that has to wait.
#[derive(Debug)]
struct Waiting {
    place: u64,
    kind: String,
    event: Object,
    bytes: usize,
}

impl Translate for EventTranslator {
    fn event(&mut self, event: &SseEvent, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        let data = event.data.trim();
        if self.ended || data.is_empty() || data == "[DONE]" {
            return Ok(());
        }
        let mut fields = Fields::parse(data.as_bytes())?;
        let kind = fields.text("type")?.unwrap_or_else(|| event.name.clone());
        match kind.as_str() {
            "response.created" | "response.in_progress" | "response.queued" => {
                let response = fields.take("response").unwrap_or_default();
                self.start(&response, out);
                Ok(())
            }
            "response.completed" | "response.incomplete" => {
                let response = fields.object("response")?;
                let response = response.ok_or_else(|| fields.wrong("response", "is missing"))?;
                self.finish(response, out)
            }
            "response.failed" | "response.cancelled" => {
                let response = fields.take("response").unwrap_or_default();
                Err(WireError::upstream(of_value(&response["error"])))
            }
            "error" => {
                let error = fields.take("error");
                let error = error.unwrap_or_else(|| Value::Object(fields.rest()));
                Err(WireError::upstream(of_value(&error)))
            }
            _ => match fields.count("output_index")? {
                Some(place) => {
                    self.start(&Value::Null, out);
                    self.ordered(place, &kind, fields, data.len(), out)
                }
                // Events that are not known yet.
                None => Ok(()),
            },
        }
    }

    fn end(&mut self, _out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        if self.ended {
            Ok(())
        } else {
            Err(WireError::truncated())
        }
    }
}

impl EventTranslator {
    fn start(&mut self, response: &Value, out: &mut Vec<ChatEvent>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        let text = |field: &str| text_at(response, field).unwrap_or_default().to_owned();
        out.push(ChatEvent::Start(StreamStart {
            id: text("id"),
            model: text("model"),
            created: response.get("created_at").and_then(seconds),
            usage: None,
        }));
    }

    /// Takes an event of the item at a place, or keeps it until its turn.
    fn ordered(
        &mut self,
        place: u64,
        kind: &str,
        fields: Fields,
        bytes: usize,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        if self.current.is_some_and(|current| current != place) {
            self.waiting_bytes += bytes;
            if self.waiting_bytes > MAX_EVENT_BYTES {
                return Err(WireError::too_large(MAX_EVENT_BYTES));
            }
            self.waiting.push(Waiting {
                place,
                kind: kind.to_owned(),
                event: fields.rest(),
                bytes,
            });
            return Ok(());
        }
        self.take(place, kind, fields, out)?;
        while self.current.is_none() && !self.waiting.is_empty() {
            self.next_waiting(out)?;
        }
        Ok(())
    }

    fn take(
        &mut self,
        place: u64,
        kind: &str,
        fields: Fields,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), WireError> {
        self.current = Some(place);
        if self.state.event(kind, fields, out)? {
            self.current = None;
        }
        Ok(())
    }

    /// Takes everything that came of the item that has waited longest.
    fn next_waiting(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        let Some(place) = self.waiting.first().map(|waiting| waiting.place) else {
            return Ok(());
        };
        let (turn, rest) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| waiting.place == place);
        self.waiting = rest;
        let turn: Vec<Waiting> = turn;
        for waiting in turn {
            self.waiting_bytes = self.waiting_bytes.saturating_sub(waiting.bytes);
            self.take(place, &waiting.kind, Fields::of(waiting.event), out)?;
        }
        Ok(())
    }

    fn finish(&mut self, mut response: Fields, out: &mut Vec<ChatEvent>) -> Result<(), WireError> {
        let head = Value::Object(
            ["id", "model", "created_at"]
                .into_iter()
                .filter_map(|field| Some((field.to_owned(), response.peek(field)?.clone())))
                .collect(),
        );
        self.start(&head, out);
        while !self.waiting.is_empty() {
            self.state.close(out);
            self.next_waiting(out)?;
        }
        self.state.close(out);
        // A host that streams no items has them in the end.
        let output = response.objects("output")?;
        if self.state.is_empty() {
            for fields in output {
                for part in parts_of(item(fields)?) {
                    self.state.whole(part, out);
                }
            }
        }
        let status = response.text("status")?;
        let details = response.take("incomplete_details");
        let reason = finish_reason(status.as_deref(), details.as_ref(), self.state.has_calls());
        out.push(ChatEvent::Finish {
            choice: 0,
            reason: reason.unwrap_or(FinishReason::Stop),
            stop_sequence: None,
        });
        let usage = response.take("usage");
        out.extend(usage.as_ref().map(usage_from).map(ChatEvent::Usage));
        out.push(ChatEvent::End);
        self.ended = true;
        Ok(())
    }
}
