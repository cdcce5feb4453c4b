//! Numbers into the paths of an SVG, in whole pixels. Pure.

use std::fmt::Write as _;

use super::scale::Scale;
use super::{Data, Shape};

/// Room above the plot, for half of the highest tick's text.
const ABOVE: u32 = 8;
/// Room below it, for the steps' labels.
const BELOW: u32 = 22;
/// A character of a tick's label, about.
const CHARACTER: u32 = 7;
/// How far a number between two gaps is drawn to either side, so that it is seen.
const LONE: u32 = 4;
/// A step's label, with some air.
const LABEL: u32 = 84;

/// Where things are in a chart of some size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plot {
    /// The left edge of the plot: what is before it is the ticks'.
    pub(super) left: u32,
    /// The right edge.
    pub(super) right: u32,
    /// The line that stands for zero.
    pub(super) bottom: u32,
    /// The scale.
    pub(super) scale: Scale,
    steps: u32,
}

impl Plot {
    /// The plot of `data` in a box of this size, for ticks of at most so many characters. Where there
    /// is nothing, its scale goes to `one`.
    pub(super) fn new(
        data: &Data,
        shape: Shape,
        width: u32,
        height: u32,
        tick: fn(u64) -> usize,
        one: u64,
    ) -> Self {
        let scale = Scale::of(match data.highest(shape) {
            0 => one,
            highest => highest,
        });
        let widest = scale.ticks().map(tick).max().unwrap_or_default();
        let left = u32::try_from(widest).unwrap_or_default() * CHARACTER + 10;
        Self {
            left,
            right: width.max(left + 1),
            bottom: height.saturating_sub(BELOW).max(ABOVE + 1),
            scale,
            steps: u32::try_from(data.steps.len()).unwrap_or(u32::MAX).max(1),
        }
    }

    /// Where a number is, from the top.
    pub(super) fn y(&self, value: u64) -> u32 {
        self.bottom - self.scale.height(value, self.bottom - ABOVE)
    }

    /// Where a step begins; the step after the last begins at the right edge.
    pub(super) fn x(&self, step: usize) -> u32 {
        let step = u32::try_from(step).unwrap_or(u32::MAX).min(self.steps);
        self.left + (self.right - self.left) * step / self.steps
    }

    /// The middle of a step.
    pub(super) fn middle(&self, step: usize) -> u32 {
        u32::midpoint(self.x(step), self.x(step + 1))
    }

    /// The step at a place from the left.
    pub(super) fn step_at(&self, x: i32) -> usize {
        let within = u32::try_from(x)
            .unwrap_or_default()
            .clamp(self.left, self.right - 1)
            - self.left;
        (within * self.steps / (self.right - self.left)) as usize
    }

    /// How many steps' labels fit.
    pub(super) fn labels(&self) -> usize {
        ((self.right - self.left) / LABEL) as usize
    }

    /// One path a series.
    pub(super) fn paths(&self, data: &Data, shape: Shape) -> Vec<String> {
        match shape {
            Shape::Bars => self.bars(data),
            Shape::Lines => data
                .series
                .iter()
                .map(|series| self.line(&series.values))
                .collect(),
        }
    }

    fn bars(&self, data: &Data) -> Vec<String> {
        let mut below = vec![0_u64; data.steps.len()];
        let mut path_of = |values: &[Option<u64>]| {
            let mut path = String::new();
            for (step, (value, below)) in values.iter().zip(&mut below).enumerate() {
                let Some(value) = value.filter(|value| *value > 0) else {
                    continue;
                };
                let base = self.y(*below);
                *below += value;
                let (from, to) = (self.x(step), self.x(step + 1));
                let gap = if to - from > 5 {
                    2
                } else {
                    u32::from(to - from > 2)
                };
                let top = self.y(*below).min(base.saturating_sub(1));
                // Writing to a String cannot fail.
                let _ = write!(path, "M{from} {base}V{top}H{}V{base}z", to - gap);
            }
            path
        };
        data.series
            .iter()
            .map(|series| path_of(&series.values))
            .collect()
    }

    /// A line with a gap wherever there is no number; a number between two gaps is a short dash.
    fn line(&self, values: &[Option<u64>]) -> String {
        let mut path = String::new();
        let mut drawing = false;
        for (step, value) in values.iter().enumerate() {
            let Some(value) = value else {
                drawing = false;
                continue;
            };
            let (x, y) = (self.middle(step), self.y(*value));
            let goes_on = values.get(step + 1).is_some_and(Option::is_some);
            let _ = match (drawing, goes_on) {
                (false, false) => write!(path, "M{} {y}h{}", x.saturating_sub(LONE), 2 * LONE),
                (false, true) => write!(path, "M{x} {y}"),
                (true, _) => write!(path, "L{x} {y}"),
            };
            drawing = true;
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::chart::{Series, Step};

    fn data(series: &[&[Option<u64>]]) -> Data {
        let series: Vec<_> = series
            .iter()
            .map(|values| Series {
                name: String::new(),
                values: values.to_vec(),
                total: String::new(),
                is_rest: false,
            })
            .collect();
        let steps = series.first().map_or(0, |series| series.values.len());
        Data {
            steps: Arc::new(vec![Step::default(); steps]),
            series,
        }
    }

    fn plot(data: &Data, shape: Shape) -> Plot {
        // 10 for the ticks, 40 wide; 100 high between the rooms above and below.
        Plot::new(data, shape, 50, 130, |_| 0, 5)
    }

    #[test]
    fn bars_stand_on_each_other_from_the_bottom() {
        let data = data(&[&[Some(5), Some(10)], &[Some(5), None]]);
        let plot = plot(&data, Shape::Bars);
        assert_eq!((plot.left, plot.right, plot.bottom), (10, 50, 108));
        assert_eq!(
            plot.paths(&data, Shape::Bars),
            ["M10 108V58H28V108zM30 108V8H48V108z", "M10 58V8H28V58z"]
        );
    }

    #[test]
    fn a_line_breaks_where_nothing_was_measured() {
        let data = data(&[&[Some(1), Some(2), None, Some(2)]]);
        let plot = plot(&data, Shape::Lines);
        assert_eq!(plot.paths(&data, Shape::Lines), ["M15 58L25 8M41 8h8"]);
    }

    #[test]
    fn nothing_has_a_scale_to_one() {
        let nothing = data(&[&[Some(0), None]]);
        assert_eq!(plot(&nothing, Shape::Bars).scale, Scale::of(5));
        let little = data(&[&[Some(1), None]]);
        assert_eq!(plot(&little, Shape::Bars).scale, Scale::of(1));
    }

    #[test]
    fn every_place_belongs_to_a_step() {
        let data = data(&[&[Some(1), Some(2), Some(1), Some(2)]]);
        let plot = plot(&data, Shape::Bars);
        assert_eq!(plot.step_at(-5), 0);
        assert_eq!(plot.step_at(10), 0);
        assert_eq!(plot.step_at(20), 1);
        assert_eq!(plot.step_at(49), 3);
        assert_eq!(plot.step_at(500), 3);
        assert_eq!(plot.middle(1), 25);
    }
}
