//! Failed guesses: counted per credential and source, and refused when there were too many.
//!
//! Counted in memory, bounded, on each node; nothing an anonymous caller does is written to a table.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;
use domain::{AccountId, Lifetime, Timestamp};
use quick_cache::sync::Cache;

/// How many credentials with failures are remembered; the least used are forgotten first.
const REMEMBERED: usize = 100_000;

/// Counts failed guesses.
pub struct Throttle {
    failures: Cache<Guessed, Arc<Mutex<Window>>>,
    limit: u32,
    window: Lifetime,
}

/// What was guessed at, and from where. Of fixed size, however long the presented name is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Guessed {
    account_id: AccountId,
    kind: &'static str,
    name: [u8; digest::SHA256_OUTPUT_LEN],
    source: IpAddr,
}

impl Guessed {
    /// A credential of this kind (`client`, `user` or `api_token`) and folded name, which need not
    /// exist, presented from this address.
    ///
    /// # Panics
    /// Never: SHA-256 gives 32 bytes.
    pub fn new(account_id: AccountId, kind: &'static str, name: &str, source: IpAddr) -> Self {
        let digest = digest::digest(&digest::SHA256, name.as_bytes());
        let name = digest.as_ref().try_into().expect("SHA-256 gives 32 bytes");
        Self { account_id, kind, name, source }
    }
}

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
        let Some(window) = self.failures.get(guessed) else { return Ok(()) };
        let window = locked(&window);
        if window.count >= self.limit && window.ends_at > now {
            return Err(Throttled(window.ends_at.since(now)));
        }
        Ok(())
    }

    /// Counts one failure.
    pub fn failed(&self, guessed: &Guessed, now: Timestamp) {
        let fresh = || Window { count: 0, ends_at: now + self.window };
        let window = self
            .failures
            .get_or_insert_with(guessed, || Ok::<_, Infallible>(Arc::new(Mutex::new(fresh()))));
        let Ok(window) = window;
        let mut window = locked(&window);
        if window.ends_at <= now {
            *window = fresh();
        }
        window.count = window.count.saturating_add(1);
    }

    /// Forgets the failures after a success.
    pub fn succeeded(&self, guessed: &Guessed) {
        self.failures.remove(guessed);
    }
}

/// Whoever panicked while counting has left a count behind.
fn locked(window: &Mutex<Window>) -> MutexGuard<'_, Window> {
    window.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(source: [u8; 4]) -> Guessed {
        Guessed::new(AccountId::new(1), "client", "photo-album", IpAddr::from(source))
    }

    // DS-01
    #[test]
    fn a_long_name_takes_no_more_room_than_a_short_one() {
        assert!(!std::mem::needs_drop::<Guessed>(), "nothing of the name is kept elsewhere");
        let long = |end| format!("{}{end}", "x".repeat(60_000));
        let guessed =
            |name: &str| Guessed::new(AccountId::new(1), "user", name, IpAddr::from([10, 0, 0, 1]));
        assert_eq!(guessed(&long("a")), guessed(&long("a")));
        assert_ne!(guessed(&long("a")), guessed(&long("b")));
    }

    // CA-07
    #[test]
    fn failures_at_the_same_time_are_all_counted() {
        let now = Timestamp::from_millis(0);
        for _ in 0..50 {
            let throttle = Throttle::new(400, Lifetime::minutes(15));
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        (0..100).for_each(|_| throttle.failed(&guessed([10, 0, 0, 1]), now));
                    });
                }
            });
            assert!(throttle.check(&guessed([10, 0, 0, 1]), now).is_err(), "a count was lost");
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
