//! What only the inside of the writer can show: which units share a batch, and what becomes of it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, poll_immediate};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::super::{Statement, Value};
use super::writer::Waiting;
use super::{Sqlite, Unit};
use crate::Fault;
use crate::generation::Generation;

static CREATE: Statement =
    Statement::new("create", "INSERT INTO things (id, parent, data) VALUES ($1, $2, $3)");
static REPLACE: Statement =
    Statement::new("replace", "INSERT OR ROLLBACK INTO things (id) VALUES ($1)");
static COUNT: Statement = Statement::new("count", "SELECT COUNT(*) FROM things");

/// What a busy machine may take for what a quick one does at once.
const PATIENCE: Duration = Duration::from_secs(30);

struct Database {
    sqlite: Sqlite,
    generation: Arc<Generation>,
    _folder: TempDir,
}

impl Database {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let generation = Arc::new(Generation::new());
        let path = folder.path().join("test.db");
        let sqlite = Sqlite::open(&path, Arc::clone(&generation)).await.expect("opens");
        let database = Self { sqlite, generation, _folder: folder };
        database
            .on_writer(
                "CREATE TABLE epochs (name TEXT PRIMARY KEY, value BIGINT);
                 CREATE TABLE parents (id BIGINT PRIMARY KEY);
                 CREATE TABLE things (
                   id BIGINT PRIMARY KEY,
                   parent BIGINT REFERENCES parents DEFERRABLE INITIALLY DEFERRED,
                   data BLOB
                 );",
            )
            .await;
        database
    }

    /// Runs something on the writer's connection, outside a unit.
    async fn on_writer(&self, sql: &str) {
        let slot = self.sqlite.writer.slot.lock().await;
        let connection = slot.connection.as_ref().expect("a connection");
        connection.execute_batch(sql).expect("runs");
    }

    async fn pragma(&self, name: &str) -> String {
        let slot = self.sqlite.writer.slot.lock().await;
        let connection = slot.connection.as_ref().expect("a connection");
        let value = connection.pragma_query_value(None, name, |row| {
            row.get_ref(0).map(|value| match value {
                rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => other.as_i64().unwrap_or_default().to_string(),
            })
        });
        value.expect("a pragma")
    }

    async fn count(&self) -> i64 {
        let mut count = 0;
        let each = |row: &super::Row<'_>| {
            count = row.get(0)?;
            Ok(())
        };
        self.sqlite.read(&COUNT, &[], each).await.expect("counts");
        count
    }

    async fn begin(&self) -> Unit {
        self.sqlite.begin().await.expect("begins")
    }

    /// Three units that end well but wait: their batch is flushed when the returned waiter goes.
    async fn three_in_a_batch(&self) -> (Waiting<'_>, Vec<JoinHandle<Result<(), Fault>>>) {
        self.three_in_a_batch_from(1).await
    }

    async fn three_in_a_batch_from(
        &self,
        first: i64,
    ) -> (Waiting<'_>, Vec<JoinHandle<Result<(), Fault>>>) {
        let waiter = Waiting::new(&self.sqlite.writer);
        let mut settled = Vec::new();
        for id in first..first + 3 {
            let mut unit = self.begin().await;
            create(&mut unit, id).expect("creates");
            settled.push(tokio::spawn(unit.commit(false)));
            tokio::task::yield_now().await;
        }
        (waiter, settled)
    }
}

fn create(unit: &mut Unit, id: i64) -> Result<u64, Fault> {
    unit.run(&CREATE, &[id.into(), Value::Null, Value::Null], |_| Ok(()))
}

async fn fates(settled: Vec<JoinHandle<Result<(), Fault>>>) -> Vec<Result<(), Fault>> {
    let all = timeout(PATIENCE, join_all(settled)).await.expect("all are told");
    all.into_iter().map(|fate| fate.expect("no panic")).collect()
}

#[tokio::test]
async fn an_acknowledged_write_is_durable() {
    let database = Database::new().await;
    assert_eq!(database.pragma("journal_mode").await, "wal");
    assert_eq!(database.pragma("synchronous").await, "2", "FULL");
    assert_eq!(database.pragma("foreign_keys").await, "0");
    assert_eq!(database.pragma("busy_timeout").await, "0");
}

#[tokio::test]
async fn units_share_a_commit_that_comes_when_nobody_waits() {
    let database = Database::new().await;
    let (waiter, settled) = database.three_in_a_batch().await;
    assert_eq!(database.count().await, 0, "nothing is committed while somebody waits");
    assert!(settled.iter().all(|unit| !unit.is_finished()));
    drop(waiter);
    assert_eq!(fates(settled).await, vec![Ok(()); 3]);
    assert_eq!(database.count().await, 3);
}

#[tokio::test]
async fn a_full_batch_is_flushed_although_somebody_waits() {
    let database = Database::new().await;
    let _waiter = Waiting::new(&database.sqlite.writer);
    let mut settled = Vec::new();
    for id in 0..256 {
        assert!(poll_immediate(join_all(&mut settled)).await.is_none() || id == 0);
        let mut unit = database.begin().await;
        create(&mut unit, id).expect("creates");
        let mut commit = Box::pin(unit.commit(false));
        assert!(poll_immediate(&mut commit).await.is_none());
        settled.push(commit);
    }
    let fates = timeout(PATIENCE, join_all(settled)).await.expect("is flushed");
    assert!(fates.iter().all(Result::is_ok));
    assert_eq!(database.count().await, 256);
}

#[tokio::test]
async fn a_dropped_unit_harms_no_neighbour() {
    let database = Database::new().await;
    let (waiter, settled) = database.three_in_a_batch().await;
    let mut unit = database.begin().await;
    create(&mut unit, 4).expect("creates");
    drop(unit);
    let mut unit = database.begin().await;
    create(&mut unit, 1).expect_err("the id is taken");
    drop(unit);
    drop(waiter);
    assert_eq!(fates(settled).await, vec![Ok(()); 3]);
    assert_eq!(database.count().await, 3);
}

#[tokio::test]
async fn a_failed_commit_acknowledges_none_and_the_writer_reopens() {
    let database = Database::new().await;
    database.on_writer("PRAGMA foreign_keys = ON").await;
    let (waiter, mut settled) = database.three_in_a_batch().await;
    let mut unit = database.begin().await;
    // A deferred constraint: the statement succeeds, COMMIT does not.
    unit.run(&CREATE, &[4.into(), 99.into(), Value::Null], |_| Ok(())).expect("creates");
    settled.push(tokio::spawn(unit.commit(true)));
    tokio::task::yield_now().await;
    let before = database.generation.current();
    drop(waiter);
    assert!(fates(settled).await.iter().all(Result::is_err));
    assert_eq!(database.generation.current(), before, "nothing was announced");
    assert_eq!(database.count().await, 0);

    let mut unit = database.begin().await;
    create(&mut unit, 1).expect("the writer serves again");
    unit.commit(false).await.expect("commits");
    assert_eq!(database.pragma("foreign_keys").await, "0", "on a new connection");
    assert_eq!(database.count().await, 1);
}

#[tokio::test]
async fn a_batch_that_the_engine_rolled_back_acknowledges_none() {
    let database = Database::new().await;
    let (waiter, settled) = database.three_in_a_batch().await;
    let mut unit = database.begin().await;
    // SQLite itself rolls back everything, as after an I/O error.
    unit.run(&REPLACE, &[1.into()], |_| Ok(())).expect_err("the id is taken");
    assert_eq!(create(&mut unit, 5), Err(Fault::Poisoned));
    assert_eq!(unit.commit(false).await, Err(Fault::Poisoned));
    drop(waiter);
    for fate in fates(settled).await {
        assert!(
            matches!(&fate, Err(Fault::Unavailable(message)) if message.contains("rolled back"))
        );
    }
    assert_eq!(database.count().await, 0);
    let mut unit = database.begin().await;
    create(&mut unit, 1).expect("the writer serves again");
    unit.commit(false).await.expect("commits");
}

#[tokio::test]
async fn a_full_disk_is_a_fault_and_nothing_acknowledged_is_lost() {
    let database = Database::new().await;
    let mut unit = database.begin().await;
    create(&mut unit, 1).expect("creates");
    unit.commit(false).await.expect("commits");
    database.on_writer("PRAGMA max_page_count = 12").await;
    let (waiter, settled) = database.three_in_a_batch_from(2).await;
    let mut unit = database.begin().await;
    let data = vec![0; 1 << 20];
    let full = unit.run(&CREATE, &[9.into(), Value::Null, (&data).into()], |_| Ok(()));
    assert_eq!(full, Err(Fault::Unavailable("the disk is full".into())));
    drop(unit);
    drop(waiter);
    let acknowledged = fates(settled).await.iter().filter(|fate| fate.is_ok()).count();
    assert_eq!(database.count().await, 1 + i64::try_from(acknowledged).expect("three at most"));
}

#[tokio::test]
async fn an_announced_commit_drops_what_is_in_memory() {
    let database = Database::new().await;
    let before = database.generation.current();
    database.begin().await.commit(false).await.expect("commits");
    assert_eq!(database.generation.current(), before);
    database.begin().await.commit(true).await.expect("commits");
    assert_eq!(database.generation.current(), before + 1);
}

#[tokio::test]
async fn a_statement_is_planned_once_whatever_is_bound_to_it() {
    let database = Database::new().await;
    let fill = "CREATE INDEX things_parent ON things (parent);
        INSERT INTO things (id, parent) VALUES (1, 1), (2, 1), (3, 2), (4, 3); ANALYZE;";
    database.on_writer(fill).await;
    let slot = database.sqlite.writer.slot.lock().await;
    let other = rusqlite::Connection::open(database.sqlite.path()).expect("opens");
    assert!(planned_again(&other) > 0, "a connection as it comes plans again");
    assert_eq!(planned_again(slot.connection.as_ref().expect("a connection")), 0);
}

/// How often a statement whose best plan depends on a value is planned again.
fn planned_again(connection: &rusqlite::Connection) -> i32 {
    let sql = "SELECT id FROM things WHERE parent = ?1";
    let mut statement = connection.prepare(sql).expect("is prepared");
    for parent in [1, 2] {
        assert!(statement.exists([parent]).expect("reads"));
    }
    statement.get_status(rusqlite::StatementStatus::RePrepare)
}
