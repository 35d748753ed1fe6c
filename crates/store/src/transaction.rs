//! A unit of work: begun by the store, ended by `settle`. Dropping one undoes it.

use domain::Id;

use crate::engine::{FromRow, Row, Source, Statement, Unit, Value};
use crate::{Fault, Store};

/// One open unit of work.
pub struct Transaction {
    unit: Unit,
    store: Store,
    announced: bool,
}

impl Transaction {
    pub(crate) fn new(unit: Unit, store: Store) -> Self {
        Self { unit, store, announced: false }
    }

    /// A new id, from the block in hand: no statement.
    pub fn id<T>(&mut self) -> Result<Id<T>, Fault> {
        self.store.next_id().map(Id::new)
    }

    /// Says that this unit changes what nodes keep in memory: they drop it when the unit is committed.
    pub fn announce(&mut self) {
        self.announced = true;
    }

    /// The first row of a statement that reads, or that writes with `RETURNING`.
    pub async fn optional<T: FromRow>(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Option<T>, Fault> {
        Source::Transaction(self).optional(statement, values).await
    }

    /// Every row of a statement.
    pub async fn all<T: FromRow>(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<T>, Fault> {
        Source::Transaction(self).all(statement, values).await
    }

    /// Runs a statement and returns how many rows it changed (or returned, with `RETURNING`).
    pub async fn execute(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<u64, Fault> {
        self.run(statement, values, |_| Ok(())).await
    }

    /// Runs a statement whose row count nobody looks at; it may travel with the next one.
    pub async fn write(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<(), Fault> {
        self.store.note(statement);
        self.unit.write(statement, values).await
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
        self.store.note(statement);
        self.unit.run(statement, values, each).await
    }

    pub(crate) async fn commit(self) -> Result<(), Fault> {
        self.store.note_commit();
        self.unit.commit(self.announced).await
    }

    pub(crate) async fn roll_back(self) {
        self.unit.roll_back().await;
    }
}
