//! How many calls of the administration API an account makes in a minute.
//!
//! Counted in memory on each node. Only authenticated calls count, so that nobody from outside can
//! use up the volume of an account.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::{AccountId, Lifetime, Timestamp};

/// How long a window lasts; it begins with the first call after the last one ended.
const WINDOW: Lifetime = Lifetime::minutes(1);

/// Counts the calls of each account.
#[derive(Default)]
pub struct ApiVolume {
    windows: Mutex<HashMap<AccountId, Window>>,
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

impl ApiVolume {
    /// Counts one call.
    pub fn spend(&self, account_id: AccountId, limit: u32, now: Timestamp) -> Usage {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Window { spent: 0, ends_at: now + WINDOW };
        let window = windows.entry(account_id).or_insert(fresh);
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
