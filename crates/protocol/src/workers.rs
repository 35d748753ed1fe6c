//! Work that keeps a processor busy: on a few threads of its own behind a short queue, so that a storm
//! of it delays nothing else.

use std::sync::Arc;
use std::thread::Builder;

use tokio::sync::{Semaphore, oneshot};

/// The niceness of such a thread: where the processor is taken, it gets a tenth of it, so that nobody waits for
/// ever either.
const NICENESS: i32 = 10;

/// A few threads, and the places of those who wait for one.
#[derive(Clone)]
pub(crate) struct Workers {
    threads: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// Why work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undone {
    /// Threads and queue are full.
    Full,
    /// It panicked.
    Broken,
}

impl Workers {
    /// So many threads, and so many who may wait for one.
    pub(crate) fn new(threads: usize, queue_length: usize) -> Self {
        Self {
            threads: Arc::new(Semaphore::new(threads)),
            places: Arc::new(Semaphore::new(threads + queue_length)),
        }
    }

    /// Does the work on one of the threads, or says at once that the queue is full.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Undone> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Undone::Full)?;
        let thread = Arc::clone(&self.threads).acquire_owned().await.map_err(|_| Undone::Full)?;
        let (answer, answered) = oneshot::channel();
        let working = move || {
            stand_back();
            let done = work();
            drop((thread, place));
            let _ = answer.send(done);
        };
        // Starting a thread takes microseconds, such work milliseconds; and none stays when there is none.
        Builder::new().name("worker".into()).spawn(working).map_err(|_| Undone::Full)?;
        answered.await.map_err(|_| Undone::Broken)
    }

    /// Takes every place, until what this returns is dropped.
    #[cfg(test)]
    pub(crate) fn fill(&self) -> impl Drop + use<> {
        let count = self.places.available_permits();
        let count = u32::try_from(count).expect("there are few places");
        Arc::clone(&self.places).try_acquire_many_owned(count).expect("they are free")
    }
}

/// Lets every other thread go first. Where processors are short, a hash would otherwise take half of the one
/// that answers requests, a few milliseconds at a time.
fn stand_back() {
    // On Linux this is the niceness of the calling thread alone.
    if cfg!(target_os = "linux") {
        let _ = rustix::process::nice(NICENESS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // DS-01
    #[tokio::test]
    async fn a_full_queue_sends_the_next_away_at_once() {
        let workers = Workers::new(1, 1);
        let waiting = workers.fill();
        assert_eq!(workers.run(|| 1).await, Err(Undone::Full));
        drop(waiting);
        assert_eq!(workers.run(|| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn what_panics_gives_its_place_back() {
        let workers = Workers::new(1, 0);
        let broken: Result<(), Undone> = workers.run(|| panic!("as work may")).await;
        assert_eq!(broken, Err(Undone::Broken));
        assert_eq!(workers.run(|| 1).await, Ok(1));
    }
}
