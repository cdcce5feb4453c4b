//! What becomes of a request at its limits.

use std::time::Duration;

/// Why nothing was reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReserved {
    /// A limit refuses the request: 429.
    Refused(Refused),
    /// These rules, by their place in the list, are quotas that nothing was counted of yet: give
    /// them [`Seed::Used`](super::Seed::Used) from the database and reserve again.
    Unseeded(Vec<usize>),
    /// Redis is away, and `RELAY_LIMITS_WITHOUT_REDIS` is `fail_closed`: 503.
    Unavailable,
}

/// The limit that refuses a request; of several, the one that will refuse longest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The rule's place in the list.
    pub rule: usize,
    /// Which limit it is, for programs: `relay-key requests/minute`.
    pub word: String,
    /// Which limit it is, for people: `requests per minute of this relay key`.
    pub phrase: String,
    /// Its capacity, in its metric's unit.
    pub limit: u64,
    /// What is left of it; not enough for the request.
    pub remaining: u64,
    /// When all of it will be there again, if nothing else is used. Of a concurrency limit nobody
    /// knows; it says what `retry_after` says.
    pub reset_after: Duration,
    /// When the same request will be admitted, if nothing else is used: exact but for
    /// concurrency, whose second is a guess.
    pub retry_after: Duration,
}

/// How a limit stands after a reservation, as `x-ratelimit-*` headers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The rule's place in the list.
    pub rule: usize,
    /// Its capacity: `x-ratelimit-limit`.
    pub limit: u64,
    /// What is left of it: `x-ratelimit-remaining`.
    pub remaining: u64,
    /// When all of it will be there again, if nothing else is used: `x-ratelimit-reset`.
    pub reset_after: Duration,
}
