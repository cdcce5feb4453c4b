//! Stretches of time, and the bars they are drawn as.

use std::sync::Arc;

use relay_api::Grain;

use crate::browser::{self, DateFormat};
use crate::chart::Step;

pub(crate) const HOUR_MS: i64 = 60 * 60 * 1_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// A stretch that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Range {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
}

impl Range {
    /// The words in addresses, and what people read.
    pub(crate) const CHOICES: [(&'static str, &'static str); 3] =
        [("24h", "24 h"), ("7d", "7 days"), ("30d", "30 days")];

    /// The range of a word; 24 hours for any other.
    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "7d" => Self::Week,
            "30d" => Self::Month,
            _ => Self::Day,
        }
    }

    /// Its word in addresses.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// Where it is, at this moment.
    pub(crate) fn frame(self, now_ms: i64) -> Frame {
        let (grain, bar, count) = match self {
            Self::Day => (Grain::Hour, HOUR_MS, 24),
            Self::Week => (Grain::Hour, 6 * HOUR_MS, 28),
            Self::Month => (Grain::Day, DAY_MS, 30),
        };
        let end = now_ms + bar - now_ms.rem_euclid(bar);
        Frame {
            from: end - bar * count,
            bar,
            count: usize::try_from(count).unwrap_or_default(),
            grain,
        }
    }
}

/// Bars side by side: where they begin, how long each is, and in which steps the server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// When the first bar begins.
    pub(crate) from: i64,
    /// How long each is.
    pub(crate) bar: i64,
    /// How many there are.
    pub(crate) count: usize,
    /// The server's steps, one or more to a bar.
    pub(crate) grain: Grain,
}

impl Frame {
    /// The bars between two instants.
    pub(crate) fn between(from: i64, to: i64, grain: Grain) -> Self {
        let bar = step_of(grain);
        let from = from - from.rem_euclid(bar);
        Self {
            from,
            bar,
            count: usize::try_from((to - from + bar - 1) / bar).unwrap_or_default(),
            grain,
        }
    }

    /// When the last one ends.
    pub(crate) fn to(self) -> i64 {
        self.from + self.bar * i64::try_from(self.count).unwrap_or_default()
    }

    /// The frame of the same length that ends where this one begins.
    pub(crate) fn before(self) -> Self {
        Self {
            from: self.from + self.from - self.to(),
            ..self
        }
    }

    /// The same stretch in the server's own steps: what cannot be summed is shown in these.
    pub(crate) fn fine(self) -> Self {
        Self::between(self.from, self.to(), self.grain)
    }

    /// As the server's routes are asked for it.
    pub(crate) fn query(self) -> String {
        format!(
            "from={}&to={}&grain={}",
            browser::iso(self.from),
            browser::iso(self.to()),
            if self.grain == Grain::Day {
                "day"
            } else {
                "hour"
            },
        )
    }

    /// The words of its bars. Days are the server's, in UTC; hours are the reader's.
    pub(crate) fn steps(self) -> Arc<Vec<Step>> {
        const DAY: [(&str, &str); 2] = [("month", "short"), ("day", "numeric")];
        const CLOCK: [(&str, &str); 2] = [("hour", "numeric"), ("minute", "2-digit")];
        let (short, full) = if self.grain == Grain::Day {
            let utc = [DAY[0], DAY[1], ("timeZone", "UTC")];
            (
                DateFormat::new(&utc),
                DateFormat::new(&[utc[0], utc[1], utc[2], ("weekday", "short")]),
            )
        } else {
            let long = DateFormat::new(&[DAY[0], DAY[1], ("weekday", "short"), CLOCK[0], CLOCK[1]]);
            let days = self.to() - self.from > 2 * DAY_MS;
            (DateFormat::new(if days { &DAY } else { &CLOCK }), long)
        };
        let steps = (0_i64..).take(self.count).map(|index| {
            let at = self.from + index * self.bar;
            Step {
                short: short.of(at),
                full: full.of(at),
            }
        });
        Arc::new(steps.collect())
    }

    pub(super) fn place(self, at: i64) -> Option<usize> {
        usize::try_from((at - self.from).div_euclid(self.bar))
            .ok()
            .filter(|place| *place < self.count)
    }
}

const fn step_of(grain: Grain) -> i64 {
    match grain {
        Grain::Hour => HOUR_MS,
        Grain::Day => DAY_MS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_with_the_bar_that_holds_now() {
        let now = 100 * DAY_MS + 5 * HOUR_MS + 1;
        for (word, bar, count) in [
            ("24h", HOUR_MS, 24),
            ("7d", 6 * HOUR_MS, 28),
            ("30d", DAY_MS, 30),
        ] {
            let range = Range::parse(word);
            let frame = range.frame(now);
            assert_eq!(range.word(), word);
            assert_eq!((frame.bar, frame.count), (bar, count));
            assert!(frame.to() > now && frame.to() - bar <= now);
            assert_eq!(frame.before().to(), frame.from);
            assert_eq!(frame.fine().to(), frame.to());
        }
    }
}
