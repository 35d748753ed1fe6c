//! Watching for changes made elsewhere: the epoch is polled, and PostgreSQL notifies besides.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::engine::{Engine, FromRow};
use crate::{Fault, Store};

crate::statements! {
    /// Moves the epoch on: what is kept in memory has changed.
    BUMP: "INSERT INTO epochs (name, value) VALUES ('cache', 1)
           ON CONFLICT (name) DO UPDATE SET value = epochs.value + 1";
    /// Reads the epoch.
    EPOCH: "SELECT value FROM epochs WHERE name = 'cache'";
}

/// How often the epoch is polled.
const POLL: Duration = Duration::from_millis(250);
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
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = None;
    let mut failing = false;
    loop {
        ticks.tick().await;
        let began = Instant::now();
        let read = timeout(POLL_PATIENCE, epoch(&store)).await;
        let read = read.unwrap_or_else(|_| Err(Fault::Unavailable("it takes too long".into())));
        match &read {
            Ok(epoch) => {
                // Also the first time: what was loaded before may be older than this epoch.
                if known.replace(*epoch) != Some(*epoch) {
                    store.generation().advance();
                }
                store.generation().polled(began);
            }
            Err(fault) if !failing => tracing::warn!(%fault, "the epoch cannot be read"),
            Err(_) => {}
        }
        failing = read.is_err();
    }
}

async fn epoch(store: &Store) -> Result<i64, Fault> {
    let mut epoch = 0;
    let each = |row: &crate::engine::Row<'_>| {
        epoch = i64::from_row(row)?;
        Ok(())
    };
    store.engine().read(&EPOCH, &[], each).await?;
    Ok(epoch)
}
