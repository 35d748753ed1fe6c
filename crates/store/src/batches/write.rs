//! Writes that share a flush: a batch goes in as a whole; one that spoils it harms nobody, as each is then tried by
//! itself.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::batcher::{Errand, Waiting, to_its_end};
use super::{Batcher, Batches};
use crate::engine::postgres::{LaneOf, Unwritten};
use crate::engine::{Engine, Statement, Value};
use crate::{Decision, Failure, Fault, Store, Transaction, retry, settle};

/// One unit of work of a kind that is batched.
pub(crate) trait SharedWrite: Send + Sync + Sized + 'static {
    /// PostgreSQL's form for many at once. It takes an array for each of the values, and returns the numbers,
    /// from one, of those whose condition did not hold.
    const BATCHED: &'static Statement;

    /// The connection to PostgreSQL that its batches take.
    const LANE: LaneOf;

    /// Its place in a batch: two nodes take the rows of theirs in the same order, so that neither waits for the
    /// other.
    fn place(&self) -> i64;

    /// The values of one, in the order of the arrays.
    fn values(&self) -> Vec<Value<'_>>;

    /// The same by itself, with the statements of both engines; false: its condition did not hold, and nothing
    /// was written.
    fn write(&self, tx: &mut Transaction) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Where those that wait are collected.
    fn batcher(batches: &Batches) -> &Batcher<Self>;
}

impl<W: SharedWrite> Errand for W {
    /// Whether its condition held.
    type Done = bool;

    const PATIENCE: Duration = Duration::from_secs(5);

    async fn flush(store: &Store, mut batch: Vec<Waiting<Self>>) {
        batch.sort_by_key(|waiting| waiting.errand.place());
        match together(store, &batch).await {
            Together::Done(done) => tell(batch, done.into_iter().map(Ok)),
            Together::Failed(fault) => tell(batch, std::iter::repeat(Err(fault))),
            Together::Spoilt(fault) => {
                tracing::debug!(%fault, "a batch of writes is tried one by one");
                aside(store, batch).await;
            }
        }
    }
}

/// How many of a spoilt batch are tried by themselves at a time.
const ALONE_AT_ONCE: usize = 8;

/// What became of a batch as a whole.
enum Together {
    /// It is durable; for each, whether its condition held.
    Done(Vec<bool>),
    /// None of it is there, and the fault may be one of its writes' own.
    Spoilt(Fault),
    /// The database cannot serve, or nobody knows what became of it: nothing is tried again.
    Failed(Fault),
}

/// Tries a spoilt batch one by one, beside the batches after it, so that what one of it waits for does not hold those up.
/// Where a spoilt one of any kind is at it already, they wait, as the connections are everybody's.
async fn aside<W: SharedWrite>(store: &Store, batch: Vec<Waiting<W>>) {
    let alone = to_its_end(one_by_one(store.clone(), batch));
    match Arc::clone(&store.batches().aside).try_acquire_owned() {
        Ok(place) => drop(tokio::spawn(async move {
            alone.await;
            drop(place);
        })),
        Err(_) => alone.await,
    }
}

async fn one_by_one<W: SharedWrite>(store: Store, batch: Vec<Waiting<W>>) {
    let each = stream::iter(batch).for_each_concurrent(ALONE_AT_ONCE, async |waiting| {
        // Others of it may have taken their time.
        if waiting.is_wanted() {
            let done = alone(&store, &waiting.errand).await;
            waiting.tell(done);
        }
    });
    each.await;
}

fn tell<W: SharedWrite>(batch: Vec<Waiting<W>>, done: impl Iterator<Item = Result<bool, Fault>>) {
    for (waiting, done) in batch.into_iter().zip(done) {
        waiting.tell(done);
    }
}

async fn together<W: SharedWrite>(store: &Store, batch: &[Waiting<W>]) -> Together {
    match store.engine() {
        Engine::Sqlite(_) => in_one_unit(store, batch).await,
        Engine::Postgres(postgres) => {
            store.note(W::BATCHED);
            store.note_commit();
            let rows: Vec<Vec<Value<'_>>> = batch.iter().map(|it| it.errand.values()).collect();
            match postgres.write_batch(W::LANE, W::BATCHED, &rows).await {
                Ok(done) => Together::Done(done),
                Err(Unwritten::Undone(fault)) => Together::Spoilt(fault),
                Err(Unwritten::Unknown(fault)) => Together::Failed(fault),
            }
        }
    }
}

async fn in_one_unit<W: SharedWrite>(store: &Store, batch: &[Waiting<W>]) -> Together {
    let mut tx = match store.begin_flush().await {
        Ok(tx) => tx,
        Err(fault) => return Together::Failed(fault),
    };
    let mut done = Vec::with_capacity(batch.len());
    for waiting in batch {
        match waiting.errand.write(&mut tx).await {
            Ok(did) => done.push(did),
            Err(fault) => {
                tx.roll_back().await;
                return Together::Spoilt(fault);
            }
        }
    }
    match tx.commit().await {
        Ok(()) => Together::Done(done),
        Err(fault) => Together::Failed(fault),
    }
}

async fn alone<W: SharedWrite>(store: &Store, write: &W) -> Result<bool, Fault> {
    let decision: Decision<bool, Infallible> = retry(|| async {
        let mut tx = store.begin().await?;
        let done = write.write(&mut tx).await;
        settle(tx, done.map_err(Failure::Fault)).await
    })
    .await;
    decision.map_err(Failure::into_fault)
}
