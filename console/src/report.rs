//! What Relay says of a stretch of time, as charts show it. Pure but for the words of the steps.

use std::sync::Arc;

use relay_api::{Grain, Latency, Percentiles, Usage, UsageBy, UsagePoint};

use crate::browser::{self, DateFormat};
use crate::chart::{COLOURS, Data, Series, Step, Unit};

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

    fn place(self, at: i64) -> Option<usize> {
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

/// What a value of usage is called.
pub(crate) fn name_of(point: &UsagePoint, by: Option<UsageBy>) -> String {
    match (by, point.value.as_str()) {
        _ if point.other => "All others".to_owned(),
        (None, _) => "All".to_owned(),
        (Some(UsageBy::Tier), "paid") => "Paid".to_owned(),
        (Some(UsageBy::Tier), "free") => "Free".to_owned(),
        (Some(UsageBy::Tier), _) => "Not said".to_owned(),
        (Some(UsageBy::Provider), id) => crate::provider::name(id),
        (_, id) => point.name.clone().unwrap_or_else(|| id.to_owned()),
    }
}

/// Input and output together.
pub(crate) const fn tokens(point: &UsagePoint) -> u64 {
    point.input_tokens.saturating_add(point.output_tokens)
}

/// Usage as stacked bars: the five greatest values of what it is told apart by, and all others together.
pub(crate) fn bars(
    usage: &Usage,
    frame: Frame,
    steps: &Arc<Vec<Step>>,
    measure: fn(&UsagePoint) -> u64,
    unit: Unit,
    instant: fn(&str) -> Option<i64>,
) -> Data {
    // In the server's order, whatever is measured: one value has one colour on all charts of a page.
    let mut greatest: Vec<&UsagePoint> = usage.values.iter().filter(|value| !value.other).collect();
    greatest.truncate(COLOURS);
    let mut sums: Vec<(String, Vec<u64>)> = greatest
        .iter()
        .map(|value| (name_of(value, usage.by), vec![0; frame.count]))
        .collect();
    let rest_name = if usage.by.is_none() {
        "All"
    } else {
        "All others"
    };
    let mut rest = vec![0_u64; frame.count];
    for point in &usage.points {
        let Some(place) = instant(&point.start).and_then(|at| frame.place(at)) else {
            continue;
        };
        let own = greatest
            .iter()
            .position(|value| !point.other && value.value == point.value);
        let bars = match own {
            Some(own) => &mut sums[own].1,
            None => &mut rest,
        };
        bars[place] = bars[place].saturating_add(measure(point));
    }
    if rest.iter().any(|bar| *bar > 0) || sums.is_empty() {
        sums.push((rest_name.to_owned(), rest));
    }
    let series = sums
        .into_iter()
        .map(|(name, bars)| Series {
            name,
            total: unit.text(bars.iter().sum()),
            values: bars.into_iter().map(Some).collect(),
        })
        .collect();
    Data {
        steps: Arc::clone(steps),
        series,
    }
}

/// A line's name, and what it reads.
type Line = (&'static str, fn(&Percentiles) -> u64);

/// Percentiles as lines.
pub(crate) fn lines(
    latency: &Latency,
    frame: Frame,
    steps: &Arc<Vec<Step>>,
    whole_answer: bool,
    instant: fn(&str) -> Option<i64>,
) -> Data {
    let measured = |point: &relay_api::LatencyPoint| {
        if whole_answer {
            point.duration
        } else {
            point.first_byte
        }
    };
    let of: [Line; 3] = [
        ("50 of 100", |percentiles| percentiles.p50),
        ("90 of 100", |percentiles| percentiles.p90),
        ("99 of 100", |percentiles| percentiles.p99),
    ];
    let series = of
        .into_iter()
        .map(|(name, read)| {
            let mut values = vec![None; frame.count];
            for point in &latency.points {
                let place = instant(&point.start).and_then(|at| frame.place(at));
                if let (Some(place), Some(percentiles)) = (place, measured(point)) {
                    values[place] = Some(read(&percentiles));
                }
            }
            let total = measured(&latency.total).map(|percentiles| read(&percentiles));
            Series {
                name: name.to_owned(),
                values,
                total: total.map(|ms| Unit::Millis.text(ms)).unwrap_or_default(),
            }
        })
        .collect();
    Data {
        steps: Arc::clone(steps),
        series,
    }
}

/// How much more or less than before: `+12 %`; nothing where there was nothing before.
pub(crate) fn change(now: u64, before: u64) -> Option<String> {
    if before == 0 {
        return None;
    }
    let (sign, apart) = if now >= before {
        ("+", now - before)
    } else {
        ("−", before - now)
    };
    let percent = u128::from(apart) * 100 / u128::from(before);
    Some(match percent {
        0 => "as before".to_owned(),
        1_000.. => "more than ten times".to_owned(),
        _ => format!("{sign}{percent} %"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hours as instants.
    fn hour(text: &str) -> Option<i64> {
        text.parse::<i64>().ok().map(|hour| hour * HOUR_MS)
    }

    fn point(start: &str, value: &str, requests: u64) -> UsagePoint {
        UsagePoint {
            start: start.to_owned(),
            value: value.to_owned(),
            requests,
            ..UsagePoint::default()
        }
    }

    fn drawn(usage: &Usage, frame: Frame) -> Vec<(String, Vec<u64>)> {
        let steps = Arc::new(vec![Step::default(); frame.count]);
        let data = bars(
            usage,
            frame,
            &steps,
            |point| point.requests,
            Unit::Count,
            hour,
        );
        let plain = |series: Series| (series.name, series.values.into_iter().flatten().collect());
        data.series.into_iter().map(plain).collect()
    }

    #[test]
    fn steps_are_summed_into_bars_and_small_values_into_one() {
        let values = ["a", "b", "c", "d", "e", "f", "g"];
        let usage = Usage {
            from: String::new(),
            to: String::new(),
            grain: Grain::Hour,
            by: Some(UsageBy::Model),
            total: UsagePoint::default(),
            values: values
                .iter()
                .zip([9, 8, 7, 6, 5, 4, 3])
                .map(|(value, n)| point("0", value, n))
                .collect(),
            points: vec![
                point("0", "a", 1),
                point("5", "a", 8),
                point("6", "b", 8),
                point("7", "f", 4),
                point("8", "g", 3),
                point("99", "a", 1),
            ],
        };
        let frame = Frame {
            from: 0,
            bar: 6 * HOUR_MS,
            count: 2,
            grain: Grain::Hour,
        };
        let drawn = drawn(&usage, frame);
        assert_eq!(drawn.len(), 6);
        assert_eq!(drawn[0], ("a".to_owned(), vec![9, 0]));
        assert_eq!(drawn[1], ("b".to_owned(), vec![0, 8]));
        assert_eq!(drawn[5], ("All others".to_owned(), vec![0, 7]));
    }

    #[test]
    fn what_is_not_told_apart_is_one_series() {
        let usage = Usage {
            from: String::new(),
            to: String::new(),
            grain: Grain::Hour,
            by: None,
            total: UsagePoint::default(),
            values: Vec::new(),
            points: vec![point("1", "", 3)],
        };
        let frame = Frame::between(0, 2 * HOUR_MS, Grain::Hour);
        assert_eq!(drawn(&usage, frame), [("All".to_owned(), vec![0, 3])]);
    }

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

    #[test]
    fn a_change_is_told_where_there_was_something() {
        assert_eq!(change(112, 100).as_deref(), Some("+12 %"));
        assert_eq!(change(50, 100).as_deref(), Some("−50 %"));
        assert_eq!(change(100, 100).as_deref(), Some("as before"));
        assert_eq!(change(5_000, 100).as_deref(), Some("more than ten times"));
        assert_eq!(change(5, 0), None);
    }
}
