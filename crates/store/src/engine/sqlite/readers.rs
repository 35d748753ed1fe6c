//! Reads outside a unit of work: inline, microseconds, on connections that cannot write.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::available_parallelism;
use std::time::Duration;

use rusqlite::Connection;
use tokio::time::{Instant, sleep};

use super::super::{Row, Statement, Value};
use super::connection::{open_reader, query};
use crate::Fault;

/// At most this many connections: more than threads that serve requests are of no use.
const MOST: usize = 8;
/// How long a read waits while another process recovers the log.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(5);

/// The connections; the first free one is taken, so that an idle server warms only one.
pub(super) struct Readers(Vec<Mutex<Connection>>);

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let count = available_parallelism().map_or(2, |threads| threads.get().clamp(2, MOST));
        let connections = (0..count).map(|_| open_reader(path).map(Mutex::new));
        connections.collect::<Result<_, _>>().map(Self)
    }

    pub(super) async fn read<F>(
        &self,
        statement: &Statement,
        values: &[Value<'_>],
        mut each: F,
    ) -> Result<(), Fault>
    where
        F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
    {
        let mut deadline = None;
        loop {
            // A locked file is told before the first row, so no row is seen twice.
            let Err(fault) = query(&self.free(), statement, values, &mut each) else {
                return Ok(());
            };
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + PATIENCE);
            if !fault.is_retryable() || Instant::now() > deadline {
                return Err(fault.given_up());
            }
            sleep(PAUSE).await;
        }
    }

    fn free(&self) -> MutexGuard<'_, Connection> {
        let free = self.0.iter().find_map(|connection| match connection.try_lock() {
            Ok(connection) => Some(connection),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        free.unwrap_or_else(|| self.0[0].lock().unwrap_or_else(PoisonError::into_inner))
    }
}
