//! Caches are correct: a change is announced, a missed announcement is noticed, and without news nothing is believed.

use std::time::Duration;

use domain::AccountId;
use store::{Decision, Store, settle};
use tokio::time::sleep;

use crate::support::on_both_engines;

store::statements! {
    CREATE: "INSERT INTO accounts (id, slug, name, base_urls, consent, pkce, refresh_grace, created_at)
             VALUES ($1, 'a', 'before', '[\"https://a.example\"]', 'remember', 'public_clients', 0, 0)";
    RENAME: "UPDATE accounts SET name = $2 WHERE id = $1";
}

/// Longer than a poll, shorter than the trust in one.
const SOON: Duration = Duration::from_millis(400);
/// Longer than the trust in a poll.
const LATER: Duration = Duration::from_secs(1);
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

on_both_engines! {
    async fn one_s_own_change_is_seen_at_once(database) {
        let store = database.migrated().await;
        create_account(&store).await;
        let _watch = store.watch();
        sleep(SOON).await;
        assert_eq!(cached(&store).await, "before");
        rename(&store, "after").await;
        assert_eq!(cached(&store).await, "after");
    }

    async fn a_change_of_another_node_is_seen_within_a_poll(database) {
        let (here, there) = (database.migrated().await, database.open().await);
        create_account(&here).await;
        let _watch = here.watch();
        sleep(SOON).await;
        assert_eq!(cached(&here).await, "before");
        rename(&there, "after").await;
        sleep(SOON).await;
        assert_eq!(cached(&here).await, "after");
    }

    async fn a_cached_account_needs_no_statement(database) {
        let store = database.migrated().await;
        create_account(&store).await;
        let _watch = store.watch();
        sleep(SOON).await;
        cached(&store).await;
        let before = store.statement_count();
        database.behind_the_back(UNANNOUNCED).await;
        assert_eq!(cached(&store).await, "before");
        assert_eq!(store.statement_count(), before);
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
        sleep(SOON).await;
        assert_eq!(cached(&store).await, "before");
        database.behind_the_back(UNANNOUNCED).await;
        drop(watch);
        sleep(LATER).await;
        assert_eq!(cached(&store).await, "unannounced");
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
