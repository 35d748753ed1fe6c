//! Migrations on SQLite: a connection of their own on the blocking pool, one short transaction each.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{Applied, Dialect, Migration, MigrationReport, next};
use crate::Fault;
use crate::engine::sqlite::{Sqlite, fault, open_writer, run_blocking};

/// How long a migration waits for another process that migrates or writes.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn up(
    engine: &Sqlite,
    list: &'static [Migration],
) -> Result<MigrationReport, Fault> {
    let path = engine.path().to_owned();
    run_blocking(move || {
        let mut connection = open(&path)?;
        let mut report = MigrationReport::default();
        while let Some(name) = step(&mut connection, list, &mut report)? {
            report.applied.push(name.to_owned());
        }
        Ok(report)
    })
    .await
}

pub(super) async fn applied(engine: &Sqlite) -> Result<Applied, Fault> {
    let path: PathBuf = engine.path().to_owned();
    run_blocking(move || {
        let connection = open(&path)?;
        let table = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'migrations'";
        let known: i64 = connection.query_row(table, [], |row| row.get(0)).map_err(failed)?;
        if known == 0 { Ok(Applied::new()) } else { read(&connection) }
    })
    .await
}

fn open(path: &Path) -> Result<Connection, Fault> {
    let connection = open_writer(path)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    Ok(connection)
}

/// Applies the next migration, if one is missing, and returns its name.
fn step(
    connection: &mut Connection,
    list: &'static [Migration],
    report: &mut MigrationReport,
) -> Result<Option<&'static str>, Fault> {
    let tx =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (
           name TEXT NOT NULL PRIMARY KEY,
           checksum BLOB NOT NULL
         ) WITHOUT ROWID",
    )
    .map_err(failed)?;
    let applied = read(&tx)?;
    let migration = next(list, &applied)?;
    if let Some(migration) = migration {
        apply(&tx, migration)?;
    } else {
        report.already_applied = applied.len() - report.applied.len();
    }
    tx.commit().map_err(failed)?;
    Ok(migration.map(|migration| migration.name))
}

fn apply(tx: &Transaction<'_>, migration: &Migration) -> Result<(), Fault> {
    for statement in migration.statements(Dialect::Sqlite)? {
        tx.execute_batch(&statement)
            .map_err(|error| migration.refused(&format!("{error} in {}", statement.trim())))?;
    }
    tx.execute(
        "INSERT INTO migrations (name, checksum) VALUES (?1, ?2)",
        (migration.name, migration.checksum()),
    )
    .map_err(failed)?;
    Ok(())
}

fn read(connection: &Connection) -> Result<Applied, Fault> {
    let mut select = connection.prepare("SELECT name, checksum FROM migrations").map_err(failed)?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn failed(error: rusqlite::Error) -> Fault {
    fault("migrations", &error).given_up()
}
