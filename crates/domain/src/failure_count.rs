//! How often a credential was guessed wrongly within a window, and what follows from it.

use crate::{Lifetime, Timestamp};

/// The failures of a window; one that has ended counts nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureCount {
    /// How many there were.
    pub count: i64,
    /// When the window ends.
    pub ends_at: Timestamp,
}

impl FailureCount {
    /// No failure yet.
    pub const NONE: Self = Self { count: 0, ends_at: Timestamp::from_millis(0) };

    /// Whether there are failures that count now.
    pub fn counts(self, now: Timestamp) -> bool {
        self.count > 0 && self.ends_at > now
    }

    /// How long nobody may try, if this window has had as many failures as it allows. Asked before a
    /// credential is looked at.
    pub fn wait(self, limit: u32, now: Timestamp) -> Option<Lifetime> {
        let used_up = self.counts(now) && self.count >= i64::from(limit);
        used_up.then(|| self.ends_at.since(now))
    }

    /// How long nobody may try, if the last failure was one more than this window allows: of guesses
    /// made at the same time only so many are answered.
    pub fn wait_after_failure(self, limit: u32, now: Timestamp) -> Option<Lifetime> {
        let exceeded = self.counts(now) && self.count > i64::from(limit);
        exceeded.then(|| self.ends_at.since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    // CA-07, D-04
    #[test]
    fn as_many_failures_as_a_window_allows_are_answered_and_then_none() {
        let wait = Some(Lifetime::seconds(30));
        for (count, before, after) in
            [(0, None, None), (2, None, None), (3, wait, None), (4, wait, wait), (9, wait, wait)]
        {
            let failures = FailureCount { count, ends_at: NOW + Lifetime::seconds(30) };
            assert_eq!(failures.wait(3, NOW), before, "before a guess, after {count}");
            assert_eq!(failures.wait_after_failure(3, NOW), after, "at failure {count}");
        }
    }

    #[test]
    fn a_window_that_has_ended_counts_nothing() {
        let ended = FailureCount { count: 9, ends_at: NOW };
        assert!(!ended.counts(NOW) && ended.counts(NOW - Lifetime::millis(1)));
        assert_eq!(ended.wait(3, NOW), None);
        assert_eq!(FailureCount::NONE.wait(0, NOW), None);
    }
}
