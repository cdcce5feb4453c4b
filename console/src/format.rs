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

/// `1204` → `1,204`; from ten thousand on in three figures: `12.3K`, `4.56M`.
pub(crate) fn compact(number: u64) -> String {
    let (unit, word) = match number {
        0..10_000 => return thousands(number),
        10_000..1_000_000 => (1_000, "K"),
        1_000_000..1_000_000_000 => (1_000_000, "M"),
        _ => (1_000_000_000, "B"),
    };
    let whole = number / unit;
    let digits = match whole {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    format!("{}{word}", fraction(number, unit, digits))
}

/// Billionths of a dollar: `$1,204.50`; below a cent as many places as say something.
pub(crate) fn money(nanodollars: u64) -> String {
    const DOLLAR: u64 = 1_000_000_000;
    match nanodollars {
        0 => "$0".to_owned(),
        1..1_000 => "<$0.000001".to_owned(),
        1_000..10_000_000 => format!("${}", fraction(nanodollars, DOLLAR, 6)),
        _ => {
            let cents = (nanodollars + 5_000_000) / 10_000_000;
            format!("${}.{:02}", thousands(cents / 100), cents % 100)
        }
    }
}

/// A round sum at an axis: `$2`, `$0.5`, `$20K`.
pub(crate) fn round_money(nanodollars: u64) -> String {
    const DOLLAR: u64 = 1_000_000_000;
    if nanodollars >= DOLLAR {
        format!("${}", compact(nanodollars / DOLLAR))
    } else {
        format!("${}", fraction(nanodollars, DOLLAR, 9))
    }
}

/// Billionths of a dollar with every place they have, and cents: `$3.00`, `$0.075`.
pub(crate) fn exact_money(nanodollars: u64) -> String {
    let exact = fraction(nanodollars, 1_000_000_000, 9);
    match exact.split_once('.') {
        None if nanodollars > 0 => format!("${exact}.00"),
        Some((_, cents)) if cents.len() == 1 => format!("${exact}0"),
        _ => format!("${exact}"),
    }
}

/// A round span at an axis: `500 ms`, `2 s`, `5 min`.
pub(crate) fn round_duration(ms: u64) -> String {
    match ms {
        0 => "0".to_owned(),
        1..1_000 => format!("{ms} ms"),
        1_000..300_000 => format!("{} s", fraction(ms, 1_000, 1)),
        _ => format!("{} min", fraction(ms, 60_000, 1)),
    }
}

/// How much of a whole, with one place: `0.4 %`.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    match u128::from(part) * 1_000 / u128::from(whole) {
        0 if part > 0 => "<0.1 %".to_owned(),
        thousandths if thousandths % 10 == 0 => format!("{} %", thousandths / 10),
        thousandths => format!("{}.{} %", thousandths / 10, thousandths % 10),
    }
}

/// `number / unit` with at most so many places, without zeros at the end. In whole numbers: the
/// formatting of floating point would be a tenth of what the browser downloads.
fn fraction(number: u64, unit: u64, places: u32) -> String {
    let scale = 10_u64.pow(places);
    let scaled = u128::from(number) * u128::from(scale) / u128::from(unit);
    let scaled = u64::try_from(scaled).unwrap_or(u64::MAX);
    let (whole, rest) = (scaled / scale, scaled % scale);
    if rest == 0 {
        return thousands(whole);
    }
    let rest = format!("{rest:0width$}", width = places as usize);
    format!("{}.{}", thousands(whole), rest.trim_end_matches('0'))
}

/// The text as it begins a sentence.
pub(crate) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// A number with at most nine places, as people type sums: `$1,250.5`. Nothing for anything else.
/// Without the standard library's reading of floating point and its tables, which browsers would download.
#[allow(
    clippy::cast_precision_loss,
    reason = "sums and prices stay far below 2^53 billionths of a million"
)]
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let text = text.trim().trim_start_matches('$').replace(',', "");
    let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && places.is_empty()
        || places.len() > 9
        || !digits(whole)
        || !digits(places)
    {
        return None;
    }
    let read = |text: &str| {
        if text.is_empty() {
            Some(0)
        } else {
            text.parse::<u64>().ok()
        }
    };
    let scale = 10_u64.pow(u32::try_from(places.len()).ok()?);
    Some(read(whole)? as f64 + read(places)? as f64 / scale as f64)
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
    fn great_numbers_keep_three_figures() {
        for (number, text) in [
            (0, "0"),
            (9_999, "9,999"),
            (12_345, "12.3K"),
            (456_789, "456K"),
            (4_567_890, "4.56M"),
            (2_000_000_000, "2B"),
        ] {
            assert_eq!(compact(number), text);
        }
    }

    #[test]
    fn money_says_what_it_can_and_never_too_much() {
        for (nanos, text) in [
            (0, "$0"),
            (999, "<$0.000001"),
            (1_500, "$0.000001"),
            (1_230_000, "$0.00123"),
            (14_000_000, "$0.01"),
            (1_204_500_000_000, "$1,204.50"),
        ] {
            assert_eq!(money(nanos), text);
        }
        assert_eq!(round_money(2_000_000_000), "$2");
        assert_eq!(round_money(50_000), "$0.00005");
        assert_eq!(round_money(20_000_000_000_000), "$20K");
    }

    #[test]
    fn round_spans_and_parts() {
        assert_eq!(round_duration(500), "500 ms");
        assert_eq!(round_duration(2_000), "2 s");
        assert_eq!(round_duration(600_000), "10 min");
        assert_eq!(percent(1, 3), "33.3 %");
        assert_eq!(percent(1, 10_000), "<0.1 %");
        assert_eq!(percent(0, 5), "0 %");
        assert_eq!(percent(0, 0), "–");
    }

    #[test]
    fn a_sentence_begins_with_a_capital() {
        assert_eq!(capitalized("ended sessions"), "Ended sessions");
        assert_eq!(capitalized(""), "");
    }

    #[test]
    fn sums_are_read_as_people_type_them() {
        let near =
            |text: &str, wanted: f64| decimal(text).is_some_and(|sum| (sum - wanted).abs() < 1e-9);
        assert!(
            near("$1,250.5", 1_250.5) && near("0.075", 0.075) && near(".5", 0.5) && near("3", 3.0)
        );
        for none in ["", ".", "-1", "1e9", "much", "1.2.3", "0.1234567891"] {
            assert_eq!(decimal(none), None, "{none}");
        }
    }

    #[test]
    fn a_person_is_known_by_first_and_last_initial() {
        assert_eq!(initials("ada lovelace"), "AL");
        assert_eq!(initials("Ada King Lovelace"), "AL");
        assert_eq!(initials("Ada"), "A");
        assert_eq!(initials("  "), "?");
    }
}
