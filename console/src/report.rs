//! What Relay says of a stretch of time, as charts show it. Pure but for the words of the steps.

mod frame;

use std::sync::Arc;

use relay_api::{Latency, Percentiles, Usage, UsageBy, UsagePoint};

pub(crate) use self::frame::{DAY_MS, Frame, HOUR_MS, Range};
use crate::chart::{COLOURS, Data, Series, Step, Unit};

/// What a value of usage is called.
pub(crate) fn name_of(point: &UsagePoint, by: Option<UsageBy>) -> String {
    match (by, point.value.as_str()) {
        _ if point.other => rest_of(by).to_owned(),
        (None, _) => "All".to_owned(),
        (Some(UsageBy::Tier), "paid") => "Paid".to_owned(),
        (Some(UsageBy::Tier), "free") => "Free".to_owned(),
        (Some(UsageBy::Tier), _) => "Not said".to_owned(),
        (Some(UsageBy::Provider), id) => crate::provider::name(id),
        (_, id) => point.name.clone().unwrap_or_else(|| id.to_owned()),
    }
}

/// What is not told apart is called.
const fn rest_of(by: Option<UsageBy>) -> &'static str {
    match by {
        None => "All",
        Some(UsageBy::Model) => "Others, or no model",
        Some(UsageBy::User) => "Others, or no user",
        Some(UsageBy::Provider) => "Others, or no provider",
        Some(UsageBy::Key | UsageBy::Tier) => "All others",
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
    let mut sums: Vec<Vec<u64>> = vec![vec![0; frame.count]; greatest.len()];
    let mut rest = vec![0_u64; frame.count];
    for point in &usage.points {
        let Some(place) = instant(&point.start).and_then(|at| frame.place(at)) else {
            continue;
        };
        let own = greatest
            .iter()
            .position(|value| !point.other && value.value == point.value);
        let bars = match own {
            Some(own) => &mut sums[own],
            None => &mut rest,
        };
        bars[place] = bars[place].saturating_add(measure(point));
    }
    let series = |name: String, bars: Vec<u64>, is_rest: bool| Series {
        name,
        total: unit.text(bars.iter().sum()),
        values: bars.into_iter().map(Some).collect(),
        is_rest,
    };
    let mut all: Vec<Series> = greatest
        .iter()
        .zip(sums)
        .map(|(value, bars)| series(name_of(value, usage.by), bars, false))
        .collect();
    if rest.iter().any(|bar| *bar > 0) || all.is_empty() {
        let name = rest_of(usage.by).to_owned();
        all.push(series(name, rest, usage.by.is_some()));
    }
    Data {
        steps: Arc::clone(steps),
        series: all,
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
                is_rest: false,
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
    use relay_api::Grain;

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
        assert_eq!(drawn[5], ("Others, or no model".to_owned(), vec![0, 7]));
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
    fn a_change_is_told_where_there_was_something() {
        assert_eq!(change(112, 100).as_deref(), Some("+12 %"));
        assert_eq!(change(50, 100).as_deref(), Some("−50 %"));
        assert_eq!(change(100, 100).as_deref(), Some("as before"));
        assert_eq!(change(5_000, 100).as_deref(), Some("more than ten times"));
        assert_eq!(change(5, 0), None);
    }
}
