//! Look-ups that share a flush on PostgreSQL: one statement, which returns the rows of all of them.

use std::time::Duration;

use super::Batches;
use super::batcher::{Batcher, Errand, Waiting};
use crate::engine::{Engine, FromRow, Row, Statement, Value};
use crate::{Fault, Store};

/// The look-up of one row by a unique key.
pub(crate) trait SharedRead: Send + Sync + Sized + 'static {
    /// What its row becomes.
    type Found: FromRow + Send + 'static;

    /// PostgreSQL's form for many at once. It takes an array for each of the values, and returns for each row that is
    /// there its columns, and behind them the number, from one, of who asked for it.
    const BATCHED: &'static Statement;

    /// The column of that number.
    const NUMBER: usize;

    /// The values of one, in the order of the arrays.
    fn values(&self) -> Vec<Value<'_>>;

    /// Where those that wait are collected.
    fn batcher(batches: &Batches) -> &Batcher<Lookup<Self>>;
}

/// One that waits.
pub(crate) struct Lookup<R>(pub(super) R);

impl<R: SharedRead> Errand for Lookup<R> {
    /// What its row became.
    type Done = Option<R::Found>;

    /// Whoever asks can ask again.
    const PATIENCE: Duration = Duration::from_secs(1);

    async fn flush(store: &Store, batch: Vec<Waiting<Self>>) {
        let mut found: Vec<_> = batch.iter().map(|_| Ok(None)).collect();
        let read = read::<R>(store, &batch, &mut found).await;
        for (waiting, found) in batch.into_iter().zip(found) {
            waiting.tell(read.clone().and(found));
        }
    }
}

async fn read<R: SharedRead>(
    store: &Store,
    batch: &[Waiting<Lookup<R>>],
    found: &mut [Result<Option<R::Found>, Fault>],
) -> Result<(), Fault> {
    let Engine::Postgres(postgres) = store.engine() else {
        unreachable!("SQLite reads each by itself")
    };
    store.note(R::BATCHED);
    let rows: Vec<_> = batch.iter().map(|waiting| waiting.errand.0.values()).collect();
    let each = |row: &Row<'_>| {
        let number: i64 = row.get(R::NUMBER)?;
        let place = usize::try_from(number - 1).ok().and_then(|index| found.get_mut(index));
        let place = place.ok_or_else(|| Fault::Corrupt(format!("nobody is number {number}")))?;
        // One row that cannot be read is the matter of one.
        *place = R::Found::from_row(row).map(Some);
        Ok(())
    };
    postgres.read_batch(R::BATCHED, &rows, each).await
}
