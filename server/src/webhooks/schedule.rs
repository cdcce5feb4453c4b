//! When a delivery that failed is tried again. Pure: nothing here asks the time.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::clock::{DAY, EpochMs, millis};

/// The pauses after the first attempt, the second, ...: three days in all.
const PAUSES: [Duration; 10] = [
    Duration::from_secs(5),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];
/// Longer than this nobody is asked to wait.
const LONGEST: Duration = Duration::from_hours(24);
/// A webhook that has taken nothing for so long is switched off ...
const FAILING: EpochMs = 5 * DAY;
/// ... when a delivery has been tried so often, so that a rare event does not end it at its first try.
const TRIED: u32 = 5;

/// How long to wait after `tries` attempts, the last of which has just failed; none when that was the
/// last. The pause differs by a fifth, either way, from one delivery to the other, so that what failed
/// together is not tried together.
pub(super) fn pause(id: &str, tries: u32, retry_after: Option<Duration>) -> Option<EpochMs> {
    let at = usize::try_from(tries).ok()?.checked_sub(1)?;
    let pause = millis(*PAUSES.get(at)?);
    let mut hasher = DefaultHasher::new();
    (id, tries).hash(&mut hasher);
    let parts = EpochMs::try_from(hasher.finish() % 401).unwrap_or_default();
    let jittered = pause * (800 + parts) / 1000;
    let asked = retry_after.map_or(0, |asked| millis(asked.min(LONGEST)));
    Some(jittered.max(asked))
}

/// Whether a webhook that has failed since then is given up.
pub(super) fn is_given_up(failing_since: EpochMs, tries: u32, now: EpochMs) -> bool {
    tries >= TRIED && now - failing_since >= FAILING
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_differ_and_end() {
        let mut total = 0;
        for tries in 1..=10 {
            let usual = millis(PAUSES[tries as usize - 1]);
            let mut seen = std::collections::BTreeSet::new();
            for id in 0..200 {
                let pause = pause(&id.to_string(), tries, None).expect("not the last");
                assert!((usual * 4 / 5..=usual * 6 / 5).contains(&pause), "{pause}");
                seen.insert(pause);
            }
            assert!(seen.len() > 100, "they differ");
            total += usual;
        }
        assert!((3 * DAY..4 * DAY).contains(&total), "three days: {total}");
        assert_eq!(pause("a", 11, None), None);
        assert_eq!(pause("a", 0, None), None, "nothing was tried");
        assert_eq!(pause("a", 1, None), pause("a", 1, None), "no die is cast");
    }

    #[test]
    fn who_is_asked_to_wait_waits() {
        let day = Duration::from_hours(24);
        assert_eq!(pause("a", 1, Some(Duration::from_mins(2))), Some(120_000));
        assert_eq!(pause("a", 1, Some(day * 30)), Some(DAY), "a day at most");
        assert!(pause("a", 10, Some(Duration::from_secs(1))) > Some(DAY / 2));
    }

    #[test]
    fn five_days_and_five_tries_are_the_end() {
        assert!(!is_given_up(0, 5, FAILING - 1));
        assert!(!is_given_up(0, 4, 2 * FAILING));
        assert!(is_given_up(0, 5, FAILING));
    }
}
