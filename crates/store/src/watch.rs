//! Watching for changes made elsewhere: the epochs are polled, and PostgreSQL notifies besides.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::{sleep_until, timeout};

use crate::engine::{Engine, Row};
use crate::{Fault, Store};

crate::statements! {
    /// Moves the epoch on: what is kept in memory has changed.
    BUMP: "INSERT INTO epochs (name, value) VALUES ('cache', 1)
           ON CONFLICT (name) DO UPDATE SET value = epochs.value + 1";
    /// Reads the epochs: of what is cached, and of counts of guesses.
    EPOCHS: "SELECT name, value FROM epochs WHERE name IN ('cache', 'guesses')";
}

/// How often the epochs are polled where nobody shares the database but commands, and while it does not answer.
const POLL: Duration = Duration::from_millis(250);
/// How often where nodes share it: a change is seen within 100 ms also where its announcement is not heard.
const POLL_SHARED: Duration = Duration::from_millis(50);
/// A poll that takes longer says nothing about now.
const POLL_PATIENCE: Duration = Duration::from_millis(500);

/// The background tasks that keep caches correct; dropping it ends them, and caches are not trusted any more.
pub struct Watch(Vec<JoinHandle<()>>);

impl Watch {
    pub(crate) fn start(store: &Store) -> Self {
        let mut tasks = vec![tokio::spawn(poll(store.clone()))];
        if let Engine::Postgres(postgres) = store.engine() {
            tasks.push(tokio::spawn(postgres.listener().listen()));
        }
        Self(tasks)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

async fn poll(store: Store) {
    let pause = if matches!(store.engine(), Engine::Postgres(_)) { POLL_SHARED } else { POLL };
    let mut known = None;
    let mut failing = false;
    loop {
        let began = Instant::now();
        let read = timeout(POLL_PATIENCE, epochs(&store)).await;
        let read = read.unwrap_or_else(|_| Err(Fault::Unavailable("it takes too long".into())));
        match &read {
            Ok(epochs) => {
                // Also the first time: what was loaded before may be older than this epoch.
                if known.replace(epochs.cache) != Some(epochs.cache) {
                    store.generation().advance();
                }
                store.generation().guesses_are_at(epochs.guesses);
                store.generation().polled(began);
            }
            Err(fault) if !failing => tracing::warn!(%fault, "the epochs cannot be read"),
            Err(_) => {}
        }
        failing = read.is_err();
        let pause = if failing { POLL } else { pause };
        sleep_until((began + pause).into()).await;
    }
}

/// Where the cached worlds stand; one that never moved is at zero.
#[derive(Default)]
struct Epochs {
    cache: i64,
    guesses: i64,
}

async fn epochs(store: &Store) -> Result<Epochs, Fault> {
    let mut epochs = Epochs::default();
    let each = |row: &Row<'_>| {
        let (name, value): (String, i64) = (row.get(0)?, row.get(1)?);
        let epoch = if name == "cache" { &mut epochs.cache } else { &mut epochs.guesses };
        *epoch = value;
        Ok(())
    };
    store.engine().read_apart(&EPOCHS, &[], each).await?;
    Ok(epochs)
}
