//! The expiry bucket: the hour by which a row has ended, so that expired rows leave together.
//! Its two characters at the front of a handle say where the row is.

use crate::{Lifetime, Timestamp};

const HOUR: i64 = Lifetime::hours(1).as_millis();
const DAY_IN_HOURS: i64 = 24;
/// What lasts longer than this is gathered by the day.
const HOURLY_UNTIL: Lifetime = Lifetime::hours(48);
/// Two base62 characters have 62 × 62 codes; the last one is [`ExpiryBucket::NEVER`].
const CYCLE: i64 = 62 * 62 - 1;
/// How far back a code is read as the past: later, the row has gone.
const PAST: i64 = 480;
/// How far ahead a code is read as the future.
const FUTURE: i64 = CYCLE - PAST;

/// The hour, counted from the Unix epoch, by which everything in it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExpiryBucket(i64);

impl ExpiryBucket {
    /// The bucket of what does not end; it is never dropped.
    pub const NEVER: Self = Self(1 << 40);

    /// The bucket for something made now that ends then; none: it does not end.
    /// An end beyond what two characters can tell goes to [`Self::NEVER`] as well.
    pub const fn for_expiry(now: Timestamp, expires_at: Option<Timestamp>) -> Self {
        let Some(expires_at) = expires_at else { return Self::NEVER };
        let hour = ceil(expires_at.as_millis(), HOUR);
        let lifetime = expires_at.as_millis().saturating_sub(now.as_millis());
        let hour = if lifetime > HOURLY_UNTIL.as_millis() {
            ceil(hour, DAY_IN_HOURS) * DAY_IN_HOURS
        } else {
            hour
        };
        if hour > hour_of(now) + FUTURE { Self::NEVER } else { Self(hour) }
    }

    /// The bucket with this number, as stored.
    pub const fn from_stored(hour: i64) -> Self {
        Self(hour)
    }

    /// The number, as stored.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// When everything in it has ended; none: never.
    pub const fn ends_at(self) -> Option<Timestamp> {
        if self.0 == Self::NEVER.0 {
            return None;
        }
        Some(Timestamp::from_millis(self.0.saturating_mul(HOUR)))
    }

    /// Whether everything in it has ended.
    pub fn has_ended(self, now: Timestamp) -> bool {
        self.ends_at().is_some_and(|end| end <= now)
    }

    /// The first bucket whose rows may still be asked for. What is before it has ended, by every node's clock
    /// and for every request under way.
    pub const fn first_live(now: Timestamp) -> Self {
        Self(hour_of(now))
    }

    /// The first bucket that a handle presented now, or at a node whose clock is an hour behind, can mean. No
    /// handle leads to what is before it.
    pub const fn first_legible(now: Timestamp) -> Self {
        Self(hour_of(now) - PAST)
    }

    /// The code that stands for it in a handle: 0…3843.
    pub(crate) fn code(self) -> u32 {
        let code = if self == Self::NEVER { CYCLE } else { self.0.rem_euclid(CYCLE) };
        u32::try_from(code).expect("a remainder of 3843 is small and not negative")
    }

    /// The one bucket of this code that a handle presented now can mean.
    pub(crate) fn from_code(code: u32, now: Timestamp) -> Self {
        let code = i64::from(code);
        if code == CYCLE {
            return Self::NEVER;
        }
        let earliest = hour_of(now) - PAST + 1;
        Self(earliest + (code - earliest).rem_euclid(CYCLE))
    }
}

/// The hour that a moment lies in.
const fn hour_of(moment: Timestamp) -> i64 {
    moment.as_millis().div_euclid(HOUR)
}

/// `number / divisor`, rounded up, also below zero.
const fn ceil(number: i64, divisor: i64) -> i64 {
    -(-number).div_euclid(divisor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_778_328_000_000);

    fn after(lifetime: Lifetime) -> i64 {
        let bucket = ExpiryBucket::for_expiry(NOON, Some(NOON + lifetime));
        bucket.get() - hour_of(NOON)
    }

    #[test]
    fn short_lives_are_gathered_by_the_hour_and_long_ones_by_the_day() {
        assert_eq!(hour_of(NOON) % DAY_IN_HOURS, 12);
        let cases = [
            (Lifetime::millis(0), 0),
            (Lifetime::millis(1), 1),
            (Lifetime::minutes(30), 1),
            (Lifetime::hours(1), 1),
            (Lifetime::hours(48), 48),
            (Lifetime::millis(48 * HOUR + 1), 60),
            (Lifetime::days(30), 30 * 24 + 12),
            (Lifetime::days(90), 90 * 24 + 12),
        ];
        for (lifetime, hours) in cases {
            assert_eq!(after(lifetime), hours, "{lifetime:?}");
        }
    }

    #[test]
    fn what_does_not_end_or_ends_too_far_away_is_never_dropped() {
        let far = NOON + Lifetime::days(200);
        for expires_at in [None, Some(far)] {
            let bucket = ExpiryBucket::for_expiry(NOON, expires_at);
            assert_eq!(bucket, ExpiryBucket::NEVER);
            assert_eq!(bucket.ends_at(), None);
            assert!(!bucket.has_ended(far));
        }
    }

    #[test]
    fn a_bucket_has_ended_when_its_hour_has_come() {
        let bucket = ExpiryBucket::for_expiry(NOON, Some(NOON + Lifetime::minutes(30)));
        let end = NOON + Lifetime::hours(1);
        assert_eq!(bucket.ends_at(), Some(end));
        assert!(!bucket.has_ended(end - Lifetime::millis(1)));
        assert!(bucket.has_ended(end));
    }

    #[test]
    fn what_is_before_the_first_live_bucket_ended_long_ago() {
        let before = ExpiryBucket::from_stored(ExpiryBucket::first_live(NOON).get() - 1);
        let end = before.ends_at().expect("an hour");
        assert_eq!(NOON.since(end), Lifetime::hours(1));
        assert!(ExpiryBucket::first_live(NOON) < ExpiryBucket::NEVER);
    }

    proptest! {
        #[test]
        fn no_handle_leads_before_the_first_legible_bucket(
            now in 0..4_102_444_800_000_i64,
            code in 0..62_u32 * 62,
            behind in 0..=HOUR,
        ) {
            let now = Timestamp::from_millis(now);
            let slow = now - Lifetime::millis(behind);
            let bucket = ExpiryBucket::from_code(code, slow);
            prop_assert!(bucket >= ExpiryBucket::first_legible(now));
        }

        #[test]
        fn a_bucket_is_read_back_until_twenty_days_after_it_ended(
            now in 0..4_102_444_800_000_i64,
            lifetime in 0..FUTURE * HOUR,
            age in 0..PAST * HOUR,
        ) {
            let now = Timestamp::from_millis(now);
            let expires_at = now + Lifetime::millis(lifetime);
            let bucket = ExpiryBucket::for_expiry(now, Some(expires_at));
            let end = bucket.ends_at().unwrap_or(expires_at);
            prop_assert!(end >= expires_at);
            for read_at in [now, expires_at, expires_at + Lifetime::millis(age)] {
                prop_assert_eq!(ExpiryBucket::from_code(bucket.code(), read_at), bucket);
            }
        }

        #[test]
        fn every_code_is_some_bucket_of_the_window(
            now in 0..4_102_444_800_000_i64,
            code in 0..62_u32 * 62,
        ) {
            let now = Timestamp::from_millis(now);
            let bucket = ExpiryBucket::from_code(code, now);
            prop_assert_eq!(bucket.code(), code);
            let distance = bucket.get() - hour_of(now);
            prop_assert!(bucket == ExpiryBucket::NEVER || (-PAST + 1..=FUTURE).contains(&distance));
        }
    }
}
