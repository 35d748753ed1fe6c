//! A bounded queue of errands and the task that runs them. The next flush starts when the last one has ended: no
//! timer, so that an idle server adds no wait, and a busy one collects as much as comes during a flush.

use std::panic::AssertUnwindSafe;
use std::sync::Weak;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::store::Inner;
use crate::{Fault, Store};

/// As many as share a flush: more gain little, and would hold the others up for too long.
const MOST: usize = 256;
/// A fifth of a second's worth of issues, up to a second's of the others: who finds the queue longer is told at once, and
/// what is in it is done soon. A shorter one spends on refusals what it could have done.
const LONGEST_QUEUE: usize = 16 * MOST;
const BUSY: Fault = Fault::Busy("too many of its kind wait for a flush");

/// What is collected: a write or a look-up.
pub(crate) trait Errand: Send + Sync + Sized + 'static {
    /// What its caller waits for.
    type Done: Send + 'static;

    /// What has waited longer than this when its turn comes is refused, not done late for a caller who has gone.
    const PATIENCE: Duration;

    /// Runs those that waited together, and tells each what became of it.
    fn flush(store: &Store, batch: Vec<Waiting<Self>>) -> impl Future<Output = ()> + Send;
}

/// Where errands of one kind wait for the next flush.
pub(crate) struct Batcher<E: Errand> {
    queue: mpsc::Sender<Waiting<E>>,
}

/// An errand and who waits for it.
pub(crate) struct Waiting<E: Errand> {
    pub(super) errand: E,
    since: Instant,
    answer: oneshot::Sender<Result<E::Done, Fault>>,
}

impl<E: Errand> Batcher<E> {
    /// The task ends with the store, which it holds during a flush only.
    pub(super) fn start(store: &Weak<Inner>) -> Self {
        let (queue, waiting) = mpsc::channel(LONGEST_QUEUE);
        tokio::spawn(flush_as_they_come(waiting, store.clone()));
        Self { queue }
    }

    pub(super) async fn submit(&self, errand: E) -> Result<E::Done, Fault> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { errand, since: Instant::now(), answer };
        self.queue.try_send(waiting).map_err(|_| BUSY)?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Whether one more may wait: asked before anything is worked for one.
    pub(super) fn require_room(&self) -> Result<(), Fault> {
        if self.queue.capacity() > 0 { Ok(()) } else { Err(BUSY) }
    }
}

async fn flush_as_they_come<E: Errand>(mut queue: mpsc::Receiver<Waiting<E>>, store: Weak<Inner>) {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, MOST).await > 0 {
        // Requests that are ready by now come along: without it, every second flush under load is of one.
        tokio::task::yield_now().await;
        while batch.len() < MOST
            && let Ok(waiting) = queue.try_recv()
        {
            batch.push(waiting);
        }
        let Some(store) = Store::upgrade(&store) else { return };
        batch.retain(Waiting::is_wanted);
        if !batch.is_empty() {
            to_its_end(E::flush(&store, std::mem::take(&mut batch))).await;
        }
    }
}

/// A panic ends a batch, whose callers are told, and not the task that it happens in.
pub(super) async fn to_its_end(flushing: impl Future<Output = ()>) {
    if AssertUnwindSafe(flushing).catch_unwind().await.is_err() {
        tracing::error!("a flush did not finish");
    }
}

impl<E: Errand> Waiting<E> {
    pub(super) fn tell(self, done: Result<E::Done, Fault>) {
        // Who has gone is not told.
        drop(self.answer.send(done));
    }

    /// Whether its caller is still there and has not waited for too long.
    pub(super) fn is_wanted(&self) -> bool {
        !self.answer.is_closed() && self.since.elapsed() <= E::PATIENCE
    }
}

fn stopped() -> Fault {
    Fault::Unavailable("it was given up before it was done".into())
}
