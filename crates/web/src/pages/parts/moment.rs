//! Times and spans in words.

use domain::{Lifetime, Timestamp};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const MONTH: i64 = 30 * DAY;
const YEAR: i64 = 365 * DAY;

/// A time to show: in words as seen from now, and exactly.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    at: Timestamp,
    now: Timestamp,
}

impl Moment {
    /// The time `at`, as seen from `now`.
    pub const fn new(at: Timestamp, now: Timestamp) -> Self {
        Self { at, now }
    }

    /// As in `<time datetime>`: RFC 3339, to the second.
    pub(crate) fn machine(&self) -> String {
        self.format("%Y-%m-%dT%H:%M:%SZ")
    }

    /// To the minute, for people.
    pub(crate) fn exact(&self) -> String {
        self.format("%-d %B %Y, %H:%M UTC")
    }

    /// "3 days ago"; what lies ahead is "just now", as clocks differ.
    pub(crate) fn relative(&self) -> String {
        let seconds = self.now.since(self.at).as_seconds();
        if seconds < MINUTE {
            "just now".to_owned()
        } else {
            format!("{} ago", largest_unit(seconds))
        }
    }

    fn format(&self, pattern: &str) -> String {
        let second = jiff::Timestamp::from_second(self.at.as_seconds()).unwrap_or_default();
        second.strftime(pattern).to_string()
    }
}

/// A span in words, in the largest unit that fits: "30 minutes", "1 year".
pub fn lifetime_in_words(lifetime: Lifetime) -> String {
    largest_unit(lifetime.as_seconds())
}

fn largest_unit(seconds: i64) -> String {
    let units =
        [(YEAR, "year"), (MONTH, "month"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")];
    // Thirty days read better as days than as one month.
    let unit = units
        .into_iter()
        .find(|&(unit, _)| seconds >= if unit == MONTH { 2 * MONTH } else { unit });
    let (unit, name) = unit.unwrap_or((1, "second"));
    let count = seconds / unit;
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

#[cfg(test)]
mod tests {
    use super::{Lifetime, Moment, Timestamp, lifetime_in_words};

    #[test]
    fn spans_are_told_in_the_largest_unit() {
        for (seconds, expected) in [
            (1, "1 second"),
            (60, "1 minute"),
            (1800, "30 minutes"),
            (3600, "1 hour"),
            (30 * 86_400, "30 days"),
            (90 * 86_400, "3 months"),
            (365 * 86_400, "1 year"),
        ] {
            assert_eq!(lifetime_in_words(Lifetime::seconds(seconds)), expected);
        }
    }

    #[test]
    fn a_moment_is_told_relative_and_exact() {
        let at = Timestamp::from_millis(1_760_000_000_000);
        let moment = Moment::new(at, at + Lifetime::days(3));
        assert_eq!(moment.relative(), "3 days ago");
        assert_eq!(moment.exact(), "9 October 2025, 08:53 UTC");
        assert_eq!(moment.machine(), "2025-10-09T08:53:20Z");
        assert_eq!(Moment::new(at + Lifetime::hours(1), at).relative(), "just now");
    }
}
