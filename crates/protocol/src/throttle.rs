//! Failed guesses: counted per credential and source, and refused when there were too many.
//!
//! Counted in memory, bounded, on each node; nothing an anonymous caller does is written to a table.

use std::net::IpAddr;

use domain::{AccountId, Lifetime, Timestamp};
use quick_cache::sync::Cache;

/// How many credentials with failures are remembered; the least used are forgotten first.
const REMEMBERED: usize = 100_000;

/// Counts failed guesses.
pub struct Throttle {
    failures: Cache<Guessed, Window>,
    limit: u32,
    window: Lifetime,
}

/// What was guessed at, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Guessed {
    /// The account.
    pub account_id: AccountId,
    /// What kind of credential: `client` or `user`.
    pub kind: &'static str,
    /// The presented name, folded; it need not exist.
    pub name: String,
    /// The caller's address.
    pub source: IpAddr,
}

#[derive(Clone, Copy)]
struct Window {
    count: u32,
    ends_at: Timestamp,
}

/// There were too many failures; try again after this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled(pub Lifetime);

impl Throttle {
    /// Refuses after this many failures within a window.
    pub fn new(limit: u32, window: Lifetime) -> Self {
        Self { failures: Cache::new(REMEMBERED), limit, window }
    }

    /// Refuses if there were too many failures; asked before a credential is looked at.
    pub fn check(&self, guessed: &Guessed, now: Timestamp) -> Result<(), Throttled> {
        match self.failures.get(guessed) {
            Some(window) if window.count >= self.limit && window.ends_at > now => {
                Err(Throttled(window.ends_at.since(now)))
            }
            _ => Ok(()),
        }
    }

    /// Counts one failure.
    pub fn failed(&self, guessed: &Guessed, now: Timestamp) {
        let window = match self.failures.get(guessed) {
            Some(window) if window.ends_at > now => {
                Window { count: window.count.saturating_add(1), ..window }
            }
            _ => Window { count: 1, ends_at: now + self.window },
        };
        self.failures.insert(guessed.clone(), window);
    }

    /// Forgets the failures after a success.
    pub fn succeeded(&self, guessed: &Guessed) {
        self.failures.remove(guessed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(source: [u8; 4]) -> Guessed {
        Guessed {
            account_id: AccountId::new(1),
            kind: "client",
            name: "photo-album".to_owned(),
            source: IpAddr::from(source),
        }
    }

    // CA-07, D-04
    #[test]
    fn failures_are_limited_per_source_and_end_with_the_window() {
        let throttle = Throttle::new(3, Lifetime::minutes(15));
        let now = Timestamp::from_millis(0);
        for _ in 0..3 {
            assert_eq!(throttle.check(&guessed([10, 0, 0, 1]), now), Ok(()));
            throttle.failed(&guessed([10, 0, 0, 1]), now);
        }
        let refused = Err(Throttled(Lifetime::minutes(15)));
        assert_eq!(throttle.check(&guessed([10, 0, 0, 1]), now), refused);
        assert_eq!(throttle.check(&guessed([10, 0, 0, 2]), now), Ok(()));
        let later = now + Lifetime::minutes(15);
        assert_eq!(throttle.check(&guessed([10, 0, 0, 1]), later), Ok(()));
    }
}
