//! Settles reservations in Redis beside the calls, and renews the leases of those that last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::join_all;
use redis::Script;
use tokio::sync::{mpsc, oneshot};

use super::link::{Away, Link};
use super::{Hold, Key, LEASE, Outcome, Part, Time, gauge, script};
use crate::clock::millis;

/// Reservations that may wait to be settled.
const QUEUE: usize = 65_536;
/// How many are settled, or renewed, at once.
const AT_ONCE: usize = 128;
/// How often a settlement is tried, and how long after the last try.
const TRIES: usize = 5;
const TRY_EVERY: Duration = Duration::from_secs(1);
/// How often leases are renewed: a renewal that fails is tried again before the lease is over.
const RENEW_EVERY: Duration = LEASE.checked_div(3).expect("three is not nothing");

/// Where ended reservations go.
#[derive(Clone)]
pub(super) struct Settler {
    queue: mpsc::Sender<Message>,
    leases: Arc<Leases>,
}

enum Message {
    Settle(Box<Settlement>),
    Flush(oneshot::Sender<()>),
}

struct Settlement {
    hold: Ended,
    outcome: Outcome,
}

/// What an ended reservation held.
pub(super) struct Ended {
    pub(super) mark: String,
    pub(super) id: String,
    pub(super) parts: Vec<Part<Key>>,
}

/// The reservations of this process that hold a place among those at once, by id.
#[derive(Default)]
struct Leases(Mutex<HashMap<String, Lease>>);

#[derive(Clone)]
struct Lease {
    mark: String,
    places: Vec<String>,
}

/// What both tasks need.
#[derive(Clone)]
struct Desk {
    link: Arc<Link>,
    time: Time,
}

impl Settler {
    pub(super) fn start(link: Arc<Link>, time: Time) -> Self {
        let (queue, messages) = mpsc::channel(QUEUE);
        let leases = Arc::<Leases>::default();
        let desk = Desk { link, time };
        tokio::spawn(desk.clone().settle_all(messages));
        tokio::spawn(desk.renew_all(Arc::downgrade(&leases)));
        Self { queue, leases }
    }

    /// Renews what the reservation holds until it is settled.
    pub(super) fn keep(&self, hold: &Hold) {
        let places = hold.places();
        if !places.is_empty() {
            let lease = Lease {
                mark: hold.mark(),
                places,
            };
            self.leases.lock().insert(hold.id.clone(), lease);
        }
    }

    pub(super) fn settle(&self, hold: Ended, outcome: Outcome) {
        self.leases.lock().remove(&hold.id);
        let settlement = Box::new(Settlement { hold, outcome });
        if self.queue.try_send(Message::Settle(settlement)).is_err() {
            tracing::error!("a reservation stays as estimated: Redis does not keep up");
        }
    }

    pub(super) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            let _ = flushed.await;
        }
    }
}

impl Leases {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Lease>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Runs until every [`Settler`] is gone.
    async fn settle_all(self, mut messages: mpsc::Receiver<Message>) {
        let settle = script(include_str!("settle.lua"));
        let mut batch = Vec::with_capacity(AT_ONCE);
        while messages.recv_many(&mut batch, AT_ONCE).await > 0 {
            let mut settlements = Vec::with_capacity(batch.len());
            let mut flushed = Vec::new();
            for message in batch.drain(..) {
                match message {
                    Message::Settle(settlement) => settlements.push(settlement),
                    Message::Flush(done) => flushed.push(done),
                }
            }
            join_all(settlements.iter().map(|each| self.settle(&settle, each))).await;
            for done in flushed {
                let _ = done.send(());
            }
        }
    }

    async fn settle(&self, settle: &Script, settlement: &Settlement) {
        let Settlement { hold, outcome } = settlement;
        let mut script = settle.key(&hold.mark);
        script.arg(self.time.now()).arg(&hold.id);
        for part in &hold.parts {
            script.key(&part.key.name);
            gauge(&mut script, &part.gauge);
            script.arg(part.key.place).arg(part.taken.amount);
            script.arg(part.actual(*outcome));
        }
        for _ in 0..TRIES {
            let done: Result<i64, Away> = self.link.run_in_any_case(&script).await;
            if done.is_ok() {
                return;
            }
            tokio::time::sleep(TRY_EVERY).await;
        }
        tracing::error!("a reservation stays as estimated: Redis is away");
    }

    /// Runs until every [`Settler`] is gone.
    async fn renew_all(self, leases: Weak<Leases>) {
        let renew = script(include_str!("renew.lua"));
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            let Some(leases) = leases.upgrade() else {
                return;
            };
            let held: Vec<(String, Lease)> = {
                let held = leases.lock();
                let each = held.iter();
                each.map(|(id, lease)| (id.clone(), lease.clone()))
                    .collect()
            };
            drop(leases);
            for some in held.chunks(AT_ONCE) {
                join_all(some.iter().map(|each| self.renew(&renew, each))).await;
            }
        }
    }

    /// Where it fails, the next time is soon enough.
    async fn renew(&self, renew: &Script, (id, lease): &(String, Lease)) {
        let mut script = renew.key(&lease.mark);
        for place in &lease.places {
            script.key(place);
        }
        script.arg(self.time.now()).arg(id).arg(millis(LEASE));
        let _: Result<i64, Away> = self.link.run(&script).await;
    }
}
