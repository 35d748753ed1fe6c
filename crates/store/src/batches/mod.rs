//! Work that many requests ask for at the same moment, collected, so that those which wait together share one flush.
//!
//! Writes are whole units of work: SQLite runs the plain statements of a batch in one unit of work, PostgreSQL takes the batch as
//! one statement of its own form (`engine/postgres/batched.rs`), which is one round trip and one commit. Look-ups are
//! collected for PostgreSQL only, where each would be a round trip; SQLite reads in no time.

mod batcher;
mod read;
mod write;

use std::sync::{Arc, Weak};

use tokio::sync::Semaphore;

use crate::authorization_codes::Redemption;
use crate::engine::Engine;
use crate::store::Inner;
use crate::tokens::{AccessLookup, Issue, RefreshLookup, Rotate};
use crate::{Fault, Store};
pub(crate) use batcher::Batcher;
pub(crate) use read::{Lookup, SharedRead};
pub(crate) use write::SharedWrite;

/// What collects the work of one store, a kind each.
pub(crate) struct Batches {
    pub(crate) issues: Batcher<Issue>,
    pub(crate) rotations: Batcher<Rotate>,
    pub(crate) redemptions: Batcher<Redemption>,
    pub(crate) access_lookups: Batcher<Lookup<AccessLookup>>,
    pub(crate) refresh_lookups: Batcher<Lookup<RefreshLookup>>,
    /// For the spoilt batch that is tried beside the others: one at a time.
    aside: Arc<Semaphore>,
}

impl Batches {
    /// Starts to collect for a store that is being opened.
    pub(crate) fn start(store: &Weak<Inner>) -> Self {
        Self {
            issues: Batcher::start(store),
            rotations: Batcher::start(store),
            redemptions: Batcher::start(store),
            access_lookups: Batcher::start(store),
            refresh_lookups: Batcher::start(store),
            aside: Arc::new(Semaphore::new(1)),
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
            HotWrite::Rotation => self.batches().rotations.require_room(),
            HotWrite::Redemption => self.batches().redemptions.require_room(),
        }
    }

    /// Does one with whatever waits beside it; durable before this returns. Whoever stops waiting cannot know
    /// whether it was done.
    pub(crate) async fn share<W: SharedWrite>(&self, write: W) -> Result<bool, Fault> {
        W::batcher(self.batches()).submit(write).await
    }

    /// Whether look-ups share flushes: where each would be a round trip by itself.
    pub(crate) fn shares_reads(&self) -> bool {
        matches!(self.engine(), Engine::Postgres(_))
    }

    /// Looks one up with whatever is looked up at the same moment.
    pub(crate) async fn look_up<R: SharedRead>(&self, read: R) -> Result<Option<R::Found>, Fault> {
        R::batcher(self.batches()).submit(Lookup(read)).await
    }
}
