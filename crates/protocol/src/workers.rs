//! Work that keeps a processor busy: on a few threads of its own behind a short queue, so that a storm
//! of it delays nothing else.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;

use tokio::sync::oneshot;

/// The niceness of such a thread: where the processor is taken, it gets a tenth of it, so that nobody waits for
/// ever either.
const NICENESS: i32 = 10;

/// A few threads, and the places of those who wait for one.
#[derive(Clone)]
pub(crate) struct Workers(Arc<Inner>);

struct Inner {
    threads: usize,
    queue_length: usize,
    jobs: Mutex<Jobs>,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Box<dyn Job>>,
    running: usize,
}

/// Work that somebody waits for.
trait Job: Send {
    /// Whether its caller is still there.
    fn is_wanted(&self) -> bool;

    /// Does it, and tells its caller.
    fn work(self: Box<Self>);
}

/// Work, and where its answer goes.
struct Asked<T, F> {
    work: F,
    answer: oneshot::Sender<T>,
}

impl<T: Send, F: FnOnce() -> T + Send> Job for Asked<T, F> {
    fn is_wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    fn work(self: Box<Self>) {
        let Self { work, answer } = *self;
        drop(answer.send(work()));
    }
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
        Self(Arc::new(Inner { threads, queue_length, jobs: Mutex::default() }))
    }

    /// Does the work on one of the threads, or says at once that the queue is full.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Undone> {
        let (answer, answered) = oneshot::channel();
        self.submit(Box::new(Asked { work, answer }))?;
        answered.await.map_err(|_| Undone::Broken)
    }

    fn submit(&self, job: Box<dyn Job>) -> Result<(), Undone> {
        let mut jobs = self.0.jobs();
        if jobs.running < self.0.threads {
            let inner = Arc::clone(&self.0);
            // Starting a thread takes microseconds, such work milliseconds; and none stays when there is none.
            let thread = Builder::new().name("worker".into());
            thread.spawn(move || inner.work_from(job)).map_err(|_| Undone::Full)?;
            jobs.running += 1;
            return Ok(());
        }
        if jobs.waiting.len() == self.0.queue_length {
            // Whoever has gone needs no place.
            jobs.waiting.retain(|job| job.is_wanted());
        }
        if jobs.waiting.len() == self.0.queue_length {
            return Err(Undone::Full);
        }
        jobs.waiting.push_back(job);
        Ok(())
    }

    /// Takes every thread and every place, until what this returns is dropped.
    #[cfg(test)]
    pub(crate) fn fill(&self) -> Filled<'_> {
        let mut jobs = self.0.jobs();
        jobs.running = self.0.threads;
        let mut answers = Vec::new();
        jobs.waiting.extend((0..self.0.queue_length).map(|_| {
            let (answer, answered) = oneshot::channel();
            answers.push(answered);
            Box::new(Asked { work: || (), answer }) as Box<dyn Job>
        }));
        Filled { inner: &self.0, _answers: answers }
    }
}

/// Threads and places that are taken.
#[cfg(test)]
pub(crate) struct Filled<'w> {
    inner: &'w Inner,
    _answers: Vec<oneshot::Receiver<()>>,
}

#[cfg(test)]
impl Drop for Filled<'_> {
    fn drop(&mut self) {
        *self.inner.jobs() = Jobs::default();
    }
}

impl Inner {
    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does one job after another until none waits.
    fn work_from(&self, first: Box<dyn Job>) {
        stand_back();
        let mut next = Some(first);
        while let Some(job) = next {
            // Whoever waits for it hears of a panic by its answer's end.
            let _ = catch_unwind(AssertUnwindSafe(|| job.work()));
            next = self.next();
        }
    }

    /// The next job that somebody waits for; none: the thread that asks counts no more.
    fn next(&self) -> Option<Box<dyn Job>> {
        let mut jobs = self.jobs();
        let mut waiting = std::iter::from_fn(|| jobs.waiting.pop_front());
        let next = waiting.find(|job| job.is_wanted());
        if next.is_none() {
            jobs.running -= 1;
        }
        next
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
    use std::time::Duration;

    use tokio::time::timeout;

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
        let workers = Workers::new(1, 1);
        let broken: Result<(), Undone> = workers.run(|| panic!("as work may")).await;
        assert_eq!(broken, Err(Undone::Broken));
        assert_eq!(workers.run(|| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn those_who_wait_follow_on_the_same_thread() {
        let workers = Workers::new(1, 1);
        let (release, released) = std::sync::mpsc::channel::<()>();
        let work = move || (released.recv().is_err(), std::thread::current().id());
        let (first, second) = tokio::join!(workers.run(work), async {
            let second = workers.run(|| std::thread::current().id());
            drop(release);
            second.await
        });
        let (was_released, first) = first.expect("it works");
        assert!(was_released);
        assert_eq!(second, Ok(first));
    }

    #[tokio::test]
    async fn nothing_is_worked_and_no_place_kept_for_who_has_gone() {
        let workers = Workers::new(1, 1);
        let (release, released) = std::sync::mpsc::channel::<()>();
        let mut busy = Box::pin(workers.run(move || released.recv().is_err()));
        assert!(timeout(Duration::ZERO, &mut busy).await.is_err());
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        let mut gone = Box::pin(workers.run(move || done.send(())));
        assert!(timeout(Duration::ZERO, &mut gone).await.is_err());
        assert_eq!(workers.run(|| ()).await, Err(Undone::Full));
        drop(gone);
        let mut next = Box::pin(workers.run(|| 2));
        assert!(timeout(Duration::ZERO, &mut next).await.is_err());
        assert!(is_done.recv().is_err(), "its work was dropped, not done");
        drop(release);
        assert_eq!((busy.await, next.await), (Ok(true), Ok(2)));
    }
}
