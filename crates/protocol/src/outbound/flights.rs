//! One fetch at a time for each document: whoever asks meanwhile waits for the same answer, and after a
//! failure nobody tries again for a moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Timestamp;
use quick_cache::sync::Cache;
use reqwest::Url;
use tokio::sync::watch;

use super::document::Document;
use super::refused::{Cause, OutboundRefused};
use super::shares::Whom;

/// How many failures are remembered; the least used are forgotten first.
const REMEMBERED: usize = 10_000;

/// What is asked for, and for whom: nobody feels what another's queue or servers are like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) whom: Whom,
    pub(super) url: Url,
    pub(super) limit: usize,
}

type Answer = Result<Document, OutboundRefused>;

/// The fetches that are under way, and those that failed lately.
pub(super) struct Flights {
    under_way: Mutex<HashMap<Asked, watch::Receiver<Option<Answer>>>>,
    failed: Cache<Asked, Timestamp>,
}

impl Default for Flights {
    fn default() -> Self {
        Self { under_way: Mutex::default(), failed: Cache::new(REMEMBERED) }
    }
}

/// How one takes part in a fetch.
pub(super) enum Boarded {
    /// It is under way.
    Joined(Landing),
    /// It failed a moment ago.
    TooSoon,
    /// It has to be begun.
    First(Flight, Landing),
}

impl Flights {
    pub(super) fn board(self: &Arc<Self>, asked: Asked, now: Timestamp) -> Boarded {
        let mut under_way = self.under_way();
        if let Some(answer) = under_way.get(&asked) {
            return Boarded::Joined(Landing(answer.clone()));
        }
        if self.failed.get(&asked).is_some_and(|until| until > now) {
            return Boarded::TooSoon;
        }
        let (sender, receiver) = watch::channel(None);
        under_way.insert(asked.clone(), receiver.clone());
        let flight = Flight { flights: Arc::clone(self), asked, sender };
        Boarded::First(flight, Landing(receiver))
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Asked, watch::Receiver<Option<Answer>>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fetch that is under way; dropping it ends it.
pub(super) struct Flight {
    flights: Arc<Flights>,
    asked: Asked,
    sender: watch::Sender<Option<Answer>>,
}

impl Flight {
    pub(super) fn limit(&self) -> usize {
        self.asked.limit
    }

    /// Answers everybody who waits. A failure keeps others from trying until then.
    pub(super) fn land(self, answer: Answer, failed_until: Option<Timestamp>) {
        match failed_until {
            Some(until) if answer.is_err() => {
                self.flights.failed.insert(self.asked.clone(), until);
            }
            _ => {}
        }
        self.sender.send_replace(Some(answer));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights.under_way().remove(&self.asked);
    }
}

/// Where the answer of a fetch arrives.
pub(super) struct Landing(watch::Receiver<Option<Answer>>);

impl Landing {
    pub(super) async fn answer(mut self) -> Answer {
        // Whoever fetched has panicked, or the server stops, if there is none.
        let landed = self.0.wait_for(Option::is_some).await;
        landed.ok().and_then(|answer| answer.clone()).unwrap_or(Err(Cause::Broken.untold()))
    }
}
