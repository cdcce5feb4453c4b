//! Writes what the meter measures.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::{Counts, Message};
use crate::store::{RequestRow, Store};

/// Rows that are written at once.
const BATCH_ROWS: usize = 512;
/// How long a row may wait: what `kill -9` can lose.
const FLUSH_EVERY: Duration = Duration::from_millis(500);
/// How long to wait before a failed write is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Writes what the meter measures, until every [`Meter`](super::Meter) is gone.
pub struct MeterTask {
    pub(super) store: Store,
    pub(super) rows: mpsc::Receiver<Message>,
    pub(super) counts: Arc<Counts>,
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
        Message::Ended(ended) => batch.push(*ended.row),
        Message::Flush(done) => flushed.push(done),
    }
}
