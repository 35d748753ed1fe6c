//! The SQLite engine: one writer whose units of work share a flush, and a few connections that only read.

mod batch;
mod connection;
mod readers;
#[cfg(test)]
mod tests;
mod unit;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use connection::{fault, open_writer};
pub(crate) use unit::Unit;

use super::{Row, Statement, Value};
use crate::Fault;
use crate::generation::Generation;
use readers::Readers;
use writer::Writer;

/// One SQLite file. The readers go first when it is closed, so that the writer can tidy up the log.
pub(crate) struct Sqlite {
    readers: Readers,
    writer: Arc<Writer>,
    path: PathBuf,
}

impl Sqlite {
    /// Opens the file, and creates it if its folder exists.
    pub(crate) async fn open(path: &Path, generation: Arc<Generation>) -> Result<Self, Fault> {
        let path = path.to_owned();
        let open = move || {
            let writer = Writer::new(open_writer(&path)?, path.clone(), generation);
            Ok(Self { readers: Readers::open(&path)?, writer: Arc::new(writer), path })
        };
        run_blocking(open).await
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How many tasks wait for their turn at the writer.
    pub(crate) fn waiting_count(&self) -> usize {
        self.writer.waiting_count()
    }

    pub(crate) async fn begin(&self) -> Result<Unit, Fault> {
        self.writer.begin().await
    }

    pub(crate) async fn read<F>(
        &self,
        statement: &Statement,
        values: &[Value<'_>],
        each: F,
    ) -> Result<(), Fault>
    where
        F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
    {
        self.readers.read(statement, values, each).await
    }
}

/// Runs what may wait for a disk on the blocking pool.
pub(crate) async fn run_blocking<T, F>(work: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Fault> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Fault::Unavailable("the server is shutting down".into()))?
}
