//! Moments and durations, both in whole milliseconds. Nothing here reads a clock.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment: milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The end of what does not end, where an end is stored: the last second of the year 9999.
    pub const NEVER: Self = Self(253_402_300_799_000);

    /// The moment this many milliseconds after the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch, as stored.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, as in `exp` and `iat` (`NumericDate` of RFC 7519 §2).
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Self) -> Lifetime {
        Lifetime::millis((self.0 - earlier.0).max(0))
    }
}

impl Add<Lifetime> for Timestamp {
    type Output = Self;

    fn add(self, lifetime: Lifetime) -> Self {
        Self(self.0.saturating_add(lifetime.0))
    }
}

impl Sub<Lifetime> for Timestamp {
    type Output = Self;

    fn sub(self, lifetime: Lifetime) -> Self {
        Self(self.0.saturating_sub(lifetime.0))
    }
}

/// How long something lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime(i64);

impl Lifetime {
    /// A lifetime of this many milliseconds.
    pub const fn millis(millis: i64) -> Self {
        Self(millis)
    }

    /// A lifetime of this many seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds * 1000)
    }

    /// A lifetime of this many minutes.
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes * 60)
    }

    /// A lifetime of this many hours.
    pub const fn hours(hours: i64) -> Self {
        Self::minutes(hours * 60)
    }

    /// A lifetime of this many days.
    pub const fn days(days: i64) -> Self {
        Self::hours(days * 24)
    }

    /// The whole milliseconds.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The whole seconds, as in `expires_in`.
    pub const fn as_seconds(self) -> i64 {
        self.0 / 1000
    }

    /// The same span for the standard library; a negative one is zero.
    pub fn as_duration(self) -> Duration {
        Duration::from_millis(u64::try_from(self.0).unwrap_or(0))
    }
}

impl Sub for Lifetime {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}
