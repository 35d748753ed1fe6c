//! Writes that share a flush: a batch goes in as a whole; one that spoils it harms nobody, as each is then tried by
//! itself.

use std::convert::Infallible;

use futures_util::{StreamExt, stream};

use super::batcher::{Errand, Waiting};
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

    async fn flush(store: &Store, mut batch: Vec<Waiting<Self>>) {
        batch.sort_by_key(|waiting| waiting.errand.place());
        match together(store, &batch).await {
            Together::Done(done) => tell(batch, done.into_iter().map(Ok)),
            Together::Failed(fault) => tell(batch, std::iter::repeat(Err(fault))),
            Together::Spoilt(fault) => {
                tracing::debug!(%fault, "a batch of writes is tried one by one");
                // Beside the batches after it: what one of them waits for must not hold those up.
                drop(tokio::spawn(one_by_one(store.clone(), batch)));
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

async fn one_by_one<W: SharedWrite>(store: Store, batch: Vec<Waiting<W>>) {
    let each = stream::iter(batch).for_each_concurrent(ALONE_AT_ONCE, async |waiting| {
        let done = alone(&store, &waiting.errand).await;
        waiting.tell(done);
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
