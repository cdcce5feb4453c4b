//! Limits and quotas: how much a relay key, a policy, an end user, the free tier or a credential
//! may use.
//!
//! A request passes all its [`Rule`]s or none. [`Limits::reserve`] takes the request's estimated
//! cost from every one of them at once; the [`Reservation`] is settled by the real cost, or gives
//! back what a failed call did not use. How each kind of limit counts is defined in `gauge.rs`. The
//! counts are kept in this process (`memory.rs`), or in Redis for all replicas together (`redis/`).

mod gauge;
mod memory;
mod outcome;
mod plan;
mod redis;
mod reservation;
mod rule;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

pub use gauge::MAX_AMOUNT;
pub use outcome::{NotReserved, Refused, Standing};
pub use reservation::Reservation;
pub use rule::{Algorithm, Cost, Measure, Metric, Rule, Seed, Subject, SubjectKind};

use secrecy::SecretString;

use crate::clock::Clock;
use crate::config::Config;
use memory::Memory;
use redis::{Away, Redis, Time};

/// What becomes of calls while Redis is away: `RELAY_LIMITS_WITHOUT_REDIS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WithoutRedis {
    /// They are counted in each process by itself, which admits up to the capacity in each.
    #[default]
    FailOpen,
    /// Those that have a limit are refused.
    FailClosed,
}

/// `RELAY_REDIS_URL` is no Redis URL. Its text is withheld: it may hold a password.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "RELAY_REDIS_URL is not redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// with TLS"
)]
pub struct RedisUrlError;

/// Counts what requests use, and refuses those beyond a limit.
#[derive(Clone)]
pub struct Limits {
    clock: Arc<dyn Clock>,
    memory: Arc<Memory>,
    redis: Option<(Arc<Redis>, WithoutRedis)>,
}

impl Limits {
    /// Limits as the operator wants them: in Redis, if the configuration names one. To be called
    /// within a Tokio runtime.
    pub fn of(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, RedisUrlError> {
        match &config.redis_url {
            Some(url) => Self::in_redis(url, config.limits_without_redis, clock),
            None => Ok(Self::in_process(clock)),
        }
    }

    /// Limits that hold for this process, and begin anew with it; quotas by their
    /// [seeds](Seed).
    pub fn in_process(clock: Arc<dyn Clock>) -> Self {
        Self {
            memory: Arc::new(Memory::new(Arc::clone(&clock))),
            clock,
            redis: None,
        }
    }

    /// Limits that hold for all processes that count in the same Redis or Valkey, by its clock.
    /// It is connected to at the first call. To be called within a Tokio runtime.
    pub fn in_redis(
        url: &SecretString,
        without: WithoutRedis,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RedisUrlError> {
        let redis = Redis::new(url, Time::Redis, redis::PATIENCE).ok_or(RedisUrlError)?;
        Ok(Self::counted_by(redis, without, clock))
    }

    fn counted_by(redis: Redis, without: WithoutRedis, clock: Arc<dyn Clock>) -> Self {
        Self {
            redis: Some((Arc::new(redis), without)),
            ..Self::in_process(clock)
        }
    }

    /// Takes a request's estimated cost from all its limits, or from none.
    ///
    /// A rate or a concurrency limit admits what there is room for; an estimate beyond the whole
    /// capacity is taken as the capacity, so that such a request passes when nothing else is used.
    /// A monthly quota admits a request while less than all of it is used or reserved: at its edge
    /// it is overspent by at most the estimates in flight, and what they were short of. Every limit
    /// refuses once it is used up, also what costs nothing: leave out the rules that a call is
    /// free of.
    ///
    /// Of rules that share a count (the same subject and measure) the lowest capacity holds.
    ///
    /// # Errors
    ///
    /// Nothing is taken then, though a seed is kept. [`NotReserved`] says whether a limit refused, a quota has to be
    /// seeded first, or Redis is away and the operator wants no calls without it.
    pub async fn reserve(
        &self,
        tenant_id: &str,
        rules: &[Rule],
        estimate: Cost,
    ) -> Result<Reservation, NotReserved> {
        if rules.is_empty() {
            return Ok(Reservation::of_nothing());
        }
        let plans = plan::plans(rules, &estimate, self.clock.now());
        let Some((redis, without)) = &self.redis else {
            return self.memory.reserve(tenant_id, &plans);
        };
        match (redis.reserve(tenant_id, &plans).await, without) {
            (Ok(reserved), _) => reserved,
            (Err(Away), WithoutRedis::FailOpen) => self.memory.reserve(tenant_id, &plans),
            (Err(Away), WithoutRedis::FailClosed) => Err(NotReserved::Unavailable),
        }
    }

    /// Waits until everything that was settled so far is counted in Redis, or could not be: before
    /// the process ends. In process it always is.
    pub async fn flush(&self) {
        if let Some((redis, _)) = &self.redis {
            redis.flush().await;
        }
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let without = self.redis.as_ref().map(|(_, without)| without);
        f.debug_struct("Limits")
            .field("without_redis", &without)
            .finish_non_exhaustive()
    }
}
