//! One flush: a batch goes in as a whole; one that spoils it harms nobody, as each is then tried by itself.

use std::convert::Infallible;

use futures_util::{StreamExt, stream};

use super::SharedWrite;
use super::batcher::Waiting;
use crate::engine::postgres::Unwritten;
use crate::engine::{Engine, Value};
use crate::{Decision, Failure, Fault, Store, retry, settle};

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

pub(super) async fn flush<W: SharedWrite>(store: &Store, mut batch: Vec<Waiting<W>>) {
    batch.sort_by_key(|waiting| waiting.write.place());
    match together(store, &batch).await {
        Together::Done(done) => tell(batch, done.into_iter().map(Ok)),
        Together::Failed(fault) => tell(batch, std::iter::repeat(Err(fault))),
        Together::Spoilt(fault) => {
            tracing::debug!(%fault, "a batch of writes is tried one by one");
            let each = stream::iter(batch).for_each_concurrent(ALONE_AT_ONCE, async |waiting| {
                let done = alone(store, &waiting.write).await;
                waiting.tell(done);
            });
            each.await;
        }
    }
}

fn tell<W>(batch: Vec<Waiting<W>>, done: impl Iterator<Item = Result<bool, Fault>>) {
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
            let rows: Vec<Vec<Value<'_>>> = batch.iter().map(|it| it.write.values()).collect();
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
        match waiting.write.write(&mut tx).await {
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
