//! Life spans as people write them: `90s`, `15m`, `24h`, `30d`, or a number of minutes.

use std::time::Duration;

use relay_api::ExpiresIn;

/// Reads `90s`, `15m`, `24h` or `30d`.
pub fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let seconds_each = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let number: u64 = text[..text.len() - 1].parse().ok()?;
    number.checked_mul(seconds_each).map(Duration::from_secs)
}

/// Reads either form.
pub fn of(expires_in: &ExpiresIn) -> Option<Duration> {
    match expires_in {
        ExpiresIn::Minutes(minutes) => Some(Duration::from_secs(u64::from(*minutes) * 60)),
        ExpiresIn::Text(text) => parse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_seconds_minutes_hours_and_days() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("2h", 7_200),
            (" 30d ", 2_592_000),
        ] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "m",
            "15",
            "1.5h",
            "-1m",
            "15 m",
            "99999999999999999999d",
            "1w",
            "5µ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(of(&ExpiresIn::Minutes(15)), parse("15m"));
    }
}
