//! Latencies in buckets that are at most 1.6 % wide: a million of them cost a few kilobytes.

use std::time::Duration;

/// Each power of two is divided into this many buckets.
const DIVISIONS: u64 = 1 << DIVISION_BITS;
const DIVISION_BITS: u32 = 6;

/// How often each latency was seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// Notes one latency.
    pub(crate) fn note(&mut self, latency: Duration) {
        let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        let bucket = bucket(nanoseconds);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
    }

    /// How many were noted.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The latency that this share of them did not exceed; zero when nothing was noted.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let rank = ranked(share, self.total);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Duration::from_nanos(upper_bound(bucket));
            }
        }
        Duration::ZERO
    }
}

/// How many are at or below the quantile: one at least.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a count of requests is far below 2^52, and a share is between 0 and 1"
)]
fn ranked(share: f64, total: u64) -> u64 {
    ((share * total as f64).ceil() as u64).max(1)
}

fn bucket(nanoseconds: u64) -> usize {
    let bucket = match nanoseconds.checked_ilog2() {
        Some(bits) if bits >= DIVISION_BITS => {
            let shift = bits - DIVISION_BITS;
            (u64::from(shift) << DIVISION_BITS) + (nanoseconds >> shift)
        }
        _ => nanoseconds,
    };
    usize::try_from(bucket).expect("there are fewer than 4,000 buckets")
}

/// The greatest value of a bucket.
fn upper_bound(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < DIVISIONS * 2 {
        return bucket;
    }
    let shift = (bucket >> DIVISION_BITS) - 1;
    (((bucket - (shift << DIVISION_BITS)) + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_its_values_within_two_percent() {
        for value in [0, 1, 63, 64, 127, 128, 1_000, 4_095, 4_096, 1_234_567, 60_000_000_000] {
            let bound = upper_bound(bucket(value));
            assert!(bound >= value && bound - value <= value / 60, "{value}: {bound}");
            assert!(bucket(bound) == bucket(value) && bucket(bound + 1) > bucket(value), "{value}");
        }
    }

    #[test]
    fn quantiles_are_those_of_the_values() {
        let mut histogram = Histogram::default();
        for micros in 1..=1_000 {
            histogram.note(Duration::from_micros(micros));
        }
        for (share, micros) in [(0.0, 1), (0.5, 500), (0.99, 990), (1.0, 1_000)] {
            let found = histogram.quantile(share).as_nanos();
            let wanted = u128::from(micros * 1_000_u64);
            assert!(found >= wanted && found <= wanted + wanted / 60, "{share}: {found}");
        }
        assert_eq!(Histogram::default().quantile(0.5), Duration::ZERO);
    }
}
