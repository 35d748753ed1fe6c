//! The worker of the outbox: takes the deliveries that are due and starts each beside the others. Which node
//! takes which is decided by the database; no user waits for any of them.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{ClientId, LogoutDelivery};
use store::{Decision, Failure, Fault, settle};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::delivery;
use crate::context::Context;

/// How often is looked for what other nodes left, and for what is to be tried again.
const INTERVAL: Duration = Duration::from_secs(2);

/// How many deliveries a node has under way at once.
const PLACES: usize = 64;

/// How many of them go to one client: one that does not answer holds up no other.
const PLACES_OF_ONE_CLIENT: usize = 4;

/// How many ended deliveries leave with each look.
const LEAVING: i64 = 64;

/// The deliveries that this node has under way.
pub struct Logouts {
    due: Notify,
    places: Arc<Semaphore>,
    under_way: Arc<Mutex<HashMap<ClientId, usize>>>,
}

impl Default for Logouts {
    fn default() -> Self {
        Self {
            due: Notify::new(),
            places: Arc::new(Semaphore::new(PLACES)),
            under_way: Arc::default(),
        }
    }
}

impl Logouts {
    /// Says that something is due now. After the commit: before it nobody would find it.
    pub(crate) fn wake(&self) {
        self.due.notify_one();
    }

    async fn due(&self) {
        let _ = tokio::time::timeout(INTERVAL, self.due.notified()).await;
    }

    /// A place for a delivery to this client; none: it has all that one client may have.
    fn place(&self, client_id: ClientId, permit: OwnedSemaphorePermit) -> Option<Place> {
        let mut under_way = lock(&self.under_way);
        let count = under_way.entry(client_id).or_default();
        if *count >= PLACES_OF_ONE_CLIENT {
            return None;
        }
        *count += 1;
        Some(Place { client_id, under_way: Arc::clone(&self.under_way), _permit: permit })
    }
}

/// A place that a delivery takes up until it is dropped.
struct Place {
    client_id: ClientId,
    under_way: Arc<Mutex<HashMap<ClientId, usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut under_way = lock(&self.under_way);
        if let Some(count) = under_way.get_mut(&self.client_id) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.client_id);
            }
        }
    }
}

/// Whoever panicked while counting has left what was counted.
fn lock(counts: &Mutex<HashMap<ClientId, usize>>) -> MutexGuard<'_, HashMap<ClientId, usize>> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts what is due, again and again.
pub async fn keep_delivering(ctx: Arc<Context>) {
    loop {
        ctx.logouts.due().await;
        if let Err(fault) = start_due(&ctx).await {
            tracing::warn!(%fault, "logout tokens wait longer to be delivered");
        }
    }
}

/// Takes what is due now, and starts each delivery as a flow of its own, which draining waits for.
pub async fn start_due(ctx: &Arc<Context>) -> Result<(), Fault> {
    loop {
        let free = ctx.logouts.places.available_permits();
        if free == 0 {
            return Ok(());
        }
        let taken = take(ctx, i64::try_from(free).unwrap_or(i64::MAX)).await?;
        let is_all = taken.len() < free;
        for delivery in taken {
            start(ctx, delivery).await;
        }
        if is_all {
            return Ok(());
        }
    }
}

/// Takes deliveries, and lets old ones go.
async fn take(ctx: &Context, at_most: i64) -> Result<Vec<LogoutDelivery>, Fault> {
    let taken: Decision<_, Infallible> = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let (now, policy) = (ctx.now(), &ctx.policy);
            let before = now - policy.logout.delivery_kept;
            store::logout_deliveries::delete_ended(&mut tx, before, LEAVING).await?;
            let leased_until = now + policy.logout.delivery_lease;
            store::logout_deliveries::take(&mut tx, now, leased_until, at_most).await
        }
        .await;
        settle(tx, decision.map_err(Failure::Fault)).await
    })
    .await;
    taken.map_err(Failure::into_fault)
}

async fn start(ctx: &Arc<Context>, delivery: LogoutDelivery) {
    let Ok(permit) = Arc::clone(&ctx.logouts.places).acquire_owned().await else { return };
    let place = ctx.logouts.place(delivery.client_id, permit);
    let delivering = Arc::clone(ctx);
    ctx.flows.spawn(async move {
        let done = match &place {
            Some(_) => delivery::deliver(&delivering, &delivery).await,
            None => delivery::put_off(&delivering, &delivery).await,
        };
        drop(place);
        // What could not be written is taken again when its lease has run out.
        if let Err(fault) = done {
            tracing::warn!(%fault, client = %delivery.client_id, "a logout delivery is left undone");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    // DS-01
    #[tokio::test]
    async fn one_client_never_has_all_places() {
        let logouts = Logouts::default();
        let place = |id| {
            let permit = Arc::clone(&logouts.places).try_acquire_owned().expect("there is room");
            logouts.place(ClientId::new(id), permit)
        };
        let mut taken: Vec<_> = (0..PLACES_OF_ONE_CLIENT).map(|_| place(1)).collect();
        assert!(taken.iter().all(Option::is_some));
        assert!(place(1).is_none());
        assert!(place(2).is_some());
        taken.pop();
        assert!(place(1).is_some());
        drop(taken);
        assert!(lock(&logouts.under_way).is_empty());
        assert_eq!(logouts.places.available_permits(), PLACES);
    }
}
