//! Counts of failed guesses, on both engines.

use domain::{AccountId, FailureCount, Timestamp};
use store::guesses::{self, GuessKey};
use store::{Fault, Store, Transaction};

use crate::conformance::facts;
use crate::conformance_samples::{after, fresh_id, hash_of, unit};

facts! {
    failures_are_counted_within_a_window_and_anew_after_it,
    each_account_and_hash_has_its_own_count,
    failures_are_forgotten_unless_they_reached_the_limit,
    ended_windows_are_deleted_a_few_at_a_time,
}

/// A limit that no fact reaches unless it says so.
const FAR: u32 = 1_000;

async fn a_key(store: &Store) -> GuessKey {
    let id = fresh_id::<()>(store).await.get();
    GuessKey { account_id: AccountId::new(id), hash: hash_of(id) }
}

/// A failure this many seconds after the samples' moment, in windows of ten seconds.
async fn failed(
    tx: &mut Transaction,
    key: &GuessKey,
    limit: u32,
    second: i64,
) -> Result<FailureCount, Fault> {
    guesses::failed(tx, key, limit, after(second), after(second + 10)).await
}

fn counted(count: i64, ends_at: Timestamp) -> FailureCount {
    FailureCount { count, ends_at }
}

async fn failures_are_counted_within_a_window_and_anew_after_it(store: &Store) {
    let key = a_key(store).await;
    assert_eq!(guesses::show(store, &key).await, Ok(FailureCount::NONE));
    for (second, expected) in [
        (0, counted(1, after(10))),
        (9, counted(2, after(10))),
        (10, counted(1, after(20))),
        (19, counted(2, after(20))),
        (50, counted(1, after(60))),
    ] {
        assert_eq!(unit!(store, |tx| failed(tx, &key, FAR, second)), expected);
        assert_eq!(guesses::show(store, &key).await, Ok(expected));
    }
}

async fn each_account_and_hash_has_its_own_count(store: &Store) {
    let (key, other) = (a_key(store).await, a_key(store).await);
    unit!(store, |tx| failed(tx, &key, FAR, 0));
    for elsewhere in
        [GuessKey { account_id: other.account_id, ..key }, GuessKey { hash: other.hash, ..key }]
    {
        assert_eq!(guesses::show(store, &elsewhere).await, Ok(FailureCount::NONE));
        assert_eq!(unit!(store, |tx| failed(tx, &elsewhere, FAR, 0)).count, 1);
    }
}

async fn failures_are_forgotten_unless_they_reached_the_limit(store: &Store) {
    let key = a_key(store).await;
    unit!(store, |tx| failed(tx, &key, 3, 0));
    unit!(store, |tx| guesses::forget(tx, &key, 3));
    assert_eq!(guesses::show(store, &key).await, Ok(FailureCount::NONE));
    for count in 1..=3 {
        assert_eq!(unit!(store, |tx| failed(tx, &key, 3, 0)).count, count);
    }
    unit!(store, |tx| guesses::forget(tx, &key, 3));
    assert_eq!(guesses::show(store, &key).await, Ok(counted(3, after(10))));
}

async fn ended_windows_are_deleted_a_few_at_a_time(store: &Store) {
    // Long before every other fact.
    let second = |second: i64| Timestamp::from_millis(second * 1_000);
    let mut keys = Vec::new();
    for ends_at in 1..=5 {
        let key = a_key(store).await;
        unit!(store, |tx| guesses::failed(tx, &key, FAR, second(0), second(ends_at)));
        keys.push(key);
    }
    assert_eq!(unit!(store, |tx| guesses::delete_ended(tx, second(4), 3)), 3);
    assert_eq!(unit!(store, |tx| guesses::delete_ended(tx, second(4), 3)), 1);
    assert_eq!(unit!(store, |tx| guesses::delete_ended(tx, second(4), 3)), 0);
    for (key, expected) in keys.iter().zip([0, 0, 0, 0, 1]) {
        assert_eq!(guesses::show(store, key).await.expect("reads").count, expected);
    }
}
