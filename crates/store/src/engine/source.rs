//! Where a read goes: to the store at large, or into an open unit of work.

use super::{FromRow, Row, Statement, Value};
use crate::{Fault, Store, Transaction};

/// What a reading function reads from.
pub enum Source<'a> {
    /// What is committed.
    Store(&'a Store),
    /// What is committed, and what this unit of work wrote.
    Transaction(&'a mut Transaction),
}

impl<'a> From<&'a Store> for Source<'a> {
    fn from(store: &'a Store) -> Self {
        Self::Store(store)
    }
}

impl<'a> From<&'a mut Transaction> for Source<'a> {
    fn from(tx: &'a mut Transaction) -> Self {
        Self::Transaction(tx)
    }
}

impl Source<'_> {
    /// The first row, if there is one.
    pub async fn optional<T: FromRow>(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Option<T>, Fault> {
        let mut found = None;
        let each = |row: &Row<'_>| {
            if found.is_none() {
                found = Some(T::from_row(row)?);
            }
            Ok(())
        };
        self.read(statement, values, each).await?;
        Ok(found)
    }

    /// Every row.
    pub async fn all<T: FromRow>(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<T>, Fault> {
        let mut found = Vec::new();
        let each = |row: &Row<'_>| {
            found.push(T::from_row(row)?);
            Ok(())
        };
        self.read(statement, values, each).await?;
        Ok(found)
    }

    async fn read<F>(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
        each: F,
    ) -> Result<(), Fault>
    where
        F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
    {
        match self {
            Self::Store(store) => store.read(statement, values, each).await,
            Self::Transaction(tx) => tx.run(statement, values, each).await.map(|_| ()),
        }
    }
}
