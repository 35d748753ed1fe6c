//! One unit of work on PostgreSQL. BEGIN travels with the first statement, queued writes with the next one or COMMIT.

use std::mem::{replace, take};
use std::sync::Arc;

use deadpool_postgres::Object;
use futures_util::future::{join, join_all};
use tokio::time::timeout;

use super::super::value::OwnedValue;
use super::super::{Row, Statement, Value};
use super::error::fault;
use super::run::{self, Cause, Failed};
use super::{STATEMENT_PATIENCE, no_answer};
use crate::Fault;
use crate::generation::Generation;
use crate::watch::BUMP;

/// A longer queue of writes is sent at once.
const LONGEST_QUEUE: usize = 16;

/// A connection of its own, from the first statement to COMMIT or ROLLBACK.
pub(crate) struct Unit {
    /// Gone when the unit has ended.
    client: Option<Object>,
    queue: Vec<Queued>,
    begun: bool,
    /// Also while a statement is under way: who stops waiting for one cannot know what became of it.
    poisoned: bool,
    /// The server is stuck, or takes no writes any more.
    useless: bool,
    generation: Arc<Generation>,
}

/// A write that waits for company.
struct Queued {
    statement: &'static Statement,
    prepared: tokio_postgres::Statement,
    values: Vec<OwnedValue>,
}

impl Unit {
    pub(super) fn new(client: Object, generation: Arc<Generation>) -> Self {
        Self {
            client: Some(client),
            queue: Vec::new(),
            begun: false,
            poisoned: false,
            useless: false,
            generation,
        }
    }

    pub(crate) async fn run<F>(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
        each: F,
    ) -> Result<u64, Fault>
    where
        F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
    {
        self.poison()?;
        let count = in_time(self.send(statement, values, each)).await;
        let count = count.map_err(|failed| self.note(failed))?;
        self.poisoned = false;
        Ok(count)
    }

    async fn send<F>(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
        each: F,
    ) -> Result<u64, Failed>
    where
        F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
    {
        let prepared = run::prepare(self.client(), statement).await?;
        let (begin, queue) = self.take_lead();
        let client = self.client();
        let query = run::query_prepared(client, statement, &prepared, values.iter(), each);
        // The first poll sends, and `join` polls in order.
        let (led, done) = join(lead(client, begin, &queue), query).await;
        led?;
        done
    }

    pub(crate) async fn write(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<(), Fault> {
        self.poison()?;
        in_time(self.enqueue(statement, values)).await.map_err(|failed| self.note(failed))?;
        self.poisoned = false;
        Ok(())
    }

    async fn enqueue(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<(), Failed> {
        if self.queue.len() == LONGEST_QUEUE {
            let (begin, queue) = self.take_lead();
            lead(self.client(), begin, &queue).await?;
        }
        let prepared = run::prepare(self.client(), statement).await?;
        let values = values.iter().map(|value| OwnedValue::from(*value)).collect();
        self.queue.push(Queued { statement, prepared, values });
        Ok(())
    }

    pub(crate) async fn commit(mut self, announce: bool) -> Result<(), Fault> {
        if announce {
            self.write(&BUMP, &[]).await?;
        }
        self.poison()?;
        if !self.begun && self.queue.is_empty() {
            self.give_back();
            return Ok(());
        }
        // Dropped when COMMIT has ended, also if the caller goes away meanwhile.
        let _advance = announce.then(|| Advance(Arc::clone(&self.generation)));
        in_time(self.send_commit(announce)).await.map_err(|failed| self.note(failed))?;
        self.give_back();
        Ok(())
    }

    async fn send_commit(&mut self, announce: bool) -> Result<(), Failed> {
        let (begin, queue) = self.take_lead();
        if begin && queue.len() == 1 && !announce {
            // One write is a transaction by itself.
            return lead(self.client(), false, &queue).await;
        }
        let client = self.client();
        let commit = if announce { "NOTIFY consentry; COMMIT" } else { "COMMIT" };
        let (led, committed) =
            join(lead(client, begin, &queue), client.batch_execute(commit)).await;
        // First: after an error the server answers COMMIT with a silent ROLLBACK.
        led?;
        committed.map_err(|error| fault("COMMIT", &error).into())
    }

    pub(crate) async fn roll_back(mut self) {
        let clean =
            !self.begun || (!self.useless && self.client().batch_execute("ROLLBACK").await.is_ok());
        if clean {
            self.give_back();
        }
    }

    /// Drops what must not be used again, so that a retry succeeds.
    fn note(&mut self, failed: Failed) -> Fault {
        self.useless |= matches!(failed.cause, Cause::Stuck | Cause::Demoted);
        match (failed.cause, Object::pool(self.client())) {
            (Cause::ChangedPlan(sql), Some(pool)) => {
                pool.manager().statement_caches.remove(sql, &[]);
            }
            (Cause::Demoted, Some(pool)) => {
                // The idle ones lead to the same server.
                pool.retain(|_, _| false);
            }
            _ => {}
        }
        failed.fault
    }

    /// Counts the unit as poisoned until whoever calls this says otherwise.
    fn poison(&mut self) -> Result<(), Fault> {
        if replace(&mut self.poisoned, true) { Err(Fault::Poisoned) } else { Ok(()) }
    }

    /// What must go ahead of the next message: BEGIN, and the queue.
    fn take_lead(&mut self) -> (bool, Vec<Queued>) {
        (!replace(&mut self.begun, true), take(&mut self.queue))
    }

    fn client(&self) -> &Object {
        self.client.as_ref().expect("the connection stays until the unit has ended")
    }

    fn give_back(&mut self) {
        drop(self.client.take());
    }
}

impl Drop for Unit {
    /// A connection with something open or unknown on it never goes back to the pool.
    fn drop(&mut self) {
        if let Some(client) = self.client.take().filter(|_| self.begun) {
            drop(Object::take(client));
        }
    }
}

/// Waits for the server, but not for ever.
async fn in_time<T>(work: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    let stuck = |_| Failed { fault: no_answer(), cause: Cause::Stuck };
    timeout(STATEMENT_PATIENCE, work).await.map_err(stuck)?
}

/// Sends BEGIN and queued writes in one go.
async fn lead(client: &Object, begin: bool, queue: &[Queued]) -> Result<(), Failed> {
    if !begin && queue.is_empty() {
        return Ok(());
    }
    let begin = async { if begin { client.batch_execute("BEGIN").await } else { Ok(()) } };
    let writes = join_all(queue.iter().map(|write| write.send(client)));
    let (opened, written) = join(begin, writes).await;
    opened.map_err(|error| fault("BEGIN", &error))?;
    written.into_iter().collect()
}

impl Queued {
    async fn send(&self, client: &Object) -> Result<(), Failed> {
        let values = self.values.iter().map(OwnedValue::borrowed);
        let sent = run::query_prepared(client, self.statement, &self.prepared, values, |_| Ok(()));
        sent.await.map(|_| ())
    }
}

/// Drops this node's caches when it is dropped itself.
struct Advance(Arc<Generation>);

impl Drop for Advance {
    fn drop(&mut self) {
        self.0.advance();
    }
}
