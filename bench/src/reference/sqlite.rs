//! Rows on SQLite: WAL with `synchronous=FULL`, one writer thread that commits what waits at once, one reader.

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use tokio::sync::mpsc;

use super::environment::Environment;
use super::jobs::{self, Hash, Job, Queue, Waiting};

const TABLES: &str = include_str!("../../sql/reference/sqlite_tables.sql");
const INSERT_TOKEN: &str = include_str!("../../sql/reference/sqlite_insert_token.sql");
const READ_TOKEN: &str = include_str!("../../sql/reference/sqlite_read_token.sql");
const INSERT_REFRESH: &str = include_str!("../../sql/reference/sqlite_insert_refresh.sql");
const USE_REFRESH: &str = include_str!("../../sql/reference/sqlite_use_refresh.sql");

/// A day, in seconds: how long a refresh token lasts.
const DAY: i64 = 86_400;

/// The database.
pub(super) struct Sqlite {
    /// Where writes wait.
    pub(super) queue: Queue,
    reader: Mutex<Connection>,
}

impl Sqlite {
    /// Makes the file anew, with these refresh tokens.
    pub(super) fn open(
        environment: &Environment,
        seeds: &[Hash],
        expires_at: i64,
    ) -> anyhow::Result<Self> {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{ending}", environment.db));
        }
        let mut writer = Connection::open(&environment.db)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", &environment.sync)?;
        writer.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        writer.execute_batch(TABLES)?;
        let unit = writer.transaction()?;
        for seed in seeds {
            unit.prepare_cached(INSERT_REFRESH)?.execute(params![seed, &seed[..16], expires_at])?;
        }
        unit.commit()?;
        let reader = Connection::open(&environment.db)?;
        reader.pragma_update(None, "mmap_size", 256 << 20)?;
        let (queue, jobs) = Queue::new();
        std::thread::spawn(move || write_all(&mut writer, jobs));
        Ok(Self { queue, reader: Mutex::new(reader) })
    }

    /// When a token ends; none: there is no such token.
    pub(super) fn read(&self, hash: &Hash) -> rusqlite::Result<Option<i64>> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = reader.prepare_cached(READ_TOKEN)?;
        statement.query_row([hash], |row| row.get(0)).optional()
    }
}

/// Commits what waits, as long as there are requests.
fn write_all(writer: &mut Connection, mut jobs: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::new();
    while let Some(first) = jobs.blocking_recv() {
        batch.push(first);
        jobs::fill(&mut batch, &mut jobs);
        let outcomes = write(writer, &batch).unwrap_or_else(|_| vec![false; batch.len()]);
        for ((_, waiting), is_done) in batch.drain(..).zip(outcomes) {
            let _ = waiting.send(is_done);
        }
    }
}

fn write(writer: &mut Connection, batch: &[Waiting]) -> rusqlite::Result<Vec<bool>> {
    let unit = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let outcomes = batch.iter().map(|(job, _)| write_one(&unit, job)).collect::<Result<_, _>>()?;
    unit.commit()?;
    Ok(outcomes)
}

fn write_one(unit: &Connection, job: &Job) -> rusqlite::Result<bool> {
    if let Some((old, new)) = &job.rotation {
        let mut statement = unit.prepare_cached(USE_REFRESH)?;
        let family: Option<Vec<u8>> =
            statement.query_row(params![old, job.expires_at - DAY], |row| row.get(0)).optional()?;
        let Some(family) = family else { return Ok(false) };
        let expires_at = job.expires_at + DAY;
        unit.prepare_cached(INSERT_REFRESH)?.execute(params![new, family, expires_at])?;
    }
    let row = params![job.access, job.client, job.expires_at];
    unit.prepare_cached(INSERT_TOKEN)?.execute(row)?;
    Ok(true)
}
