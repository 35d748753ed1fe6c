//! The clock: the only place that reads the time. Tests hold it still.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use domain::{Lifetime, Timestamp};

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock, corrected by the offset to the database's clock in milliseconds, so that
    /// all nodes agree on expiry.
    System(Arc<AtomicI64>),
    /// A clock that stands still until it is moved.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock, not yet corrected.
    pub fn system() -> Self {
        Self::System(Arc::default())
    }

    /// A clock that stands at this moment.
    pub fn fixed(now: Timestamp) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(now.as_millis())))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System(offset) => {
                Timestamp::from_millis(machine_millis() + offset.load(Ordering::Relaxed))
            }
            Self::Fixed(now) => Timestamp::from_millis(now.load(Ordering::Relaxed)),
        }
    }

    /// The machine's own time, against which the database's clock is measured.
    pub fn machine_now(&self) -> Timestamp {
        match self {
            Self::System(_) => Timestamp::from_millis(machine_millis()),
            Self::Fixed(_) => self.now(),
        }
    }

    /// Takes a newly measured offset to the database's clock; a fixed clock has none.
    pub fn correct(&self, offset_millis: i64) {
        if let Self::System(offset) = self {
            offset.store(offset_millis, Ordering::Relaxed);
        }
    }

    /// The offset to the database's clock in milliseconds.
    pub fn offset_millis(&self) -> i64 {
        match self {
            Self::System(offset) => offset.load(Ordering::Relaxed),
            Self::Fixed(_) => 0,
        }
    }

    /// Moves a fixed clock on; the machine's clock moves by itself.
    pub fn advance(&self, by: Lifetime) {
        if let Self::Fixed(now) = self {
            now.fetch_add(by.as_millis(), Ordering::Relaxed);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the clock is the one place that reads the time")]
fn machine_millis() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    // CD-06
    #[test]
    fn a_node_whose_clock_is_slow_goes_by_the_database() {
        let clock = Clock::system();
        clock.correct(30_000);
        let ahead = clock.now().since(clock.machine_now()).as_millis();
        assert!((29_000..=30_000).contains(&ahead), "{ahead} ms");
    }

    #[test]
    fn a_fixed_clock_moves_when_it_is_moved() {
        let start = Timestamp::from_millis(1000);
        let clock = Clock::fixed(start);
        clock.correct(30_000);
        assert_eq!((clock.now(), clock.offset_millis()), (start, 0));
        clock.advance(Lifetime::seconds(2));
        assert_eq!(clock.now(), Timestamp::from_millis(3000));
    }
}
