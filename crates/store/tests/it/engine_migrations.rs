//! Migrations: applied once, in order, never changed, by one node at a time.

use store::{Fault, Migration, MigrationState};

use crate::support::{SCHEMA, on_both_engines};

static TWO: &[Migration] = &[
    Migration { name: "0001_first", sql: "CREATE TABLE first (id BIGINT NOT NULL PRIMARY KEY);" },
    Migration { name: "0002_second", sql: "ALTER TABLE first ADD COLUMN name {text};" },
];
static CHANGED: &[Migration] =
    &[Migration { name: "0001_first", sql: "CREATE TABLE first (id BIGINT);" }];
static BROKEN: &[Migration] = &[
    Migration { name: "0001_first", sql: "CREATE TABLE first (id BIGINT NOT NULL PRIMARY KEY);" },
    Migration {
        name: "0002_broken",
        sql: "CREATE TABLE second (id BIGINT);\nCREATE TABLE first (id BIGINT);",
    },
];
static MENDED: &[Migration] = &[
    Migration { name: "0001_first", sql: "CREATE TABLE first (id BIGINT NOT NULL PRIMARY KEY);" },
    Migration { name: "0002_broken", sql: "CREATE TABLE second (id BIGINT);" },
];

async fn states(store: &store::Store, list: &'static [Migration]) -> Vec<(String, MigrationState)> {
    let status = store.migration_status_with(list).await.expect("a status");
    status.into_iter().map(|status| (status.name, status.state)).collect()
}

on_both_engines! {
    async fn each_is_applied_once_in_order(database) {
        let store = database.open().await;
        let pending = [("0001_first".to_owned(), MigrationState::Pending), ("0002_second".to_owned(), MigrationState::Pending)];
        assert_eq!(states(&store, TWO).await, pending);
        let report = store.migrate_with(TWO).await.expect("migrates");
        assert_eq!((report.applied, report.already_applied), (vec!["0001_first".into(), "0002_second".into()], 0));
        let report = store.migrate_with(TWO).await.expect("migrates");
        assert_eq!((report.applied, report.already_applied), (vec![], 2));
        assert!(states(&store, TWO).await.iter().all(|(_, state)| *state == MigrationState::Applied));
    }

    async fn a_changed_one_is_refused(database) {
        let store = database.open().await;
        store.migrate_with(TWO).await.expect("migrates");
        let fault = store.migrate_with(CHANGED).await.expect_err("refused").to_string();
        assert!(fault.starts_with("migration 0001_first was changed after"), "{fault}");
        let states = states(&store, CHANGED).await;
        assert_eq!(states[0].1, MigrationState::Changed);
        assert_eq!(states[1], ("0002_second".to_owned(), MigrationState::Newer));
    }

    async fn a_broken_one_leaves_no_trace_and_the_next_run_goes_on(database) {
        let store = database.open().await;
        let fault = store.migrate_with(BROKEN).await.expect_err("refused").to_string();
        assert!(fault.starts_with("migration 0002_broken: "), "{fault}");
        let report = store.migrate_with(MENDED).await.expect("goes on");
        assert_eq!((report.applied, report.already_applied), (vec!["0002_broken".into()], 1));
    }

    async fn two_nodes_may_start_at_once(database) {
        let nodes = [database.open().await, database.open().await, database.open().await];
        let tasks = nodes.map(|node| tokio::spawn(async move { node.migrate_with(TWO).await }));
        let mut applied = 0;
        for task in tasks {
            applied += task.await.expect("no panic").expect("migrates").applied.len();
        }
        assert_eq!(applied, 2);
    }

    async fn the_product_s_own_schema_is_one_text(database) {
        let store = database.migrated().await;
        let status = store.migration_status().await.expect("a status");
        assert!(status.iter().all(|status| status.state == MigrationState::Applied));
    }

    async fn a_database_that_is_not_migrated_says_what_to_do(database) {
        let store = database.open().await;
        let Err(fault) = store.begin().await else { panic!("began without a schema") };
        assert!(matches!(fault, Fault::Unavailable(_)), "{fault:?}");
        assert!(fault.to_string().contains("run `consentry migrate up`"), "{fault}");
        store.migrate_with(SCHEMA).await.expect("migrates");
        store.begin().await.expect("begins");
    }
}
