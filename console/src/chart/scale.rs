//! Round ticks. Pure.

/// The most ticks above zero.
const TICKS: u64 = 4;

/// A scale from zero to `top` in steps of 1, 2 or 5 times a power of ten, at most four of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    /// From one tick to the next.
    pub(super) step: u64,
    /// The highest tick: at least the highest number.
    pub(super) top: u64,
}

impl Scale {
    /// The scale that holds `highest`.
    pub(super) fn of(highest: u64) -> Self {
        let mut power = 1_u64;
        loop {
            for factor in [1, 2, 5] {
                let step = power.saturating_mul(factor);
                let ticks = highest.div_ceil(step).max(1);
                if ticks <= TICKS {
                    return Self {
                        step,
                        top: step.saturating_mul(ticks),
                    };
                }
            }
            power = power.saturating_mul(10);
        }
    }

    /// Every tick, zero first.
    pub(super) fn ticks(self) -> impl Iterator<Item = u64> {
        (0..=self.top / self.step).map(move |index| index * self.step)
    }

    /// How far up `value` is in a plot of this height, in whole pixels; what is not zero is seen.
    pub(super) fn height(self, value: u64, of: u32) -> u32 {
        let height = u128::from(value) * u128::from(of) / u128::from(self.top);
        let height = u32::try_from(height).unwrap_or(of).min(of);
        if value > 0 { height.max(1) } else { 0 }
    }
}

/// Which of `count` steps get a label, if at most `labels` fit: evenly apart, the first one on.
pub(super) fn labelled(count: usize, labels: usize) -> impl Iterator<Item = usize> {
    let mut every = count.div_ceil(labels.max(1)).max(1);
    // Apart by what a day or a week divides into, where there are many.
    if let Some(round) = [1, 2, 3, 4, 6, 7, 8, 12, 14, 24, 28, 48]
        .iter()
        .find(|round| **round >= every)
    {
        every = *round;
    }
    (0..count).step_by(every)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_few_and_round() {
        for (highest, step, top) in [
            (0, 1, 1),
            (1, 1, 1),
            (4, 1, 4),
            (5, 2, 6),
            (37, 10, 40),
            (100, 50, 100),
            (101, 50, 150),
            (1_234, 500, 1_500),
            (8_100, 5_000, 10_000),
        ] {
            assert_eq!(Scale::of(highest), Scale { step, top }, "{highest}");
        }
        assert_eq!(
            Scale::of(37).ticks().collect::<Vec<_>>(),
            [0, 10, 20, 30, 40]
        );
        assert!(Scale::of(u64::MAX).top >= u64::MAX / 2);
    }

    #[test]
    fn what_is_not_zero_is_seen_and_nothing_leaves_the_plot() {
        let scale = Scale::of(1_000);
        assert_eq!(scale.height(0, 100), 0);
        assert_eq!(scale.height(1, 100), 1);
        assert_eq!(scale.height(500, 100), 50);
        assert_eq!(scale.height(u64::MAX, 100), 100);
    }

    #[test]
    fn labels_stand_evenly_apart_and_fit() {
        assert_eq!(labelled(24, 6).collect::<Vec<_>>(), [0, 4, 8, 12, 16, 20]);
        assert_eq!(
            labelled(28, 7).collect::<Vec<_>>(),
            [0, 4, 8, 12, 16, 20, 24]
        );
        assert_eq!(labelled(3, 8).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(labelled(0, 8).count(), 0);
    }
}
