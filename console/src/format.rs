//! How numbers, spans of time and lists read. Pure, so that every wording is tested.

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Beyond this a date says more than a count of days.
const FAR_MS: i64 = 30 * DAY_MS;

/// How long ago, or how far ahead, an instant is; nothing when a date says it better.
/// A server's clock a little ahead of the reader's counts as now.
pub(crate) fn relative(now_ms: i64, then_ms: i64) -> Option<String> {
    let ahead = then_ms.saturating_sub(now_ms);
    let span = ahead.saturating_abs();
    if span < 45 * SECOND_MS {
        return Some("just now".to_owned());
    }
    let (count, unit) = if span < 45 * MINUTE_MS {
        (rounded(span, MINUTE_MS), "min")
    } else if span < 22 * HOUR_MS {
        (rounded(span, HOUR_MS), "hour")
    } else if span <= FAR_MS {
        (rounded(span, DAY_MS), "day")
    } else {
        return None;
    };
    let plural = if count == 1 || unit == "min" { "" } else { "s" };
    Some(if ahead > 0 {
        format!("in {count} {unit}{plural}")
    } else {
        format!("{count} {unit}{plural} ago")
    })
}

fn rounded(span: i64, unit: i64) -> i64 {
    ((span + unit / 2) / unit).max(1)
}

/// `1204` → `1,204`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Milliseconds as people say them: `840 ms`, `1.24 s`, `12.4 s`, `2 min 5 s`.
pub(crate) fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..10_000 => {
            let hundredths = ms / 10;
            format!("{}.{:02} s", hundredths / 100, hundredths % 100)
        }
        10_000..60_000 => {
            let tenths = ms / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// The up to two letters that stand for a person.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    let letters: String = first.into_iter().chain(last).collect();
    if letters.is_empty() {
        "?".to_owned()
    } else {
        letters.to_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn ago(ms: i64) -> Option<String> {
        relative(NOW, NOW - ms)
    }

    #[test]
    fn the_past_reads_in_the_largest_fitting_unit() {
        assert_eq!(ago(0).as_deref(), Some("just now"));
        assert_eq!(ago(44 * SECOND_MS).as_deref(), Some("just now"));
        assert_eq!(ago(50 * SECOND_MS).as_deref(), Some("1 min ago"));
        assert_eq!(ago(5 * MINUTE_MS).as_deref(), Some("5 min ago"));
        assert_eq!(ago(50 * MINUTE_MS).as_deref(), Some("1 hour ago"));
        assert_eq!(ago(3 * HOUR_MS).as_deref(), Some("3 hours ago"));
        assert_eq!(ago(23 * HOUR_MS).as_deref(), Some("1 day ago"));
        assert_eq!(ago(29 * DAY_MS).as_deref(), Some("29 days ago"));
    }

    #[test]
    fn a_far_instant_is_left_to_a_date() {
        assert_eq!(ago(31 * DAY_MS), None);
        assert_eq!(ago(-400 * DAY_MS), None);
        assert_eq!(relative(i64::MIN, i64::MAX), None);
    }

    #[test]
    fn the_future_reads_ahead() {
        assert_eq!(ago(-7 * DAY_MS).as_deref(), Some("in 7 days"));
        assert_eq!(ago(-10 * MINUTE_MS).as_deref(), Some("in 10 min"));
    }

    #[test]
    fn a_clock_a_little_ahead_is_now() {
        assert_eq!(ago(-3 * SECOND_MS).as_deref(), Some("just now"));
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_204), "1,204");
        assert_eq!(thousands(12_345_678), "12,345,678");
    }

    #[test]
    fn durations_keep_about_three_figures() {
        assert_eq!(duration(0), "0 ms");
        assert_eq!(duration(840), "840 ms");
        assert_eq!(duration(1_249), "1.24 s");
        assert_eq!(duration(12_449), "12.4 s");
        assert_eq!(duration(125_000), "2 min 5 s");
    }

    #[test]
    fn a_person_is_known_by_first_and_last_initial() {
        assert_eq!(initials("ada lovelace"), "AL");
        assert_eq!(initials("Ada King Lovelace"), "AL");
        assert_eq!(initials("Ada"), "A");
        assert_eq!(initials("  "), "?");
    }
}
