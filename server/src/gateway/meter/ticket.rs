//! One call's row in the making.

use std::sync::Arc;
use std::time::Instant;

use relay_api::{Attempt, ErrorCategory, Outcome, Phase, PhaseName};
use relay_wire::{ApiError, Dialect, Usage};

use super::kept::Kept;
use super::{Ended, Meter};
use crate::catalog::{Prices, cost};
use crate::identity::KeyInForce;
use crate::store::{CredentialRow, RequestRow};

/// A model's name is kept up to here: it is the caller's word.
const MODEL_CHARS: usize = 200;
/// Candidates that a trace tells of; a policy allows ten to be tried, and the rest were skipped.
const ATTEMPTS_KEPT: usize = 64;

/// What a call has come to, when it has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// Input and output, as the provider counted them; 0 where it did not tell.
    pub(crate) tokens: u64,
    /// Billionths of a US dollar; 0 where the price or the usage is not known.
    pub(crate) cost_nanos: u64,
    /// Whether anything was produced. What failed before costs nothing.
    pub(crate) produced: bool,
}

/// What was taken in advance for a call, and is settled by what the call came to.
pub(crate) trait Settle: Send {
    /// Called once, when the call ends, however it ends.
    fn settle(self: Box<Self>, actual: Settled);
}

/// One call's row in the making. Dropped unfinished, it tells of a caller that went away.
pub(crate) struct Ticket {
    /// Taken when the call ends.
    row: Option<Box<RequestRow>>,
    started: Instant,
    usage: Option<Usage>,
    prices: Option<Arc<Prices>>,
    held: Vec<Box<dyn Settle>>,
    kept: Option<Box<Kept>>,
    limited: Option<Arc<KeyInForce>>,
    meter: Meter,
}

impl Ticket {
    pub(super) fn new(
        row: RequestRow,
        started: Instant,
        kept: Option<Box<Kept>>,
        limited: Option<Arc<KeyInForce>>,
        meter: Meter,
    ) -> Self {
        let mut ticket = Self {
            row: Some(Box::new(row)),
            started,
            usage: None,
            prices: None,
            held: Vec::new(),
            kept,
            limited,
            meter,
        };
        ticket.reached(PhaseName::Accepted);
        ticket
    }

    fn note(&mut self, write: impl FnOnce(&mut RequestRow)) {
        if let Some(row) = &mut self.row {
            write(row);
        }
    }

    /// Whole milliseconds since the call arrived.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// What the caller asks for.
    pub(crate) fn asks(&mut self, model: &str, streamed: bool) {
        self.note(|row| {
            row.model = shown(model);
            row.streamed = streamed;
        });
    }

    /// What the caller speaks.
    pub(crate) fn speaks(&mut self, dialect: Dialect) {
        self.note(|row| row.dialect = Some(dialect.as_str().to_owned()));
    }

    /// Whom the call turns out to be for.
    pub(crate) fn is_for(&mut self, end_user: &str) {
        self.note(|row| row.end_user = Some(end_user.to_owned()));
    }

    /// The call has come so far. Only the first time counts.
    pub(crate) fn reached(&mut self, phase: PhaseName) {
        let at_ms = self.elapsed_ms();
        self.note(|row| {
            let phases = &mut row.trace.phases;
            if phases.iter().all(|reached| reached.phase != phase) {
                phases.push(Phase { phase, at_ms });
            }
        });
    }

    /// A candidate was tried, or skipped.
    pub(crate) fn attempted(&mut self, attempt: Attempt) {
        self.note(|row| {
            row.attempts += u64::from(attempt.outcome != Outcome::Skipped);
            if row.trace.attempts.len() < ATTEMPTS_KEPT {
                row.trace.attempts.push(attempt);
            }
        });
    }

    /// The host that is called, and the model's name there; of several the last counts.
    pub(crate) fn goes_to(&mut self, host: &str, upstream_model: &str) {
        self.note(|row| {
            row.host = Some(host.to_owned());
            row.upstream_model = Some(shown(upstream_model)).filter(|model| !model.is_empty());
        });
    }

    /// The credential that is tried; of several the last counts.
    pub(crate) fn uses(&mut self, credential: &CredentialRow) {
        self.note(|row| {
            row.credential_id = Some(credential.id.clone());
            row.credential_last4 = Some(credential.last4.clone());
        });
    }

    /// What the model costs where it is called; none is unknown, not free.
    pub(crate) fn priced(&mut self, prices: Option<Arc<Prices>>) {
        self.prices = prices;
    }

    /// What was taken in advance, to be settled when the call ends.
    pub(crate) fn holds(&mut self, reservation: Box<dyn Settle>) {
        self.held.push(reservation);
    }

    /// The request as the caller sent it: kept where the tenant wishes.
    pub(crate) fn keeps_prompt(&mut self, body: &[u8]) {
        if let Some(kept) = &mut self.kept {
            kept.prompt.push(body);
        }
    }

    /// The next bytes of the answer as the caller gets it: kept where the tenant wishes.
    pub(crate) fn keeps_answer(&mut self, bytes: &[u8]) {
        if let Some(kept) = &mut self.kept {
            kept.completion.push(bytes);
        }
    }

    /// The first byte of the answer is there.
    pub(crate) fn first_byte(&mut self) {
        let elapsed = self.elapsed_ms();
        self.note(|row| {
            row.first_byte_ms.get_or_insert(elapsed);
        });
        self.reached(PhaseName::FirstToken);
    }

    /// What the provider has counted so far.
    pub(crate) fn used(&mut self, usage: Option<&Usage>) {
        if let Some(usage) = usage {
            self.usage = Some(*usage);
        }
    }

    /// The answer is whole.
    pub(crate) fn done(mut self, status: u16) {
        self.note(|row| {
            row.status = status;
            row.error_code = None;
            row.error_category = None;
            row.partial = false;
        });
    }

    /// The answer is an error.
    pub(crate) fn refused(mut self, error: &ApiError, category: ErrorCategory) {
        self.kept = None;
        self.note(|row| {
            row.status = error.status;
            row.error_code = Some(code(error));
            row.error_category = Some(category.as_str().to_owned());
            row.partial = false;
        });
    }

    /// The answer began well and broke.
    pub(crate) fn broke_off(mut self, error: &ApiError, category: ErrorCategory) {
        self.note(|row| {
            row.status = 200;
            row.error_code = Some(code(error));
            row.error_category = Some(category.as_str().to_owned());
        });
    }

    /// Writes what the provider counted, and what it cost, to the row.
    fn sum_up(&self, row: &mut RequestRow) -> Settled {
        if let Some(usage) = &self.usage {
            row.input_tokens = Some(usage.input_tokens);
            row.output_tokens = Some(usage.output_tokens);
            row.cached_read_tokens = Some(usage.cached_read_tokens);
            row.cached_write_tokens = Some(usage.cached_write_tokens);
            row.reasoning_tokens = Some(usage.reasoning_tokens);
            row.audio_tokens = Some(usage.input_audio_tokens + usage.output_audio_tokens);
            row.cost_nanos = self.prices.as_ref().map(|prices| cost(prices, usage).0);
        }
        Settled {
            tokens: self.usage.map_or(0, |usage| usage.total_tokens()),
            cost_nanos: row.cost_nanos.unwrap_or_default(),
            produced: row.produced(),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.reached(PhaseName::Completed);
        let Some(mut row) = self.row.take() else {
            return;
        };
        row.duration_ms = self.elapsed_ms();
        let settled = self.sum_up(&mut row);
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            for held in held {
                held.settle(settled);
            }
            row.trace.phases.push(Phase {
                phase: PhaseName::Settled,
                at_ms: self.elapsed_ms(),
            });
        }
        let kept = self.kept.take().filter(|kept| kept.has_something());
        let limited = self.limited.take();
        self.meter.record(Ended { row, kept, limited });
    }
}

/// A model's name as it is kept: PostgreSQL's texts hold no U+0000, and nobody's a novel.
fn shown(model: &str) -> String {
    let printable = model.chars().filter(|character| !character.is_control());
    printable.take(MODEL_CHARS).collect()
}

fn code(error: &ApiError) -> String {
    error
        .code
        .clone()
        .unwrap_or_else(|| format!("upstream_{}", error.status))
}
