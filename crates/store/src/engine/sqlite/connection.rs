//! Connections to one SQLite file, the statements they run, and what their errors mean.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};

use super::super::{Row, Statement, Value};
use crate::Fault;

/// More than there are statements, so that each is prepared once per connection.
const PREPARED_STATEMENTS: usize = 512;
/// How long opening waits for another process, on the blocking pool.
const OPENING_PATIENCE: Duration = Duration::from_secs(2);

/// Opens the file for writing: a write-ahead log, flushed at each COMMIT.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, Fault> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
        && !folder.is_dir()
    {
        return Err(Fault::Unavailable(format!("the folder {} does not exist", folder.display())));
    }
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
        .map_err(|error| at(path, &error))?;
    if mode != "wal" {
        let problem = format!("{} cannot have a write-ahead log", path.display());
        return Err(Fault::Unavailable(problem));
    }
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA busy_timeout = 0;
             PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000;
             PRAGMA cache_size = -16000;",
        )
        .map_err(|error| at(path, &error))?;
    Ok(connection)
}

/// Opens the file for reading only.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(Duration::ZERO).map_err(|error| at(path, &error))?;
    Ok(connection)
}

fn open(path: &Path, mode: OpenFlags) -> Result<Connection, Fault> {
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| at(path, &error))?;
    connection.busy_timeout(OPENING_PATIENCE).map_err(|error| at(path, &error))?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    // Without it SQLite plans a statement anew for each value that is bound to it, if its best plan might depend on that.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|error| at(path, &error))?;
    // Reads the header: a file that is no database is refused here, not at the first request.
    connection
        .query_row("PRAGMA schema_version", [], |_| Ok(()))
        .map_err(|error| at(path, &error))?;
    Ok(connection)
}

/// Runs a statement and returns how many rows it returned or, if it returns none, changed.
pub(crate) fn query(
    connection: &Connection,
    statement: &Statement,
    values: &[Value<'_>],
    mut each: impl FnMut(&Row<'_>) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let failed = |error: Error| fault(statement.name(), &error);
    let mut prepared = connection.prepare_cached(statement.sqlite_sql()).map_err(failed)?;
    if prepared.parameter_count() != values.len() {
        let message =
            format!("{} values for {} placeholders", values.len(), prepared.parameter_count());
        return Err(Fault::Statement { statement: statement.name(), message });
    }
    for (number, value) in (1..).zip(values) {
        prepared.raw_bind_parameter(number, value).map_err(failed)?;
    }
    let returns_rows = prepared.column_count() > 0;
    let mut rows = prepared.raw_query();
    let mut count = 0;
    while let Some(row) = rows.next().map_err(failed)? {
        count += 1;
        each(&Row::Sqlite(row))?;
    }
    Ok(if returns_rows { count } else { connection.changes() })
}

/// Runs one of the engine's own commands.
pub(super) fn command(connection: &Connection, sql: &'static str) -> Result<(), Fault> {
    connection
        .prepare_cached(sql)
        .and_then(|mut prepared| prepared.raw_execute())
        .map(|_| ())
        .map_err(|error| fault(sql, &error))
}

/// What an error of a statement means.
pub(crate) fn fault(statement: &'static str, error: &Error) -> Fault {
    let message = error.to_string();
    if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
        return Fault::Conflict(message.rsplit(": ").next().unwrap_or_default().to_owned());
    }
    if message.starts_with("no such table") {
        let problem = format!("{message}: it is not migrated, run `consentry migrate up`");
        return Fault::Unavailable(problem);
    }
    general(error).unwrap_or(Fault::Statement { statement, message })
}

/// What an error about the whole file means, with its path.
fn at(path: &Path, error: &Error) -> Fault {
    let path = path.display();
    match general(error) {
        Some(Fault::Unavailable(message) | Fault::Retryable(message)) => {
            Fault::Unavailable(format!("{path}: {message}"))
        }
        Some(Fault::Corrupt(message)) => Fault::Corrupt(format!("{path}: {message}")),
        _ => Fault::Unavailable(format!("{path}: {error}")),
    }
}

/// The errors that are about the file or the machine, whatever the statement.
fn general(error: &Error) -> Option<Fault> {
    Some(match error.sqlite_error_code()? {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Fault::Retryable("another process has locked the file".into())
        }
        ErrorCode::DiskFull => Fault::Unavailable("the disk is full".into()),
        ErrorCode::OutOfMemory => Fault::Unavailable("there is no memory left".into()),
        ErrorCode::SystemIoFailure => Fault::Unavailable(format!("the disk failed: {error}")),
        ErrorCode::CannotOpen => Fault::Unavailable(
            "the file cannot be opened: does it exist, with the right owner?".into(),
        ),
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            Fault::Unavailable("the file cannot be written: who owns it, and its folder?".into())
        }
        ErrorCode::NotADatabase => Fault::Corrupt("the file is no SQLite database".into()),
        ErrorCode::DatabaseCorrupt => {
            Fault::Corrupt("the file is malformed: restore it from a backup".into())
        }
        _ => return None,
    })
}
