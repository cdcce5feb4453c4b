//! The logarithmic scale on which answers' times are counted: four buckets to a doubling, so that
//! whatever is read off it is at most a fifth too high.

/// The last bucket, which has all that took longer: 2^24 ms is over four hours.
const LAST: i64 = 96;
const BUCKETS_A_DOUBLING: f64 = 4.0;

/// The bucket of a time: `n` counts what took more than `2^((n-1)/4)` ms and at most `2^(n/4)`; 0
/// counts everything up to 1 ms.
pub fn bucket_of(ms: u64) -> i64 {
    if ms <= 1 {
        return 0;
    }
    if ms > 1 << 24 {
        return LAST;
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "both are small"
    )]
    let bucket = ((ms as f64).log2() * BUCKETS_A_DOUBLING).ceil() as i64;
    bucket.min(LAST)
}

/// The longest time that a bucket counts, in whole milliseconds.
pub fn upper_ms(bucket: i64) -> u64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 2^24"
    )]
    let ms = (bucket.clamp(0, LAST) as f64 / BUCKETS_A_DOUBLING).exp2() as u64;
    ms
}

/// The time within which so many of a hundred stay, of counts by bucket in the buckets' order;
/// none where nothing was counted.
pub fn percentile(counts: &[(i64, u64)], percent: u64) -> Option<u64> {
    let all: u64 = counts.iter().map(|(_, count)| count).sum();
    // The smallest rank with at least this part of all at or below it.
    let rank = (all * percent).div_ceil(100).max(1);
    let mut seen = 0;
    counts.iter().find_map(|(bucket, count)| {
        seen += count;
        (seen >= rank).then(|| upper_ms(*bucket))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_in_the_bucket_that_reaches_it_and_no_more_than_a_fifth_further() {
        for ms in (0..5_000).chain((5_000..10_000_000).step_by(1_009)) {
            let bucket = bucket_of(ms);
            let upper = upper_ms(bucket);
            assert!(upper >= ms, "{ms} in {bucket}");
            assert!(upper <= ms + ms / 5 + 1, "{ms} in {bucket}: {upper}");
            assert!(
                bucket == 0 || upper_ms(bucket - 1) <= ms,
                "{ms} in {bucket}"
            );
        }
        assert_eq!(bucket_of(u64::MAX), LAST);
        assert_eq!((bucket_of(0), bucket_of(2), bucket_of(1_024)), (0, 4, 40));
    }

    #[test]
    fn percentiles_are_read_off_the_counts() {
        assert_eq!(percentile(&[], 50), None);
        let counts = [(0, 50), (4, 40), (8, 9), (40, 1)];
        let read = |percent| percentile(&counts, percent);
        assert_eq!(read(50), Some(1));
        assert_eq!(read(51), Some(2));
        assert_eq!(read(90), Some(2));
        assert_eq!(read(99), Some(4));
        assert_eq!(read(100), Some(1_024));
    }
}
