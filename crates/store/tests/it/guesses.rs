//! Guesses on several nodes: every failure is counted once, and a count that reached its limit is
//! known everywhere soon.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{AccountId, FailureCount};
use futures_util::future::join_all;
use store::Store;
use store::guesses::{self, GuessKey};

use crate::conformance_samples::{NOW, after, hash_of, unit};
use crate::engine_watch::{cached, create_account};
use crate::support::on_both_engines;

/// Longer than a poll, shorter than the trust in one.
const SOON: Duration = Duration::from_millis(400);
/// Longer than the trust in a poll.
const LATER: Duration = Duration::from_secs(1);

fn key() -> GuessKey {
    GuessKey { account_id: AccountId::new(1), hash: hash_of(1) }
}

async fn fail(store: &Store, limit: u32) -> FailureCount {
    unit!(store, |tx| guesses::failed(tx, &key(), limit, NOW, after(300)))
}

/// What this node remembers, and how many statements that took.
async fn remembered(store: &Store) -> (i64, u64) {
    let before = store.statement_count();
    let failures = store.cache().failures(&key()).await.expect("reads");
    (failures.count, store.statement_count() - before)
}

on_both_engines! {
    // CA-07
    async fn no_failure_of_two_nodes_goes_uncounted(database) {
        let nodes = [database.migrated().await, database.open().await];
        let failing = (0..50).map(|number| {
            let node = nodes[number % 2].clone();
            tokio::spawn(async move { fail(&node, 20).await.count })
        });
        let counts = join_all(failing).await.into_iter().map(|count| count.expect("it ended"));
        assert_eq!(counts.collect::<BTreeSet<_>>(), (1..=50).collect());
    }

    // CA-07, DS-05
    async fn a_reached_limit_is_known_everywhere_and_empties_no_other_cache(database) {
        let (here, there) = (database.migrated().await, database.open().await);
        create_account(&here).await;
        let _watch = there.watch();
        tokio::time::sleep(SOON).await;
        cached(&there).await;
        assert_eq!(remembered(&there).await, (0, 1));
        assert_eq!(remembered(&there).await, (0, 0), "absence is remembered");
        fail(&here, 3).await;
        fail(&here, 3).await;
        tokio::time::sleep(SOON).await;
        assert_eq!(remembered(&there).await, (0, 0), "nobody is refused yet");
        fail(&here, 3).await;
        tokio::time::sleep(LATER).await;
        assert_eq!(remembered(&there).await, (3, 1));
        let before = there.statement_count();
        cached(&there).await;
        assert_eq!(there.statement_count(), before);
    }

    async fn a_node_that_does_not_poll_asks_the_database(database) {
        let store = database.migrated().await;
        assert_eq!(remembered(&store).await, (0, 1));
        fail(&store, 3).await;
        assert_eq!(remembered(&store).await, (1, 1));
    }
}
