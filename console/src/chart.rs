//! Charts, drawn as SVG by our own code. [`scale`] finds round ticks and [`plot`] turns numbers into
//! paths, both pure; [`view`] shows them, reads them out under the pointer and the arrow keys, and has
//! every number in a table for whoever does not see them.

mod plot;
mod scale;
mod view;

use std::sync::Arc;

pub(crate) use view::Chart;

use crate::format;

/// So many series have a colour of their own; what is beyond is for the caller to sum.
pub(crate) const COLOURS: usize = 5;

/// What a chart counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Plain numbers.
    Count,
    /// Billionths of a US dollar.
    Money,
    /// Milliseconds.
    Millis,
}

impl Unit {
    /// A number of it, as a reader wants it beside others.
    pub(crate) fn text(self, value: u64) -> String {
        match self {
            Self::Count => format::thousands(value),
            Self::Money => format::money(value),
            Self::Millis => format::duration(value),
        }
    }

    /// One of it, as people count.
    const fn one(self) -> u64 {
        match self {
            Self::Money => 1_000_000_000,
            Self::Count | Self::Millis => 1,
        }
    }

    /// A round number of it, at an axis.
    pub(crate) fn tick(self, value: u64) -> String {
        match self {
            Self::Count => format::compact(value),
            Self::Money => format::round_money(value),
            Self::Millis => format::round_duration(value),
        }
    }
}

/// How numbers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Bars, one series upon the other.
    Bars,
    /// A line a series, told apart by dashes too.
    Lines,
}

/// One series: a number a step, where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Series {
    /// Its name in the legend.
    pub(crate) name: String,
    /// Its numbers, as many as there are steps.
    pub(crate) values: Vec<Option<u64>>,
    /// What the legend says of the whole stretch.
    pub(crate) total: String,
    /// Whether it is the rest, which has no colour.
    pub(crate) is_rest: bool,
}

/// The steps of time along the bottom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Step {
    /// In few characters, for the axis.
    pub(crate) short: String,
    /// As the readout says it.
    pub(crate) full: String,
}

/// What a chart shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Data {
    /// The steps, shared by the charts of a page.
    pub(crate) steps: Arc<Vec<Step>>,
    /// The series, the lowest first.
    pub(crate) series: Vec<Series>,
}

impl Data {
    /// Whether there is nothing to draw.
    fn is_blank(&self) -> bool {
        let drawn = |value: &Option<u64>| value.is_some_and(|value| value > 0);
        !self
            .series
            .iter()
            .any(|series| series.values.iter().any(drawn))
    }

    /// The highest point: of the stacks, or of the lines.
    fn highest(&self, shape: Shape) -> u64 {
        let at = |step: usize| {
            let values = self
                .series
                .iter()
                .filter_map(move |series| series.values.get(step).copied().flatten());
            match shape {
                Shape::Bars => values.sum(),
                Shape::Lines => values.max().unwrap_or_default(),
            }
        };
        (0..self.steps.len()).map(at).max().unwrap_or_default()
    }
}
