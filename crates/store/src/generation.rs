//! When what is kept in memory may be believed: its generation, and how fresh our knowledge of it is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// After a good poll of the epoch, memory is trusted this long, counted from when the poll began.
const TRUST: Duration = Duration::from_millis(750);
const NEVER: u64 = u64::MAX;

/// The generation of all caches of one node. A value loaded in an earlier one is not used.
///
/// Counts of guesses have a generation of their own: what anonymous callers do must not empty the
/// other caches.
pub(crate) struct Generation {
    number: AtomicU64,
    of_guesses: AtomicU64,
    started: Instant,
    polled: AtomicU64,
}

impl Generation {
    pub(crate) fn new() -> Self {
        Self {
            number: AtomicU64::new(0),
            of_guesses: AtomicU64::new(NEVER),
            started: Instant::now(),
            polled: AtomicU64::new(NEVER),
        }
    }

    /// The number of now: read it before a load, and keep it with what was loaded.
    pub(crate) fn current(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// Something has changed: everything that was loaded until now is dropped.
    pub(crate) fn advance(&self) {
        self.number.fetch_add(1, Ordering::AcqRel);
    }

    /// The number of now for counts of guesses.
    pub(crate) fn of_guesses(&self) -> u64 {
        self.of_guesses.load(Ordering::Acquire)
    }

    /// Takes over the epoch of guesses: if it has moved on, somewhere a limit was reached.
    pub(crate) fn guesses_are_at(&self, epoch: i64) {
        self.of_guesses.store(epoch.unsigned_abs(), Ordering::Release);
    }

    /// A poll of the epochs that began then has ended well.
    pub(crate) fn polled(&self, began: Instant) {
        let millis = began.saturating_duration_since(self.started).as_millis();
        self.polled.store(u64::try_from(millis).unwrap_or(NEVER), Ordering::Release);
    }

    /// Whether the last good poll is young enough.
    pub(crate) fn is_trusted(&self) -> bool {
        self.is_trusted_at(Instant::now())
    }

    fn is_trusted_at(&self, now: Instant) -> bool {
        let polled = self.polled.load(Ordering::Acquire);
        let since = now.saturating_duration_since(self.started);
        polled != NEVER && since < Duration::from_millis(polled) + TRUST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_trusted_for_three_quarters_of_a_second_after_a_poll_began() {
        let generation = Generation::new();
        let began = generation.started + Duration::from_mins(1);
        assert!(!generation.is_trusted_at(generation.started), "nothing was polled yet");
        generation.polled(began);
        for (millis, is_trusted) in [(0, true), (749, true), (750, false), (3_600_000, false)] {
            let now = began + Duration::from_millis(millis);
            assert_eq!(generation.is_trusted_at(now), is_trusted, "{millis} ms after it");
        }
    }
}
