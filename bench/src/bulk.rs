//! A database that is filled at once, while no server runs on it.

use std::path::Path;

use rusqlite::Connection;

use crate::database::on;

const SQLITE_SIZE: &str = include_str!("../sql/seed/sqlite_size.sql");
const POSTGRES_SIZE: &str = include_str!("../sql/seed/postgres_size.sql");

/// A distinct hash for each row, in the order of the rows: a key that is filled from one end stays quick to fill.
const SQLITE_HASH: &str = "unhex(printf('%016x', (i - {first}) * {step}) || hex(randomblob(24)))";
const POSTGRES_HASH: &str = "decode(lpad(to_hex((i - {first}) * {step}), 16, '0'), 'hex') \
     || substr(sha256(CAST(CAST(i AS TEXT) AS BYTEA)), 1, 24)";

/// Memory of SQLite meanwhile, in KiB.
const CACHE: i64 = 256 * 1024;

/// The database.
pub(crate) enum Bulk {
    /// A file.
    Sqlite(Connection),
    /// By its URL.
    Postgres(String),
}

impl Bulk {
    /// Opens a file; what is lost when the machine fails meanwhile is made again.
    pub(crate) fn open_file(file: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(file)?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "cache_size", -CACHE)?;
        Ok(Self::Sqlite(connection))
    }

    /// Runs a statement.
    pub(crate) fn execute(&self, statement: &str) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(statement)?),
            Self::Postgres(url) => on(url, async |client| client.batch_execute(statement).await),
        }
    }

    /// The one number that a statement finds.
    pub(crate) fn number(&self, statement: &str) -> anyhow::Result<i64> {
        match self {
            Self::Sqlite(connection) => Ok(connection.query_row(statement, [], |row| row.get(0))?),
            Self::Postgres(url) => {
                on(url, async |client| client.query_one(statement, &[]).await.map(|row| row.get(0)))
            }
        }
    }

    /// How much it takes on disk, in bytes.
    pub(crate) fn size(&self) -> anyhow::Result<i64> {
        match self {
            Self::Sqlite(_) => self.number(SQLITE_SIZE),
            Self::Postgres(_) => self.number(POSTGRES_SIZE),
        }
    }

    /// The expression for the hash of a row.
    pub(crate) fn hash(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => SQLITE_HASH,
            Self::Postgres(_) => POSTGRES_HASH,
        }
    }

    /// What a database does by itself in time: it learns what its tables look like.
    pub(crate) fn settle(&self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(connection) => {
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
                Ok(())
            }
            Self::Postgres(_) => {
                self.execute("VACUUM ANALYZE").and_then(|()| self.execute("CHECKPOINT"))
            }
        }
    }
}
