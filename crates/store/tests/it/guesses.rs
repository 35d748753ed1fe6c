//! Guesses on several nodes: every failure is counted once, and a count that reached its limit is
//! known everywhere soon.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{AccountId, FailureCount};
use futures_util::future::join_all;
use store::Store;
use store::guesses::{self, GuessKey};

use crate::conformance_samples::{NOW, after, hash_of, unit};
use crate::engine_watch::{believes, create_account};
use crate::support::{eventually, on_both_engines};

/// Longer than two polls, shorter than the trust in one.
const TWO_POLLS: Duration = Duration::from_millis(600);

fn key(number: i64) -> GuessKey {
    GuessKey { account_id: AccountId::new(1), hash: hash_of(number) }
}

async fn fail(store: &Store, key: &GuessKey, limit: u32) -> FailureCount {
    unit!(store, |tx| guesses::failed(tx, key, limit, NOW, after(300)))
}

/// What this node says of a credential, and how many statements that took.
async fn remembered(store: &Store, key: &GuessKey) -> (i64, u64) {
    let before = store.statement_count();
    let failures = store.cache().failures(key).await.expect("reads");
    (failures.count, store.statement_count() - before)
}

/// Whether failures below the limit go unnoticed at the other node, which remembers that there were none.
async fn go_unnoticed(here: &Store, there: &Store, key: &GuessKey) -> bool {
    remembered(there, key).await;
    fail(here, key, 3).await;
    fail(here, key, 3).await;
    tokio::time::sleep(TWO_POLLS).await;
    remembered(there, key).await == (0, 0)
}

/// Whether the other node, once it has noticed the last failure, still believes everything else.
async fn is_noticed_alone(here: &Store, there: &Store, key: &GuessKey) -> bool {
    let believed = believes(there).await;
    fail(here, key, 3).await;
    assert!(eventually(async || remembered(there, key).await.0 == 3).await, "it is refused there");
    believed && believes(there).await
}

on_both_engines! {
    // CA-07
    async fn no_failure_of_two_nodes_goes_uncounted(database) {
        let nodes = [database.migrated().await, database.open().await];
        let failing = (0..50).map(|number| {
            let node = nodes[number % 2].clone();
            tokio::spawn(async move { fail(&node, &key(1), 20).await.count })
        });
        let counts = join_all(failing).await.into_iter().map(|count| count.expect("it ended"));
        assert_eq!(counts.collect::<BTreeSet<_>>(), (1..=50).collect());
    }

    // CA-07, DS-05
    async fn a_reached_limit_is_known_everywhere_and_empties_no_other_cache(database) {
        let (here, there) = (database.migrated().await, database.open().await);
        create_account(&here).await;
        let _watch = there.watch();
        let none = key(1);
        assert_eq!(remembered(&there, &none).await, (0, 1));
        let absent = eventually(async || remembered(&there, &none).await == (0, 0)).await;
        assert!(absent, "absence is remembered");
        // Each try is with another credential: a busy machine may have forgotten in between.
        let mut keys = (2..).map(key);
        let shown = eventually(async || {
            let key = keys.next().expect("there are more than enough");
            go_unnoticed(&here, &there, &key).await && is_noticed_alone(&here, &there, &key).await
        });
        assert!(shown.await, "what others remember is left alone");
    }

    async fn a_node_that_does_not_poll_asks_the_database(database) {
        let store = database.migrated().await;
        assert_eq!(remembered(&store, &key(1)).await, (0, 1));
        fail(&store, &key(1), 3).await;
        assert_eq!(remembered(&store, &key(1)).await, (1, 1));
    }
}
