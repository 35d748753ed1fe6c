//! Rows on PostgreSQL: concurrent inserts as one multi-row statement, and so are concurrent rotations.

use std::collections::HashSet;

use tokio::sync::mpsc;
use tokio_postgres::{Client, NoTls, Statement};

use super::jobs::{self, Hash, Queue, Waiting};

const INSERT_TOKENS: &str = include_str!("../../sql/reference/postgres_insert_tokens.sql");
const READ_TOKEN: &str = include_str!("../../sql/reference/postgres_read_token.sql");
const SEED_REFRESH: &str = include_str!("../../sql/reference/postgres_seed_refresh.sql");
const ROTATE: &str = include_str!("../../sql/reference/postgres_rotate.sql");

/// The database: a connection for each kind of work.
pub(super) struct Postgres {
    /// Where inserts wait.
    pub(super) inserts: Queue,
    /// Where rotations wait.
    pub(super) rotations: Queue,
    reader: Client,
    read: Statement,
}

impl Postgres {
    /// Connects; the tables are there.
    pub(super) async fn open(url: &str, seeds: &[Hash], expires_at: i64) -> anyhow::Result<Self> {
        let reader = connect(url).await?;
        let read = reader.prepare(READ_TOKEN).await?;
        let seeds: Vec<&[u8]> = seeds.iter().map(<[u8; 32]>::as_slice).collect();
        reader.execute(SEED_REFRESH, &[&seeds, &expires_at]).await?;
        let (inserts, jobs) = Queue::new();
        tokio::spawn(write_all(connect(url).await?, INSERT_TOKENS, jobs));
        let (rotations, jobs) = Queue::new();
        tokio::spawn(write_all(connect(url).await?, ROTATE, jobs));
        Ok(Self { inserts, rotations, reader, read })
    }

    /// When a token ends; none: there is no such token.
    pub(super) async fn read(&self, hash: &Hash) -> Result<Option<i64>, tokio_postgres::Error> {
        let row = self.reader.query_opt(&self.read, &[&hash.as_slice()]).await?;
        Ok(row.map(|row| row.get(0)))
    }
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Writes what waits, as long as there are requests; the next flush begins when the last one ends.
async fn write_all(client: Client, text: &str, mut jobs: mpsc::Receiver<Waiting>) {
    let Ok(statement) = client.prepare(text).await else { return };
    let mut batch = Vec::new();
    while let Some(first) = jobs.recv().await {
        batch.push(first);
        // Requests that are ready to run join this flush.
        tokio::task::yield_now().await;
        jobs::fill(&mut batch, &mut jobs);
        let done = write(&client, &statement, &batch).await;
        for (job, waiting) in batch.drain(..) {
            let key = job.rotation.map_or(job.access, |(old, _)| old);
            let _ = waiting.send(done.as_ref().is_ok_and(|done| done.is_done(&key)));
        }
    }
}

/// What a flush has done.
enum Done {
    All,
    These(HashSet<Vec<u8>>),
}

impl Done {
    fn is_done(&self, key: &Hash) -> bool {
        match self {
            Self::All => true,
            Self::These(keys) => keys.contains(key.as_slice()),
        }
    }
}

async fn write(
    client: &Client,
    statement: &Statement,
    batch: &[Waiting],
) -> Result<Done, tokio_postgres::Error> {
    let jobs = || batch.iter().map(|(job, _)| job);
    let access: Vec<&[u8]> = jobs().map(|job| job.access.as_slice()).collect();
    let clients: Vec<i64> = jobs().map(|job| job.client).collect();
    let ends: Vec<i64> = jobs().map(|job| job.expires_at).collect();
    let rotations: Vec<_> = jobs().filter_map(|job| job.rotation.as_ref()).collect();
    if rotations.is_empty() {
        client.execute(statement, &[&access, &clients, &ends]).await?;
        return Ok(Done::All);
    }
    let old: Vec<&[u8]> = rotations.iter().map(|(old, _)| old.as_slice()).collect();
    let new: Vec<&[u8]> = rotations.iter().map(|(_, new)| new.as_slice()).collect();
    let rows = client.query(statement, &[&old, &new, &access, &clients, &ends]).await?;
    Ok(Done::These(rows.iter().map(|row| row.get(0)).collect()))
}
