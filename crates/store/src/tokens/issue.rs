//! The issue of a token outside every family: one row.

use domain::Token;

use super::{CREATE, TokenRow};
use crate::batches::{Batcher, Batches, SharedWrite};
use crate::engine::postgres::{LaneOf, batched};
use crate::engine::{Statement, Value};
use crate::{Fault, Store, Transaction};

/// Stores an issue by itself, with whatever else is issued at the same moment; durable before this returns.
pub async fn issue(store: &Store, token: Token) -> Result<(), Fault> {
    store.share(Issue(TokenRow::of(token))).await.map(|_| ())
}

/// A row to insert.
pub(crate) struct Issue(TokenRow<Token>);

impl SharedWrite for Issue {
    const BATCHED: &'static Statement = &batched::ISSUE;
    const LANE: LaneOf = LaneOf::Issues;

    fn place(&self) -> i64 {
        self.0.token().id.get()
    }

    fn values(&self) -> Vec<Value<'_>> {
        self.0.values().to_vec()
    }

    async fn write(&self, tx: &mut Transaction) -> Result<bool, Fault> {
        tx.write(&CREATE, &self.0.values()).await?;
        Ok(true)
    }

    fn batcher(batches: &Batches) -> &Batcher<Self> {
        &batches.issues
    }
}
