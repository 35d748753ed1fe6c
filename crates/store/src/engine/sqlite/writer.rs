//! The writer: one connection that goes from unit to unit, and a COMMIT that many share.
//!
//! A turn at the writer ends in one of two ways: the next task takes over, or nobody waits and the
//! batch is flushed. Whoever leaves last looks again, so that no batch stays open.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, sleep, timeout_at};

use super::batch::Batch;
use super::connection::{command, open_writer};
use super::unit::Unit;
use crate::Fault;
use crate::generation::Generation;

/// How long a unit waits for its turn.
const TURN_PATIENCE: Duration = Duration::from_secs(5);
/// How long a unit waits for another process that has locked the file.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
/// Everybody waits while one unit holds the writer: a longer turn is an error in the program.
const LONGEST_TURN: Duration = Duration::from_millis(20);
const LOCK_PAUSE: Duration = Duration::from_millis(3);

/// The one connection that writes, and the tasks that wait for it.
pub(super) struct Writer {
    pub(super) slot: Arc<Mutex<Slot>>,
    waiting: AtomicUsize,
    path: PathBuf,
    generation: Arc<Generation>,
}

/// What goes from turn to turn. No connection: a COMMIT failed, and the next turn opens another.
pub(super) struct Slot {
    pub(super) connection: Option<Connection>,
    pub(super) batch: Option<Batch>,
}

impl Writer {
    pub(super) fn new(connection: Connection, path: PathBuf, generation: Arc<Generation>) -> Self {
        let slot = Slot { connection: Some(connection), batch: None };
        Self { slot: Arc::new(Mutex::new(slot)), waiting: AtomicUsize::new(0), path, generation }
    }

    /// Waits for a turn, opens the shared transaction if none is open, and a savepoint in it.
    pub(super) async fn begin(self: &Arc<Self>) -> Result<Unit, Fault> {
        let started = Instant::now();
        let mut turn = self.turn(started + TURN_PATIENCE).await?;
        if turn.slot().connection.is_none() {
            let path = self.path.clone();
            let connection = super::run_blocking(move || open_writer(&path)).await?;
            turn.slot().connection = Some(connection);
        }
        if turn.slot().batch.is_none() {
            turn.open_batch(started + LOCK_PATIENCE).await?;
        }
        turn.since = Instant::now();
        Unit::begin(turn)
    }

    pub(super) fn waiting_count(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    async fn turn(self: &Arc<Self>, deadline: Instant) -> Result<Turn, Fault> {
        let _waiting = Waiting::new(self);
        let slot = timeout_at(deadline, Arc::clone(&self.slot).lock_owned())
            .await
            .map_err(|_| Fault::Unavailable("too many writes wait for the disk".into()))?;
        Ok(Turn { writer: Arc::clone(self), slot: Some(slot), since: Instant::now() })
    }

    /// Ends a turn.
    fn release(self: &Arc<Self>, slot: OwnedMutexGuard<Slot>) {
        let full = slot.batch.as_ref().is_some_and(Batch::is_full);
        let idle = self.waiting.load(Ordering::SeqCst) == 0;
        if slot.batch.is_some() && (full || idle) {
            self.flush(slot);
        } else {
            drop(slot);
            self.flush_if_idle();
        }
    }

    /// Flushes what the last task left open, if there is no other who will.
    fn flush_if_idle(self: &Arc<Self>) {
        if self.waiting.load(Ordering::SeqCst) == 0
            && let Ok(slot) = Arc::clone(&self.slot).try_lock_owned()
            && slot.batch.is_some()
        {
            self.flush(slot);
        }
    }

    /// Commits the batch where a disk may be waited for; the next unit waits for the end of it.
    fn flush(self: &Arc<Self>, mut slot: OwnedMutexGuard<Slot>) {
        if slot.batch.as_ref().is_some_and(Batch::is_empty) {
            return slot.abandon();
        }
        let generation = Arc::clone(&self.generation);
        let mut commit = move || slot.commit(&generation);
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(commit)),
            Err(_) => commit(),
        }
    }
}

impl Slot {
    fn commit(&mut self, generation: &Generation) {
        let (Some(batch), Some(connection)) = (self.batch.take(), &self.connection) else { return };
        let fate = command(connection, "COMMIT").map_err(Fault::given_up);
        match &fate {
            Ok(()) if batch.is_announced() => generation.advance(),
            Ok(()) => {}
            Err(fault) => {
                tracing::error!(%fault, "a shared COMMIT failed");
                self.connection = None;
            }
        }
        batch.end(fate);
    }

    /// Gives up a batch without a unit in it that has ended well.
    pub(super) fn abandon(&mut self) {
        self.batch = None;
        let rolled_back =
            self.connection.as_ref().map(|connection| command(connection, "ROLLBACK"));
        if let Some(Err(_)) = rolled_back {
            self.connection = None;
        }
    }

    /// After an error: if the engine rolled back the whole batch, each of its units gets a fault.
    pub(super) fn look_after(&mut self, fault: &Fault) {
        if self.connection.as_ref().is_some_and(|connection| !connection.is_autocommit()) {
            return;
        }
        self.lose_batch(fault);
    }

    /// The batch cannot be committed any more: each of its units gets a fault, and the connection goes.
    pub(super) fn lose_batch(&mut self, fault: &Fault) {
        self.connection = None;
        if let Some(batch) = self.batch.take() {
            tracing::error!(%fault, "a batch of units of work was lost");
            batch.end(Err(Fault::Unavailable(format!("the batch was rolled back: {fault}"))));
        }
    }
}

/// One task's turn at the writer. Dropping it hands over or flushes.
pub(super) struct Turn {
    writer: Arc<Writer>,
    slot: Option<OwnedMutexGuard<Slot>>,
    since: Instant,
}

impl Turn {
    pub(super) fn slot(&mut self) -> &mut Slot {
        self.slot.as_mut().expect("the slot stays until the turn is dropped")
    }

    /// Opens the shared transaction, patiently if another process holds the file.
    async fn open_batch(&mut self, deadline: Instant) -> Result<(), Fault> {
        while let Err(fault) = self.begin_immediate() {
            if !fault.is_retryable() || Instant::now() >= deadline {
                return Err(fault.given_up());
            }
            sleep(LOCK_PAUSE).await;
        }
        self.slot().batch = Some(Batch::new());
        Ok(())
    }

    fn begin_immediate(&mut self) -> Result<(), Fault> {
        let connection = self.slot().connection.as_ref();
        connection.map_or(Err(Fault::Poisoned), |connection| command(connection, "BEGIN IMMEDIATE"))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let held = self.since.elapsed();
        if held > LONGEST_TURN {
            tracing::warn!(?held, "a unit of work held the writer for too long");
        }
        if let Some(slot) = self.slot.take() {
            self.writer.release(slot);
        }
    }
}

/// A task in the queue. When it leaves, by its turn or because it was cancelled, a batch may be due.
pub(super) struct Waiting<'a>(&'a Arc<Writer>);

impl<'a> Waiting<'a> {
    pub(super) fn new(writer: &'a Arc<Writer>) -> Self {
        writer.waiting.fetch_add(1, Ordering::SeqCst);
        Self(writer)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
        self.0.flush_if_idle();
    }
}
