//! Time as an argument: the whole server asks one [`Clock`], so tests decide what time it is.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::{Builder, Uuid};

/// Milliseconds since the Unix epoch, as every table stores them.
pub type EpochMs = i64;

/// An hour in milliseconds.
pub const HOUR: EpochMs = 60 * 60 * 1000;
/// A day in milliseconds.
pub const DAY: EpochMs = 24 * HOUR;

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

/// Makes the ids of requests: UUIDv7 of the very moment a request arrived, so that ids sort and
/// are found by it; within a millisecond they count up (RFC 9562 §6.2, method 1).
#[derive(Debug, Default)]
pub struct RequestIds(Mutex<(EpochMs, u32)>);

impl RequestIds {
    /// Of these 26 bits the first begins as 0, so that the rest can count up.
    const COUNTER: u32 = (1 << 26) - 1;

    /// The id of a request that arrived at `at`.
    #[expect(clippy::disallowed_methods, reason = "a place that makes ids")]
    pub fn next(&self, at: EpochMs) -> String {
        let mut random = *Uuid::new_v4().as_bytes();
        let seed = u32::from_be_bytes([random[12], random[13], random[14], random[15]]);
        let counter = {
            let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let follows = last.0 == at && last.1 < Self::COUNTER;
            *last = (
                at,
                if follows {
                    last.1 + 1
                } else {
                    seed & (Self::COUNTER >> 1)
                },
            );
            last.1
        };
        // 12 bits before the variant, 14 after it; the builder sets version and variant.
        let [_, _, high, low] = (counter >> 14).to_be_bytes();
        let [_, _, after, last] = (counter & 0x3fff).to_be_bytes();
        random[..4].copy_from_slice(&[high, low, after, last]);
        let at = at.max(0).cast_unsigned();
        let ten = random.first_chunk().expect("16 bytes hold ten");
        Builder::from_unix_timestamp_millis(at, ten)
            .into_uuid()
            .to_string()
    }
}

/// What every id of [`RequestIds`] sorts at or after that is made at `at` or later.
pub fn first_id_at(at: EpochMs) -> String {
    let at = at.clamp(0, (1 << 48) - 1);
    format!("{:08x}-{:04x}", at >> 16, at & 0xffff)
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
    fn ids_of_requests_sort_and_are_found_by_their_moment() {
        let ids = RequestIds::default();
        let moments = [5, 1_700_000_000_000, 1_700_000_000_000, 1_700_000_000_001];
        let made = moments.map(|at| (at, ids.next(at)));
        assert!(made.is_sorted_by(|one, next| one.1 < next.1), "{made:?}");
        for (at, id) in &made {
            let uuid: Uuid = id.parse().expect("an id");
            assert_eq!((uuid.get_version_num(), id.len()), (7, 36));
            assert!(*id >= first_id_at(*at) && *id < first_id_at(at + 1));
        }
        let many: Vec<_> = (0..10_000).map(|_| ids.next(7)).collect();
        assert!(many.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn a_manual_clock_moves_only_by_hand() {
        let clock = ManualClock::at(5);
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), 1_005);
    }
}
