//! Time as an argument: the whole server asks one [`Clock`], so tests decide what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

/// Milliseconds since the Unix epoch, as every table stores them.
pub type EpochMs = i64;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch.
    fn now(&self) -> EpochMs;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> EpochMs {
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        EpochMs::try_from(elapsed.as_millis()).unwrap_or(EpochMs::MAX)
    }
}

/// A clock that a test moves by hand.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at `now` until it is moved.
    pub fn at(now: EpochMs) -> Self {
        Self(Arc::new(AtomicI64::new(now)))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(millis(by), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> EpochMs {
        self.0.load(Ordering::SeqCst)
    }
}

/// A duration in whole milliseconds.
pub fn millis(duration: Duration) -> EpochMs {
    EpochMs::try_from(duration.as_millis()).unwrap_or(EpochMs::MAX)
}

/// An instant as the API writes it: RFC 3339, UTC, milliseconds.
pub fn rfc3339(at: EpochMs) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| format!("{at:.3}"))
}

/// The first instant (UTC) of the calendar month that holds `at`.
pub fn month_of(at: EpochMs) -> EpochMs {
    Timestamp::from_millisecond(at).map_or(0, |instant| {
        let day = instant.to_zoned(TimeZone::UTC).date().first_of_month();
        day.to_zoned(TimeZone::UTC)
            .map_or(0, |first| first.timestamp().as_millisecond())
    })
}

/// A new id: UUIDv7, hyphenated, so that ids sort by the time they were made.
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_with_milliseconds_in_utc() {
        assert_eq!(rfc3339(1_700_000_000_000), "2023-11-14T22:13:20.000Z");
        assert_eq!(rfc3339(1_700_000_000_007), "2023-11-14T22:13:20.007Z");
    }

    #[test]
    fn a_month_begins_at_its_first_midnight_in_utc() {
        // 2023-11-14T22:13:20Z, 2023-11-01T00:00:00Z
        assert_eq!(month_of(1_700_000_000_000), 1_698_796_800_000);
        assert_eq!(month_of(1_698_796_800_000), 1_698_796_800_000);
        assert_eq!(month_of(1_698_796_799_999), 1_696_118_400_000);
    }

    #[test]
    fn a_manual_clock_moves_only_by_hand() {
        let clock = ManualClock::at(5);
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), 1_005);
    }
}
