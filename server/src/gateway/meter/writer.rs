//! Writes what the meter measures, in batches.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::{Counts, Ended, Message};
use crate::clock::EpochMs;
use crate::store::{BodyRow, KeyQuotas, Store, StoreError, UsageBatch};
use crate::vaulting::Vault;

/// Rows that are written at once.
const BATCH_ROWS: usize = 1_024;
/// How long a row may wait for others: with the time a write takes, what `kill -9` can lose.
const FLUSH_EVERY: Duration = Duration::from_millis(500);
/// How long to wait before a failed write is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often a write is tried while the database is away: a minute or more, in which the queue
/// takes what comes. Somebody who waits for the rows is not kept so long.
const TRIES: u32 = 60;
const TRIES_IN_HASTE: u32 = 2;
/// When a key or credential was last used is written to the minute.
const USED_EVERY_MS: EpochMs = 60_000;
/// How many of them are remembered, before all are forgotten and written again.
const USED_REMEMBERED: usize = 100_000;

/// Tenant, id and when it was used.
type Used = HashMap<(String, String), EpochMs>;

/// Writes what the meter measures, until every [`Meter`](super::Meter) is gone.
pub struct MeterTask {
    store: Store,
    vault: Arc<Vault>,
    queue: mpsc::Receiver<Message>,
    counts: Arc<Counts>,
    keys_used: Used,
    credentials_used: Used,
}

impl MeterTask {
    pub(super) fn new(
        store: Store,
        vault: Arc<Vault>,
        queue: mpsc::Receiver<Message>,
        counts: Arc<Counts>,
    ) -> Self {
        Self {
            store,
            vault,
            queue,
            counts,
            keys_used: Used::new(),
            credentials_used: Used::new(),
        }
    }

    /// Runs to the end; the last rows are written before it returns.
    pub async fn run(mut self) {
        let mut ended = Vec::with_capacity(BATCH_ROWS);
        while let Some(message) = self.queue.recv().await {
            let mut flushed = Vec::new();
            take(message, &mut ended, &mut flushed);
            let deadline = tokio::time::Instant::now() + FLUSH_EVERY;
            while flushed.is_empty() && ended.len() < BATCH_ROWS {
                match tokio::time::timeout_at(deadline, self.queue.recv()).await {
                    Ok(Some(message)) => take(message, &mut ended, &mut flushed),
                    Ok(None) | Err(_) => break,
                }
            }
            if !ended.is_empty() {
                let batch = self.batch(&mut ended).await;
                self.write(batch).await;
            }
            for done in flushed {
                let _ = done.send(());
            }
        }
    }

    /// What is to be written of calls that have ended.
    async fn batch(&self, ended: &mut Vec<Ended>) -> UsageBatch {
        let mut batch = UsageBatch::default();
        for Ended { row, kept, limited } in ended.drain(..) {
            if let Some(key) = limited
                && let Some(quotas) = &key.row.settings.quotas
            {
                let key = &key.row;
                let held_to = KeyQuotas {
                    name: key.name.clone(),
                    quotas: quotas.clone(),
                };
                // The last call knows best what its key is held to.
                let place = (key.tenant_id.clone(), key.id.clone());
                batch.quotas.insert(place, held_to);
            }
            if let Some(kept) = kept {
                let bytes = kept.bytes() as u64;
                match kept.sealed(&self.vault, &row.tenant_id, &row.id).await {
                    Ok(sealed) => batch.bodies.push(BodyRow {
                        tenant_id: row.tenant_id.clone(),
                        request_id: row.id.clone(),
                        sealed,
                        expires_at: kept.expires_at,
                    }),
                    Err(error) => {
                        self.counts.bodies_dropped.fetch_add(1, Ordering::Relaxed);
                        tracing::error!(%error, request = row.id, "bodies could not be sealed");
                    }
                }
                self.counts.body_bytes.fetch_sub(bytes, Ordering::Relaxed);
            }
            batch.rows.push(*row);
        }
        batch
    }

    /// Writes a batch. What the database refuses is found by halving; what it cannot take now is
    /// tried again.
    async fn write(&mut self, batch: UsageBatch) {
        let mut pieces = vec![batch];
        while let Some(mut piece) = pieces.pop() {
            self.note_used(&mut piece);
            match self.write_piece(&piece).await {
                Ok(()) => self.remember_used(piece),
                Err(error) if is_refused(&error) && piece.rows.len() > 1 => {
                    let (one, other) = halves(piece);
                    pieces.extend([other, one]);
                }
                Err(error) => {
                    let rows = piece.rows.len();
                    self.counts
                        .dropped
                        .fetch_add(rows as u64, Ordering::Relaxed);
                    tracing::error!(%error, rows, "usage is lost");
                }
            }
        }
    }

    async fn write_piece(&self, batch: &UsageBatch) -> Result<(), StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.counts.writes.fetch_add(1, Ordering::Relaxed);
            let Err(error) = self.store.add_requests(batch).await else {
                return Ok(());
            };
            let in_haste = self.counts.flushing.load(Ordering::Relaxed) > 0;
            let enough = if in_haste || is_refused(&error) {
                TRIES_IN_HASTE
            } else {
                TRIES
            };
            if tries >= enough {
                return Err(error);
            }
            tracing::warn!(%error, rows = batch.rows.len(), "usage is written again");
            tokio::time::sleep(RETRY_AFTER).await;
        }
    }

    /// Adds the keys and credentials whose last use has not been written for a minute.
    fn note_used(&self, batch: &mut UsageBatch) {
        for row in &batch.rows {
            let key = (row.tenant_id.clone(), row.relay_key_id.clone());
            if is_due(&self.keys_used, &key, row.at) {
                let at = batch.keys_used.entry(key).or_default();
                *at = row.at.max(*at);
            }
            let Some(id) = &row.credential_id else {
                continue;
            };
            let credential = (row.tenant_id.clone(), id.clone());
            if row.error_code.is_none() && is_due(&self.credentials_used, &credential, row.at) {
                let at = batch.credentials_used.entry(credential).or_default();
                *at = row.at.max(*at);
            }
        }
    }

    fn remember_used(&mut self, written: UsageBatch) {
        for (known, used) in [
            (&mut self.keys_used, written.keys_used),
            (&mut self.credentials_used, written.credentials_used),
        ] {
            if known.len() > USED_REMEMBERED {
                known.clear();
            }
            known.extend(used);
        }
    }
}

fn is_due(known: &Used, key: &(String, String), at: EpochMs) -> bool {
    known
        .get(key)
        .is_none_or(|written| at - written > USED_EVERY_MS)
}

/// Whether the database was there and would not have a row.
fn is_refused(error: &StoreError) -> bool {
    matches!(error, StoreError::Database(sqlx::Error::Database(_)))
}

fn halves(mut batch: UsageBatch) -> (UsageBatch, UsageBatch) {
    let rows = batch.rows.split_off(batch.rows.len() / 2);
    let (theirs, ours) = batch
        .bodies
        .into_iter()
        .partition(|body| rows.iter().any(|row| row.id == body.request_id));
    let quotas = batch.quotas;
    let half = |rows, bodies| UsageBatch {
        rows,
        bodies,
        quotas: quotas.clone(),
        ..UsageBatch::default()
    };
    (half(batch.rows, ours), half(rows, theirs))
}

fn take(message: Message, ended: &mut Vec<Ended>, flushed: &mut Vec<oneshot::Sender<()>>) {
    match message {
        Message::Ended(call) => ended.push(call),
        Message::Flush(done) => flushed.push(done),
    }
}
