//! Ids come in blocks: never twice, also over nodes and after a crash.

use std::collections::HashSet;

use domain::Id;
use store::{Decision, Store, settle};

use crate::support::on_both_engines;

on_both_engines! {
    async fn eight_tasks_on_two_nodes_never_get_the_same_id(database) {
        let nodes = [database.store().await, database.open().await];
        let tasks = (0..8).map(|task| tokio::spawn(take(nodes[task % 2].clone(), 4_000)));
        let mut seen = HashSet::new();
        for task in tasks.collect::<Vec<_>>() {
            for id in task.await.expect("no panic") {
                assert!(id > 0 && id < 1 << 53, "{id} is no id");
                assert!(seen.insert(id), "{id} was given out twice");
            }
        }
        assert_eq!(seen.len(), 32_000);
    }

    async fn no_id_comes_back_after_a_crash(database) {
        let before = take(database.store().await, 10).await;
        let after = take(database.open().await, 10).await;
        assert!(after.iter().all(|id| id > before.last().expect("ten ids")), "{before:?} {after:?}");
    }

    async fn ids_of_one_node_grow(database) {
        let ids = take(database.store().await, 30_000).await;
        assert!(ids.is_sorted());
    }

    async fn an_id_needs_no_statement(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        let before = store.statement_count();
        for _ in 0..1_000 {
            let _: Id<()> = tx.id().expect("an id");
        }
        assert_eq!(store.statement_count(), before);
    }
}

/// Takes ids in small units of work.
async fn take(store: Store, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    while ids.len() < count {
        let mut tx = store.begin().await.expect("begins");
        for _ in 0..10 {
            let id: Id<()> = tx.id().expect("an id");
            ids.push(id.get());
        }
        let _: Decision<(), ()> = settle(tx, Ok(())).await;
    }
    ids
}
