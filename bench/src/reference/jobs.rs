//! Durable writes of concurrent requests: they wait in a queue, and one flush takes all that wait.

use tokio::sync::{mpsc, oneshot};

/// The most writes of one flush.
pub(super) const BATCH: usize = 256;

/// The hash of a token.
pub(super) type Hash = [u8; 32];

/// A token's row, and what else is written with it.
pub(super) struct Job {
    /// The hash of the access token.
    pub(super) access: Hash,
    /// Whose it is.
    pub(super) client: i64,
    /// When it ends, in seconds.
    pub(super) expires_at: i64,
    /// The refresh token that is used up for it, and the one that follows.
    pub(super) rotation: Option<(Hash, Hash)>,
}

/// A job and who waits for it.
pub(super) type Waiting = (Job, oneshot::Sender<bool>);

/// Where jobs wait.
#[derive(Clone)]
pub(super) struct Queue(mpsc::Sender<Waiting>);

impl Queue {
    /// A queue, and what it leads to.
    pub(super) fn new() -> (Self, mpsc::Receiver<Waiting>) {
        let (sender, receiver) = mpsc::channel(4_096);
        (Self(sender), receiver)
    }

    /// Waits until the job is on disk; whether it was done.
    pub(super) async fn write(&self, job: Job) -> bool {
        let (done, written) = oneshot::channel();
        self.0.send((job, done)).await.is_ok() && written.await.unwrap_or(false)
    }
}

/// Takes what waits already, up to a whole batch.
pub(super) fn fill(batch: &mut Vec<Waiting>, jobs: &mut mpsc::Receiver<Waiting>) {
    while batch.len() < BATCH {
        let Ok(job) = jobs.try_recv() else { break };
        batch.push(job);
    }
}
