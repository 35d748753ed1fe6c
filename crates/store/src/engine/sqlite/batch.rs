//! A batch: the units of work that share one COMMIT, and with it one fate.

use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

use crate::Fault;

/// As many units as share one COMMIT when there is always one more waiting.
const MOST_UNITS: u32 = 256;

/// The open shared transaction.
pub(super) struct Batch {
    units: u32,
    announced: bool,
    outcome: Arc<Outcome>,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self { units: 0, announced: false, outcome: Arc::default() }
    }

    /// Takes in a unit that has ended well, and returns what it must wait for.
    pub(super) fn add(&mut self, announced: bool) -> Arc<Outcome> {
        self.units += 1;
        self.announced |= announced;
        Arc::clone(&self.outcome)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.units == 0
    }

    pub(super) const fn is_full(&self) -> bool {
        self.units >= MOST_UNITS
    }

    pub(super) const fn is_announced(&self) -> bool {
        self.announced
    }

    /// Tells every unit the fate of the batch.
    pub(super) fn end(self, fate: Result<(), Fault>) {
        self.outcome.decide(fate);
    }
}

impl Drop for Batch {
    /// A batch that nobody ended was not committed.
    fn drop(&mut self) {
        self.outcome.decide(Err(Fault::Unavailable("the server stopped before COMMIT".into())));
    }
}

/// The fate of a batch, once it is known.
#[derive(Default)]
pub(super) struct Outcome {
    fate: OnceLock<Result<(), Fault>>,
    decided: Notify,
}

impl Outcome {
    /// The first decision holds.
    fn decide(&self, fate: Result<(), Fault>) {
        if self.fate.set(fate).is_ok() {
            self.decided.notify_waiters();
        }
    }

    pub(super) async fn wait(&self) -> Result<(), Fault> {
        loop {
            // Created before looking, so that a decision in between still wakes it.
            let decided = self.decided.notified();
            if let Some(fate) = self.fate.get() {
                return fate.clone();
            }
            decided.await;
        }
    }
}
