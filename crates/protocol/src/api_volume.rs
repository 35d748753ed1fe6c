//! How many calls of the administration API an account makes in a minute.
//!
//! Counted in memory on each node. Only authenticated calls count, so that nobody from outside can
//! use up the volume of an account.

use std::convert::Infallible;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{AccountId, Lifetime, Timestamp};
use quick_cache::sync::Cache;

/// How many accounts are remembered; those that call least are forgotten first.
const REMEMBERED: usize = 10_000;

/// How long a window lasts; it begins with the first call after the last one ended.
const WINDOW: Lifetime = Lifetime::minutes(1);

/// Counts the calls of each account, or of whoever else has a volume.
pub struct ApiVolume<K = AccountId> {
    windows: Cache<K, Arc<Mutex<Window>>>,
}

impl<K: Copy + Eq + Hash> Default for ApiVolume<K> {
    fn default() -> Self {
        Self { windows: Cache::new(REMEMBERED) }
    }
}

#[derive(Clone, Copy)]
struct Window {
    spent: u32,
    ends_at: Timestamp,
}

/// What an account has used of its volume, the present call included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The calls that a window allows.
    pub limit: u32,
    /// The calls in this window so far.
    pub spent: u32,
    /// When the next window begins.
    pub resets_in: Lifetime,
}

impl Usage {
    /// The calls that are left.
    pub const fn remaining(self) -> u32 {
        self.limit.saturating_sub(self.spent)
    }

    /// Whether the present call is one too many.
    pub const fn is_exceeded(self) -> bool {
        self.spent > self.limit
    }
}

impl<K: Copy + Eq + Hash> ApiVolume<K> {
    /// Counts one call.
    pub fn spend(&self, whose: K, limit: u32, now: Timestamp) -> Usage {
        let fresh = Window { spent: 0, ends_at: now + WINDOW };
        let begin = || Ok::<_, Infallible>(Arc::new(Mutex::new(fresh)));
        let Ok(window) = self.windows.get_or_insert_with(&whose, begin);
        // Whoever panicked while counting has left a count behind.
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.ends_at <= now {
            *window = fresh;
        }
        window.spent = window.spent.saturating_add(1);
        Usage { limit, spent: window.spent, resets_in: window.ends_at.since(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_at_the_same_time_are_all_counted() {
        let (volume, now) = (ApiVolume::default(), Timestamp::from_millis(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        volume.spend(AccountId::new(1), 400, now);
                    }
                });
            }
        });
        assert_eq!(volume.spend(AccountId::new(1), 400, now).spent, 401);
    }

    // DS-05
    #[test]
    fn only_so_many_accounts_are_remembered() {
        let (volume, now) = (ApiVolume::default(), Timestamp::from_millis(0));
        for id in 0..3 * i64::try_from(REMEMBERED).expect("it is small") {
            volume.spend(AccountId::new(id), 1, now);
        }
        assert!(volume.windows.len() <= REMEMBERED);
    }

    #[test]
    fn each_account_has_its_own_volume_and_a_new_one_each_minute() {
        let volume = ApiVolume::default();
        let (ours, theirs) = (AccountId::new(1), AccountId::new(2));
        let start = Timestamp::from_millis(0);
        let spend = |account, now| volume.spend(account, 2, now);
        assert_eq!(spend(ours, start).remaining(), 1);
        assert!(!spend(ours, start).is_exceeded());
        let later = start + Lifetime::seconds(20);
        let third = Usage { limit: 2, spent: 3, resets_in: Lifetime::seconds(40) };
        assert_eq!(spend(ours, later), third);
        assert!(third.is_exceeded());
        assert!(!spend(theirs, later).is_exceeded());
        assert_eq!(spend(ours, start + Lifetime::seconds(60)).spent, 1);
    }
}
