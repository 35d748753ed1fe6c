//! Writes that many requests make at the same moment: whole units of work, collected, so that those which
//! wait together share one flush.
//!
//! SQLite runs the plain statements of a batch in one unit of work. PostgreSQL takes the batch as one
//! statement of its own form (`engine/postgres/batched.rs`), which is one round trip and one commit.

mod batcher;
mod flush;

use std::sync::Weak;

use crate::authorization_codes::Redemption;
use crate::engine::postgres::LaneOf;
use crate::engine::{Statement, Value};
use crate::store::Inner;
use crate::tokens::{Issue, Rotate};
use crate::{Fault, Store, Transaction};
pub(crate) use batcher::Batcher;

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
    fn batcher(writes: &Writes) -> &Batcher<Self>;
}

/// What collects the writes of one store, a kind each.
pub(crate) struct Writes {
    pub(crate) issues: Batcher<Issue>,
    pub(crate) rotations: Batcher<Rotate>,
    pub(crate) redemptions: Batcher<Redemption>,
}

impl Writes {
    /// Starts to collect for a store that is being opened.
    pub(crate) fn start(store: &Weak<Inner>) -> Self {
        Self {
            issues: Batcher::start(store),
            rotations: Batcher::start(store),
            redemptions: Batcher::start(store),
        }
    }
}

/// What a caller is about to ask for.
#[derive(Clone, Copy, Debug)]
pub enum HotWrite {
    /// `tokens::rotate`.
    Rotation,
    /// `authorization_codes::exchange`.
    Redemption,
}

impl Store {
    /// Refuses at once what would find no place to wait, before anything is worked for it.
    pub fn require_room(&self, write: HotWrite) -> Result<(), Fault> {
        match write {
            HotWrite::Rotation => self.writes().rotations.require_room(),
            HotWrite::Redemption => self.writes().redemptions.require_room(),
        }
    }

    /// Does one with whatever waits beside it; durable before this returns. Whoever stops waiting cannot know
    /// whether it was done.
    pub(crate) async fn share<W: SharedWrite>(&self, write: W) -> Result<bool, Fault> {
        W::batcher(self.writes()).submit(write).await
    }
}
