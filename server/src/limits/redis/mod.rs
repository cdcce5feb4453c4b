//! Counts kept in Redis or Valkey, for all replicas together.
//!
//! One script decides on all the limits of a request at once and takes from all or none: one round
//! trip. Its sums are those of `gauge.rs`, and it answers the states it found, by which the same
//! Rust code as in process says what is left and when. It goes by Redis' own clock, on which all
//! replicas agree. Settling is a message to a task of this process (`settle.rs`): no call waits for
//! it, and it is done once however often it has to be tried.
//!
//! A reservation's place among those at once is a lease that this process renews while the request
//! lasts: what a killed process held is free within [`LEASE`]. What it had reserved of tokens and
//! money stays counted as if used.
//!
//! A tenant's keys share a hash tag, so that a cluster keeps them together. They tell a subject's
//! kind and what is counted, and its id as a hash: no end user's label is in Redis.

mod link;
mod settle;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use redis::{Script, ScriptInvocation};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::gauge::{Gauge, Kind, State, seed_of};
use super::outcome::{NotReserved, Standing};
use super::plan::{Plan, judge};
use super::reservation::{self, Outcome, Part, Reservation};
use super::rule::Rule;
use crate::clock::{Clock, EpochMs, millis, new_id};
pub(super) use link::Away;
use link::Link;
use settle::{Ended, Settler};

/// How long an answer may take: a call does not wait longer for its limits.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);
/// How long a place among those at once is held without being renewed.
const LEASE: Duration = Duration::from_mins(1);
/// How long a reservation can be settled after it was made.
const HELD: Duration = Duration::from_hours(24);

/// Whose clock counts.
#[derive(Clone)]
pub(super) enum Time {
    /// Redis' own.
    Redis,
    /// A test's.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests decide what time it is"))]
    Given(Arc<dyn Clock>),
}

impl Time {
    /// As the scripts take it: 0 is Redis' own.
    fn now(&self) -> EpochMs {
        match self {
            Self::Redis => 0,
            Self::Given(clock) => clock.now(),
        }
    }
}

/// Counts in Redis.
pub(super) struct Redis {
    link: Arc<Link>,
    time: Time,
    reserve: Script,
    settler: Settler,
}

/// A count's key, and the place of its rule in the reservation, from 1.
#[derive(Debug, Clone)]
pub(super) struct Key {
    name: String,
    place: usize,
}

/// What a reservation holds. However it is dropped, also before it is known whether anything was
/// taken, it is settled: where nothing was, that does nothing.
pub(super) struct Hold {
    settler: Settler,
    tenant: String,
    id: String,
    parts: Vec<Part<Key>>,
}

impl Redis {
    /// Counts in the Redis at `url`, which need not answer yet, but within `patience` when it is
    /// asked. None if it is no Redis URL. To be called within a runtime.
    pub(super) fn new(url: &SecretString, time: Time, patience: Duration) -> Option<Self> {
        let link = Link::to(url, patience)?;
        Some(Self {
            reserve: script(include_str!("reserve.lua")),
            settler: Settler::start(Arc::clone(&link), time.clone()),
            link,
            time,
        })
    }

    /// Asks Redis; the outer error says that it is away.
    pub(super) async fn reserve(
        &self,
        tenant_id: &str,
        plans: &[Plan<'_>],
    ) -> Result<Result<Reservation, NotReserved>, Away> {
        let id = new_id();
        let keys = || plans.iter().map(|plan| key_of(tenant_id, plan.rule));
        let parts = keys().zip(plans).enumerate().filter_map(|(index, each)| {
            let key = Key {
                name: each.0,
                place: index + 1,
            };
            // The script keeps where each window began.
            Part::of(each.1, key, 0)
        });
        let mut hold = Hold {
            settler: self.settler.clone(),
            tenant: tenant_id.to_owned(),
            parts: parts.collect(),
            id,
        };
        let mut script = self.reserve.prepare_invoke();
        for key in keys() {
            script.key(key);
        }
        if !hold.parts.is_empty() {
            script.key(hold.mark());
        }
        script.arg(self.time.now()).arg(&hold.id);
        script.arg(millis(LEASE)).arg(millis(HELD));
        script.arg(plans.len());
        for plan in plans {
            gauge(&mut script, &plan.gauge);
            script.arg(plan.asked.need).arg(plan.asked.take);
            script.arg(seed_of(plan.rule).map_or(-1, u64::cast_signed));
        }
        // Without an answer it may have been taken all the same. Then it is given back.
        let answer: Vec<i64> = self.link.run(&script).await?;
        match read(plans, &answer) {
            Some(Ok(standing)) => {
                self.settler.keep(&hold);
                let hold = (!hold.parts.is_empty()).then(|| reservation::Hold::Redis(hold));
                Ok(Ok(Reservation::new(hold, standing)))
            }
            Some(Err(refused)) => {
                hold.parts.clear();
                Ok(Err(refused))
            }
            None => {
                tracing::error!("Redis and Relay disagree about a limit");
                Err(Away)
            }
        }
    }

    /// Waits until everything that was settled so far is counted, or could not be.
    pub(super) async fn flush(&self) {
        self.settler.flush().await;
    }
}

/// Reads what `reserve.lua` answers; none if it is no such answer, or one that we would not give.
fn read(plans: &[Plan<'_>], answer: &[i64]) -> Option<Result<Option<Standing>, NotReserved>> {
    let [now, status, counts @ ..] = answer else {
        return None;
    };
    let (counts, rest) = counts.as_chunks::<3>();
    if counts.len() != plans.len() || !rest.is_empty() {
        return None;
    }
    if *status == 2 {
        let unseeded = plans.iter().zip(counts).filter(|(_, count)| count[1] < 0);
        let unseeded = unseeded.map(|(plan, _)| plan.index).collect();
        return Some(Err(NotReserved::Unseeded(unseeded)));
    }
    let amount = |amount: i64| u64::try_from(amount).unwrap_or_default();
    let states: Vec<State> = counts
        .iter()
        .map(|[start, used, extra]| State {
            start: *start,
            used: amount(*used),
            extra: amount(*extra),
        })
        .collect();
    let judged = judge(plans, &states, *now);
    (judged.is_ok() == (*status == 1)).then_some(judged)
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.settle(Outcome::Nothing);
    }
}

impl Hold {
    pub(super) fn end(mut self, outcome: Outcome) {
        self.settle(outcome);
    }

    fn settle(&mut self, outcome: Outcome) {
        let parts = std::mem::take(&mut self.parts);
        if !parts.is_empty() {
            let hold = Ended {
                mark: self.mark(),
                id: std::mem::take(&mut self.id),
                parts,
            };
            self.settler.settle(hold, outcome);
        }
    }

    /// The key that says that the reservation is held.
    fn mark(&self) -> String {
        format!("relay:held:{{{}}}:{}", self.tenant, self.id)
    }

    /// The keys that it holds a place among those at once of.
    fn places(&self) -> Vec<String> {
        let places = self.parts.iter();
        places
            .filter(|part| part.gauge.kind == Kind::Concurrency)
            .map(|part| part.key.name.clone())
            .collect()
    }
}

/// A script of ours, with the sums that all of them need.
fn script(code: &str) -> Script {
    Script::new(&format!("{}\n{code}", include_str!("gauge.lua")))
}

/// A gauge as the scripts take it: seven numbers.
fn gauge(script: &mut ScriptInvocation<'_>, gauge: &Gauge) {
    let kind = match gauge.kind {
        Kind::Bucket => 1,
        Kind::Sliding => 2,
        Kind::Fixed => 3,
        Kind::Session => 4,
        Kind::Month => 5,
        Kind::Concurrency => 6,
    };
    script.arg(kind).arg(gauge.scale).arg(gauge.window);
    script.arg(gauge.capacity);
    for month in gauge.months {
        script.arg(month);
    }
}

/// `relay:limit:{TENANT}:relay-key:HASH:requests:60000:bucket`.
fn key_of(tenant_id: &str, rule: &Rule) -> String {
    const SHOWN_BYTES: usize = 16;
    let mut hash = Sha256::new();
    // Lengths keep two pairs from running together to the same text.
    for text in [tenant_id, &rule.subject.id] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let kind = rule.subject.kind.word();
    let mut key = format!("relay:limit:{{{tenant_id}}}:{kind}:");
    for byte in hash.finalize().iter().take(SHOWN_BYTES) {
        // Writing to a String does not fail.
        let _ = write!(key, "{byte:02x}");
    }
    let _ = write!(key, ":{}", rule.measure.identity());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{Measure, Metric, Seed, Subject, SubjectKind};

    #[test]
    fn a_key_names_no_end_user() {
        let rule = |id: &str| Rule {
            subject: Subject::new(SubjectKind::EndUser, id),
            measure: Measure::Quota {
                metric: Metric::Tokens,
                seed: Seed::Unread,
            },
            capacity: 1,
        };
        let key = key_of("t-1", &rule("alice@example.com"));
        assert!(!key.contains("alice") && key.starts_with("relay:limit:{t-1}:end-user:"));
        assert!(key.ends_with(":tokens:month"));
        assert_ne!(key, key_of("t-1", &rule("bob@example.com")));
        let hash = |key: &str| key.split(':').nth(4).map(str::to_owned);
        let elsewhere = key_of("t-2", &rule("alice@example.com"));
        assert_ne!(
            hash(&key),
            hash(&elsewhere),
            "nor whether two tenants share one"
        );
    }
}
