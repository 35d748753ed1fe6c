//! Caches are correct: a change is announced, a missed announcement is noticed, and without news nothing is believed.

use std::cell::Cell;

use domain::{AccountId, Client};
use store::{Decision, Store, clients, settle};

use crate::conformance_samples::{bare_client, unit};
use crate::support::{TestDatabase, eventually, on_both_engines};

store::statements! {
    CREATE: "INSERT INTO accounts (id, slug, name, base_urls, consent, pkce, refresh_grace, created_at)
             VALUES ($1, 'a', 'before', '[\"https://a.example\"]', 'remember', 'public_clients', 0, 0)";
    RENAME: "UPDATE accounts SET name = $2 WHERE id = $1";
}

const ID: AccountId = AccountId::new(1);

/// What the cache says the account is called.
pub(crate) async fn cached(store: &Store) -> String {
    let account = store.cache().account_by_id(ID).await.expect("reads").expect("the account");
    account.name.clone()
}

/// Makes the account.
pub(crate) async fn create_account(store: &Store) {
    let mut tx = store.begin().await.expect("begins");
    tx.execute(&CREATE, &[ID.into()]).await.expect("creates");
    let _: Decision<(), ()> = settle(tx, Ok(())).await;
}

async fn rename(store: &Store, name: &str) {
    let mut tx = store.begin().await.expect("begins");
    tx.execute(&RENAME, &[ID.into(), name.into()]).await.expect("renames");
    tx.announce();
    let decision: Decision<(), ()> = settle(tx, Ok(())).await;
    decision.expect("commits");
}

const UNANNOUNCED: &str = "UPDATE accounts SET name = 'unannounced' WHERE id = 1";

/// Whether this node just now believes what it remembers: a look takes no statement.
pub(crate) async fn believes(store: &Store) -> bool {
    let before = store.statement_count();
    cached(store).await;
    store.statement_count() == before
}

/// Whether this node says what it remembers, and asks nobody, after a change that was not announced.
pub(crate) async fn remembers(store: &Store, database: &TestDatabase) -> bool {
    rename(store, "known").await;
    cached(store).await;
    database.behind_the_back(UNANNOUNCED).await;
    let before = store.statement_count();
    cached(store).await == "known" && store.statement_count() == before
}

/// Whether what was found by one key is known by the other one without a statement.
async fn knows_by_both_keys(store: &Store, clients: [Client; 2]) -> bool {
    for client in &clients {
        assert!(unit!(store, |tx| clients::create(tx, client)));
    }
    let [first, second] = &clients;
    let memory = store.cache();
    memory.client(ID, first.identifier.as_str()).await.expect("a look-up");
    memory.client_by_id(ID, second.id).await.expect("a look-up");
    let before = store.statement_count();
    let by_id = memory.client_by_id(ID, first.id).await.expect("a look-up");
    let by_identifier = memory.client(ID, second.identifier.as_str()).await.expect("a look-up");
    assert_eq!((by_id.as_deref(), by_identifier.as_deref()), (Some(first), Some(second)));
    store.statement_count() == before
}

on_both_engines! {
    async fn a_client_that_was_found_by_one_key_is_known_by_the_other(database) {
        let store = database.migrated().await;
        create_account(&store).await;
        let _watch = store.watch();
        let next_id = Cell::new(1);
        // A poll may come between: then others, whom nobody has looked for, are tried.
        assert!(eventually(async || {
            let id = next_id.replace(next_id.get() + 2);
            assert!(eventually(async || believes(&store).await).await);
            knows_by_both_keys(&store, [bare_client(id, ID), bare_client(id + 1, ID)]).await
        }).await);
    }

    async fn one_s_own_change_is_seen_at_once(database) {
        let store = database.migrated().await;
        create_account(&store).await;
        let _watch = store.watch();
        assert!(eventually(async || believes(&store).await).await);
        assert_eq!(cached(&store).await, "before");
        rename(&store, "after").await;
        assert_eq!(cached(&store).await, "after");
    }

    async fn a_change_of_another_node_is_seen_although_memory_is_believed(database) {
        let (here, there) = (database.migrated().await, database.open().await);
        create_account(&here).await;
        let _watch = here.watch();
        assert!(eventually(async || believes(&here).await).await);
        assert_eq!(cached(&here).await, "before");
        rename(&there, "after").await;
        assert!(eventually(async || cached(&here).await == "after").await);
        assert!(eventually(async || believes(&here).await).await);
        assert_eq!(cached(&here).await, "after");
    }

    async fn a_cached_account_needs_no_statement(database) {
        let store = database.migrated().await;
        create_account(&store).await;
        let _watch = store.watch();
        assert!(eventually(async || remembers(&store, &database).await).await);
    }

    async fn a_node_without_a_watch_asks_the_database(database) {
        let store = database.migrated().await;
        create_account(&store).await;
        assert_eq!(cached(&store).await, "before");
        database.behind_the_back(UNANNOUNCED).await;
        assert_eq!(cached(&store).await, "unannounced");
    }

    async fn memory_is_not_trusted_when_the_last_good_poll_is_too_old(database) {
        let store = database.migrated().await;
        create_account(&store).await;
        let watch = store.watch();
        assert!(eventually(async || remembers(&store, &database).await).await);
        drop(watch);
        assert!(eventually(async || cached(&store).await == "unannounced").await);
    }

    async fn a_fault_announces_nothing(database) {
        let store = database.migrated().await;
        create_account(&store).await;
        let mut tx = store.begin().await.expect("begins");
        tx.execute(&RENAME, &[ID.into(), "never".into()]).await.expect("renames");
        tx.announce();
        drop(tx);
        assert_eq!(cached(&store).await, "before");
    }
}
