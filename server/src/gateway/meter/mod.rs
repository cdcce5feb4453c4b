//! Meters: every call has a [`Ticket`], which becomes one row when the call ends, however it ends.
//! Rows are written in batches off the hot path, through a bounded queue ([`MeterTask`]).

mod category;
mod kept;
mod ticket;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use relay_api::{ErrorCategory, Trace};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::Call;
use crate::clock::millis;
use crate::duration;
use crate::identity::KeyInForce;
use crate::store::{RequestRow, Store};
use crate::vaulting::Vault;

use kept::Kept;

pub(crate) use category::category_of;
pub use kept::{KEPT_BODIES, KeptBodies};
#[allow(unused_imports, reason = "limits and quotas are settled by them")]
pub(crate) use ticket::{Settle, Settled, Ticket};
pub use writer::MeterTask;

/// Rows that may wait to be written.
const QUEUE_ROWS: usize = 65_536;
/// Bytes of bodies that may wait to be sealed and written.
const BODY_BYTES: u64 = 64 * 1024 * 1024;

/// A call that has ended.
struct Ended {
    row: Box<RequestRow>,
    /// What is kept of its bodies.
    kept: Option<Box<Kept>>,
    /// The relay key, if it has quotas.
    limited: Option<Arc<KeyInForce>>,
}

enum Message {
    Ended(Ended),
    Flush(oneshot::Sender<()>),
}

/// Opens tickets.
#[derive(Clone)]
pub struct Meter {
    queue: mpsc::Sender<Message>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
    writes: AtomicU64,
    /// Bytes of bodies that wait to be sealed and written.
    body_bytes: AtomicU64,
    bodies_dropped: AtomicU64,
    /// How many wait for every row to be written.
    flushing: AtomicU64,
}

/// What the meter has counted since the start, for `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Calls that have ended.
    pub requests: u64,
    /// Calls that ended in an error.
    pub failed: u64,
    /// Rows that were lost: the queue was full, or the database refused them.
    pub dropped: u64,
    /// How often a batch of rows was written, or tried to be.
    pub writes: u64,
    /// Rows that wait to be written.
    pub waiting: u64,
    /// Calls whose bodies were to be kept and are not: too many waited, or they could not be sealed.
    pub bodies_dropped: u64,
}

impl Meter {
    /// A meter, and the task that writes what it measures.
    pub fn new(store: Store, vault: Arc<Vault>) -> (Self, MeterTask) {
        let (queue, ended) = mpsc::channel(QUEUE_ROWS);
        let counts = Arc::<Counts>::default();
        let task = MeterTask::new(store, vault, ended, Arc::clone(&counts));
        (Self { queue, counts }, task)
    }

    /// Waits until every row so far is written, or has failed to be.
    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        self.counts.flushing.fetch_add(1, Ordering::Relaxed);
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            let _ = flushed.await;
        }
        self.counts.flushing.fetch_sub(1, Ordering::Relaxed);
    }

    /// What has been counted.
    pub fn counted(&self) -> Counted {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counted {
            requests: read(&self.counts.requests),
            failed: read(&self.counts.failed),
            dropped: read(&self.counts.dropped),
            writes: read(&self.counts.writes),
            waiting: (QUEUE_ROWS - self.queue.capacity()) as u64,
            bodies_dropped: read(&self.counts.bodies_dropped),
        }
    }

    /// A ticket for a call that has been let in.
    pub(super) fn open(&self, call: &Call, operation: &str) -> Ticket {
        let row = RequestRow {
            tenant_id: call.tenant_id().to_owned(),
            id: call.request_id.clone(),
            at: call.at,
            relay_key_id: call.key.row.id.clone(),
            end_user: call.end_user.clone(),
            paid: call.paid,
            operation: operation.to_owned(),
            model: String::new(),
            host: None,
            policy_id: call.key.policy.id.clone(),
            credential_id: None,
            credential_last4: None,
            upstream_model: None,
            dialect: None,
            attempts: 0,
            streamed: false,
            // nginx's word for a caller that went away, until something better is known.
            status: 499,
            error_code: Some("client_disconnected".to_owned()),
            error_category: Some(ErrorCategory::ClientDisconnected.as_str().to_owned()),
            partial: true,
            input_tokens: None,
            output_tokens: None,
            cached_read_tokens: None,
            cached_write_tokens: None,
            reasoning_tokens: None,
            audio_tokens: None,
            cost_nanos: None,
            trace: Trace::default(),
            duration_ms: 0,
            first_byte_ms: None,
        };
        let limited = Some(&call.key).filter(|key| key.row.settings.quotas.is_some());
        let limited = limited.map(Arc::clone);
        Ticket::new(row, call.started, wanted(call), limited, self.clone())
    }

    fn record(&self, mut ended: Ended) {
        self.counts.requests.fetch_add(1, Ordering::Relaxed);
        if ended.row.error_code.is_some() {
            self.counts.failed.fetch_add(1, Ordering::Relaxed);
        }
        self.bound_bodies(&mut ended);
        if let Err(error) = self.queue.try_send(Message::Ended(ended)) {
            let dropped = self.counts.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            // The first of a flood is told of, then ever fewer: `/metrics` counts them all.
            if dropped.is_power_of_two() {
                tracing::error!(%error, dropped, "usage is lost: the database does not keep up");
            }
            let (TrySendError::Full(message) | TrySendError::Closed(message)) = error;
            if let Message::Ended(Ended {
                kept: Some(kept), ..
            }) = message
            {
                let bytes = kept.bytes() as u64;
                self.counts.body_bytes.fetch_sub(bytes, Ordering::Relaxed);
            }
        }
    }

    /// Takes room in memory for a call's bodies, or lets go of them.
    fn bound_bodies(&self, ended: &mut Ended) {
        let Some(kept) = &ended.kept else { return };
        let bytes = kept.bytes() as u64;
        let waiting = self.counts.body_bytes.fetch_add(bytes, Ordering::Relaxed);
        if waiting + bytes > BODY_BYTES {
            self.counts.body_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.counts.bodies_dropped.fetch_add(1, Ordering::Relaxed);
            ended.kept = None;
        }
    }
}

/// Room for the call's bodies, if its relay key says that they are kept, or else its policy.
fn wanted(call: &Call) -> Option<Box<Kept>> {
    let key = call.key.row.settings.keep_bodies_for.as_ref();
    let wanted = key.or(call.key.policy.rules().keep_bodies_for.as_ref())?;
    let life = duration::of(wanted).filter(|life| !life.is_zero())?;
    Some(Box::new(Kept::until(call.at.saturating_add(millis(life)))))
}
