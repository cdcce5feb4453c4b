//! Meters: every call has a ticket, which becomes one row when the call ends, however it ends.
//! Rows are written in batches off the hot path, through a bounded queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use relay_api::Trace;
use relay_wire::{ApiError, Usage};
use tokio::sync::{mpsc, oneshot};

use super::Call;
use crate::store::{RequestRow, Store};

/// Rows that may wait to be written.
const QUEUE_ROWS: usize = 65_536;
/// Rows that are written at once.
const BATCH_ROWS: usize = 512;
/// How long a row may wait: what `kill -9` can lose.
const FLUSH_EVERY: Duration = Duration::from_millis(500);
/// How long to wait before a failed write is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

enum Message {
    Row(Box<RequestRow>),
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
}

impl Meter {
    /// A meter, and the task that writes what it measures.
    pub fn new(store: Store) -> (Self, MeterTask) {
        let (queue, rows) = mpsc::channel(QUEUE_ROWS);
        let counts = Arc::<Counts>::default();
        let task = MeterTask {
            store,
            rows,
            counts: Arc::clone(&counts),
        };
        (Self { queue, counts }, task)
    }

    /// Waits until every row so far is written, or has failed to be.
    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            let _ = flushed.await;
        }
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
        }
    }

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
            error_category: None,
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
        Ticket {
            row: Some(Box::new(row)),
            started: call.started,
            meter: self.clone(),
        }
    }

    fn record(&self, row: Box<RequestRow>) {
        self.counts.requests.fetch_add(1, Ordering::Relaxed);
        if row.error_code.is_some() {
            self.counts.failed.fetch_add(1, Ordering::Relaxed);
        }
        if let Err(error) = self.queue.try_send(Message::Row(row)) {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
            tracing::error!(%error, "usage is lost: the database does not keep up");
        }
    }
}

/// One call's row in the making. Dropped unfinished, it tells of a caller that went away.
pub(super) struct Ticket {
    row: Option<Box<RequestRow>>,
    started: Instant,
    meter: Meter,
}

impl Ticket {
    fn note(&mut self, write: impl FnOnce(&mut RequestRow)) {
        if let Some(row) = &mut self.row {
            write(row);
        }
    }

    /// What the caller asks for.
    pub(super) fn asks(&mut self, model: &str, streamed: bool) {
        const MODEL_CHARS: usize = 200;
        self.note(|row| {
            let shown = model.chars().filter(|character| !character.is_control());
            row.model = shown.take(MODEL_CHARS).collect();
            row.streamed = streamed;
        });
    }

    /// Whom the call turns out to be for.
    pub(super) fn is_for(&mut self, end_user: &str) {
        self.note(|row| row.end_user = Some(end_user.to_owned()));
    }

    pub(super) fn goes_to(&mut self, host: &str) {
        self.note(|row| row.host = Some(host.to_owned()));
    }

    pub(super) fn uses(&mut self, credential_id: &str) {
        self.note(|row| row.credential_id = Some(credential_id.to_owned()));
    }

    pub(super) fn first_byte(&mut self) {
        let elapsed = milliseconds(self.started);
        self.note(|row| {
            row.first_byte_ms.get_or_insert(elapsed);
        });
    }

    pub(super) fn used(&mut self, usage: Option<&Usage>) {
        let Some(usage) = usage else { return };
        self.note(|row| {
            row.input_tokens = Some(usage.input_tokens);
            row.output_tokens = Some(usage.output_tokens);
            row.cached_read_tokens = Some(usage.cached_read_tokens);
            row.cached_write_tokens = Some(usage.cached_write_tokens);
            row.reasoning_tokens = Some(usage.reasoning_tokens);
            row.audio_tokens = Some(usage.input_audio_tokens + usage.output_audio_tokens);
        });
    }

    /// The answer is whole.
    pub(super) fn done(mut self, status: u16) {
        self.note(|row| {
            row.status = status;
            row.error_code = None;
            row.partial = false;
        });
    }

    /// The answer is an error.
    pub(super) fn refused(mut self, error: &ApiError) {
        self.note(|row| {
            row.status = error.status;
            row.error_code = Some(code(error));
            row.partial = false;
        });
    }

    /// The answer began well and broke.
    pub(super) fn broke_off(mut self, error: &ApiError) {
        self.note(|row| {
            row.status = 200;
            row.error_code = Some(code(error));
        });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let Some(mut row) = self.row.take() else {
            return;
        };
        row.duration_ms = milliseconds(self.started);
        self.meter.record(row);
    }
}

fn code(error: &ApiError) -> String {
    error
        .code
        .clone()
        .unwrap_or_else(|| format!("upstream_{}", error.status))
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Writes what the meter measures, until every [`Meter`] is gone.
pub struct MeterTask {
    store: Store,
    rows: mpsc::Receiver<Message>,
    counts: Arc<Counts>,
}

impl MeterTask {
    /// Runs to the end; the last rows are written before it returns.
    pub async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH_ROWS);
        while let Some(message) = self.rows.recv().await {
            let mut flushed = Vec::new();
            take(message, &mut batch, &mut flushed);
            let deadline = tokio::time::Instant::now() + FLUSH_EVERY;
            while flushed.is_empty() && batch.len() < BATCH_ROWS {
                match tokio::time::timeout_at(deadline, self.rows.recv()).await {
                    Ok(Some(message)) => take(message, &mut batch, &mut flushed),
                    Ok(None) | Err(_) => break,
                }
            }
            self.write(&mut batch).await;
            for done in flushed {
                let _ = done.send(());
            }
        }
    }

    async fn write(&self, batch: &mut Vec<RequestRow>) {
        if batch.is_empty() {
            return;
        }
        for last in [false, true] {
            self.counts.writes.fetch_add(1, Ordering::Relaxed);
            match self.store.add_requests(batch).await {
                Ok(()) => break,
                Err(error) if last => {
                    let rows = batch.len();
                    self.counts
                        .dropped
                        .fetch_add(rows as u64, Ordering::Relaxed);
                    tracing::error!(%error, rows, "usage is lost");
                }
                Err(error) => {
                    tracing::warn!(%error, rows = batch.len(), "usage is written again");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        }
        batch.clear();
    }
}

fn take(message: Message, batch: &mut Vec<RequestRow>, flushed: &mut Vec<oneshot::Sender<()>>) {
    match message {
        Message::Row(row) => batch.push(*row),
        Message::Flush(done) => flushed.push(done),
    }
}
