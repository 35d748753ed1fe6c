//! Rules of SQLite alone: a locked file, and files that are no databases.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use store::{Database, Decision, Fault, Store, StoreOptions, settle};

use crate::engine_units::{count, create};
use crate::support::{PATIENCE, TestDatabase};

/// Another process that writes.
fn other_writer(database: &TestDatabase) -> Connection {
    let other = Connection::open(database.path()).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("locks");
    other
}

#[tokio::test(flavor = "current_thread")]
async fn a_file_locked_for_a_moment_is_waited_for_without_blocking_the_thread() {
    let database = TestDatabase::sqlite();
    let store = database.store().await;
    drop(store.begin().await.expect("has ids now"));
    let other = other_writer(&database);
    let unit = async {
        let mut tx = store.begin().await.expect("waits");
        create(&mut tx, 1, "one").await.expect("creates");
        let decision: Decision<(), ()> = settle(tx, Ok(())).await;
        decision.expect("commits");
    };
    let unlock = async {
        // The only thread of this runtime gets here although the unit waits.
        assert_eq!(count(&store).await, 0);
        other.execute_batch("COMMIT").expect("unlocks");
    };
    tokio::join!(unit, unlock);
    assert_eq!(count(&store).await, 1);
}

#[tokio::test]
async fn a_file_that_stays_locked_is_told_after_two_seconds() {
    let database = TestDatabase::sqlite();
    let store = database.store().await;
    drop(store.begin().await.expect("has ids now"));
    let _other = other_writer(&database);
    let started = Instant::now();
    let Err(fault) = store.begin().await else { panic!("the file is locked") };
    assert_eq!(fault, Fault::Unavailable("another process has locked the file".into()));
    let waited = started.elapsed();
    assert!(waited >= Duration::from_secs(2) && waited < PATIENCE, "{waited:?}");
    assert_eq!(count(&store).await, 0);
}

#[tokio::test]
async fn who_waits_behind_a_locked_file_is_told_in_time_too() {
    let database = TestDatabase::sqlite();
    let store = database.store().await;
    drop(store.begin().await.expect("has ids now"));
    let _other = other_writer(&database);
    let waiters = (0..20).map(|_| store.begin());
    // One after the other would be told later that they waited too long for their turn.
    let locked = Fault::Unavailable("another process has locked the file".into());
    for begun in futures_util::future::join_all(waiters).await {
        assert_eq!(begun.map(drop), Err(locked.clone()));
    }
}

async fn refused(path: std::path::PathBuf) -> String {
    let options = StoreOptions { database: Database::Sqlite { path } };
    let Err(fault) = Store::open(&options).await else { panic!("opened") };
    fault.to_string()
}

#[tokio::test]
async fn a_missing_folder_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("missing").join("test.db");
    let expected = format!("the folder {} does not exist", folder.path().join("missing").display());
    assert!(refused(path).await.ends_with(&expected));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "This is no database at all. ".repeat(100)).expect("writes");
    let fault = refused(path.clone()).await;
    let expected =
        format!("the database is damaged: {}: the file is no SQLite database", path.display());
    assert_eq!(fault, expected);
}

#[tokio::test]
async fn a_folder_in_place_of_the_file_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let fault = refused(folder.path().to_owned()).await;
    assert!(fault.contains("the file cannot be opened"), "{fault}");
}
