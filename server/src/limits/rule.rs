//! What may be limited, and how a limit is called.

use std::fmt;
use std::time::Duration;

/// One limit that a request must pass, as the gateway finds it on a relay key, a policy, an end
/// user, the free tier or a credential.
///
/// Limits that are the same but for their capacity share one count, so a new capacity takes effect
/// at once and forgets nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Whose requests count.
    pub subject: Subject,
    /// What is counted, and over which time.
    pub measure: Measure,
    /// How much of it there may be: requests, tokens, nano-dollars, or requests at once. Nothing
    /// passes a capacity of zero. More than [`MAX_AMOUNT`](super::MAX_AMOUNT) is taken as that.
    pub capacity: u64,
}

/// Whose requests count, within one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Which one: a row's id, or an end user's label. Never shown, and only as a hash in Redis.
    pub id: String,
}

impl Subject {
    /// Names a subject.
    pub fn new(kind: SubjectKind, id: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
        }
    }
}

/// What can be limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// A relay key.
    RelayKey,
    /// All the relay keys of a policy together.
    Policy,
    /// An end user.
    EndUser,
    /// Every call of the free tier together.
    FreeTier,
    /// An end user's calls of the free tier.
    FreeUser,
    /// A provider key.
    Credential,
    /// Who tries to get in, by the address they come from.
    Address,
    /// Who is tried to get in as.
    Account,
}

impl SubjectKind {
    /// One word, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::RelayKey => "relay-key",
            Self::Policy => "policy",
            Self::EndUser => "end-user",
            Self::FreeTier => "free-tier",
            Self::FreeUser => "free-user",
            Self::Credential => "credential",
            Self::Address => "address",
            Self::Account => "account",
        }
    }

    fn phrase(self) -> &'static str {
        match self {
            Self::RelayKey => "this relay key",
            Self::Policy => "this relay key's policy",
            Self::EndUser => "this end user",
            Self::FreeTier => "the free tier",
            Self::FreeUser => "this end user's free tier",
            Self::Credential => "this provider key",
            Self::Address => "this address",
            Self::Account => "this account",
        }
    }
}

/// What is counted, and over which time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// So much in any one window.
    Rate {
        /// What is counted.
        metric: Metric,
        /// The window; at least a millisecond. Windows beyond a day are kept to the nearest
        /// milliseconds (a week's to 7 ms), so that the arithmetic is exact in Redis too.
        every: Duration,
        /// What a window is.
        algorithm: Algorithm,
    },
    /// So much in a calendar month, in UTC.
    Quota {
        /// What is counted.
        metric: Metric,
        /// What was used this month before the counting began.
        seed: Seed,
    },
    /// So many requests at once.
    Concurrency,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Requests.
    Requests,
    /// Tokens, in and out.
    Tokens,
    /// Money, in billionths of a dollar.
    NanoDollars,
}

impl Metric {
    fn word(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::NanoDollars => "dollars",
        }
    }
}

/// What a window is. Each is defined exactly where it is computed, in `gauge.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Algorithm {
    /// The capacity flows back evenly over the window: bursts up to the capacity, then a steady
    /// rate.
    #[default]
    TokenBucket,
    /// The last window up to now, by two fixed windows' counts, the earlier one's share of it
    /// weighted by overlap.
    SlidingWindow,
    /// Windows that lie end to end from the Unix epoch: minutes, hours and days of UTC.
    FixedWindow,
    /// Begins with the first request, lasts the window, and the next request after it begins
    /// another.
    SessionWindow,
}

impl Algorithm {
    fn word(self) -> &'static str {
        match self {
            Self::TokenBucket => "bucket",
            Self::SlidingWindow => "sliding",
            Self::FixedWindow => "fixed",
            Self::SessionWindow => "session",
        }
    }
}

/// What a quota's counter begins with where there is none yet: after a restart in process, or
/// after Redis lost it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// Not read yet: where there is no counter, nothing is reserved and
    /// [`NotReserved::Unseeded`](super::NotReserved::Unseeded) asks for it.
    Unread,
    /// What the database says was used this month. Ignored where there is a counter.
    Used(u64),
}

/// What a request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Requests, almost always one.
    pub requests: u64,
    /// Tokens, in and out.
    pub tokens: u64,
    /// Billionths of a dollar.
    pub nanos: u64,
}

impl Cost {
    /// What one request costs.
    pub fn of_request(tokens: u64, nanos: u64) -> Self {
        Self {
            requests: 1,
            tokens,
            nanos,
        }
    }

    pub(super) fn of(&self, metric: Metric) -> u64 {
        match metric {
            Metric::Requests => self.requests,
            Metric::Tokens => self.tokens,
            Metric::NanoDollars => self.nanos,
        }
    }
}

impl Rule {
    /// Which limit it is, for programs: `relay-key requests/minute`, `policy dollars/month`,
    /// `end-user concurrency`.
    pub fn word(&self) -> String {
        let subject = self.subject.kind.word();
        match &self.measure {
            Measure::Rate { metric, every, .. } => {
                format!("{subject} {}/{}", metric.word(), span(*every))
            }
            Measure::Quota { metric, .. } => format!("{subject} {}/month", metric.word()),
            Measure::Concurrency => format!("{subject} concurrency"),
        }
    }

    /// Which limit it is, for people: `requests per minute of this relay key`.
    pub fn phrase(&self) -> String {
        let subject = self.subject.kind.phrase();
        match &self.measure {
            Measure::Rate { metric, every, .. } => {
                format!("{} per {} of {subject}", metric.word(), span(*every))
            }
            Measure::Quota { metric, .. } => format!("{} per month of {subject}", metric.word()),
            Measure::Concurrency => format!("requests at once of {subject}"),
        }
    }

    /// Whether two limits share one count.
    pub(super) fn shares_count_with(&self, other: &Self) -> bool {
        self.subject == other.subject && self.measure.identity() == other.measure.identity()
    }
}

impl Measure {
    /// What is counted, if not requests at once.
    pub fn metric(&self) -> Option<Metric> {
        match self {
            Self::Rate { metric, .. } | Self::Quota { metric, .. } => Some(*metric),
            Self::Concurrency => None,
        }
    }

    /// Everything that tells one count of a subject's from another.
    pub(super) fn identity(&self) -> Identity {
        match self {
            Self::Rate {
                metric,
                every,
                algorithm,
            } => Identity::Rate(*metric, every.as_millis(), *algorithm),
            Self::Quota { metric, .. } => Identity::Quota(*metric),
            Self::Concurrency => Identity::Concurrency,
        }
    }
}

/// What tells one count of a subject's from another: not its capacity, and no seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Identity {
    Rate(Metric, u128, Algorithm),
    Quota(Metric),
    Concurrency,
}

impl fmt::Display for Identity {
    /// As in the names of Redis' keys: `requests:60000:bucket`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate(metric, millis, algorithm) => {
                write!(f, "{}:{millis}:{}", metric.word(), algorithm.word())
            }
            Self::Quota(metric) => write!(f, "{}:month", metric.word()),
            Self::Concurrency => f.write_str("concurrency"),
        }
    }
}

/// `minute`, `5 hours`, `90 seconds`.
fn span(every: Duration) -> String {
    const UNITS: [(u128, &str); 5] = [
        (86_400_000, "day"),
        (3_600_000, "hour"),
        (60_000, "minute"),
        (1_000, "second"),
        (1, "millisecond"),
    ];
    let millis = every.as_millis().max(1);
    let (size, name) = UNITS
        .into_iter()
        .find(|(size, _)| millis.is_multiple_of(*size))
        .unwrap_or((1, "millisecond"));
    match millis / size {
        1 => name.to_owned(),
        many => format!("{many} {name}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(measure: Measure) -> Rule {
        Rule {
            subject: Subject::new(SubjectKind::RelayKey, "k"),
            measure,
            capacity: 1,
        }
    }

    #[test]
    fn a_limit_says_which_it_is() {
        let rate = |seconds| {
            rule(Measure::Rate {
                metric: Metric::Requests,
                every: Duration::from_secs(seconds),
                algorithm: Algorithm::TokenBucket,
            })
        };
        assert_eq!(rate(60).word(), "relay-key requests/minute");
        assert_eq!(rate(60).phrase(), "requests per minute of this relay key");
        assert_eq!(rate(5 * 3_600).word(), "relay-key requests/5 hours");
        assert_eq!(
            rate(90).phrase(),
            "requests per 90 seconds of this relay key"
        );
        let quota = rule(Measure::Quota {
            metric: Metric::NanoDollars,
            seed: Seed::Unread,
        });
        assert_eq!(quota.word(), "relay-key dollars/month");
        let concurrency = rule(Measure::Concurrency);
        assert_eq!(concurrency.word(), "relay-key concurrency");
        assert_eq!(concurrency.phrase(), "requests at once of this relay key");
    }

    #[test]
    fn a_seed_and_a_capacity_do_not_make_another_count() {
        let quota = |seed, capacity| Rule {
            capacity,
            ..rule(Measure::Quota {
                metric: Metric::Tokens,
                seed,
            })
        };
        assert!(quota(Seed::Unread, 5).shares_count_with(&quota(Seed::Used(3), 6)));
        assert!(!quota(Seed::Unread, 5).shares_count_with(&rule(Measure::Concurrency)));
    }
}
