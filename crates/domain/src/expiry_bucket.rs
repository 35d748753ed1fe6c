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

    /// The code that stands for it in a handle: 0…3843.
    pub(crate) const fn code(self) -> u16 {
        let code = if self.0 == Self::NEVER.0 { CYCLE } else { self.0.rem_euclid(CYCLE) };
        // At most 3843, so nothing is lost.
        (code & 0xffff).unsigned_abs() as u16
    }

    /// The one bucket of this code that a handle presented now can mean.
    pub(crate) const fn from_code(code: u16, now: Timestamp) -> Self {
        let code = code as i64;
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
