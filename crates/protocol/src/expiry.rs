//! Rows that come with every call of some kind, and that are worth nothing when they have expired: they leave
//! in small units of work beside new ones, so that no table grows longer than its rows last, whoever makes how
//! many. When no new ones come, `housekeeping` deletes them.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use domain::Timestamp;
use store::{Decision, Failure, Fault, Store, settle};

use crate::context::Context;

/// So many new rows of a kind, and expired ones are looked for.
const EVERY: u32 = 16;

/// How many leave at once: more than have come meanwhile, and few enough for a short unit of work.
const AT_MOST: i64 = 64;

/// A kind of row that expires.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expiring {
    /// Counts of failed guesses.
    Guesses,
    /// Requests that wait for a person.
    AuthorizationRequests,
    /// Assertions that were used.
    UsedAssertions,
    /// Requests at the logout endpoint.
    LogoutRequests,
}

/// How many rows of each kind have come since the last look.
#[derive(Default)]
pub struct Expiry {
    guesses: Arc<Kind>,
    authorization_requests: Arc<Kind>,
    used_assertions: Arc<Kind>,
    logout_requests: Arc<Kind>,
}

#[derive(Default)]
struct Kind {
    new: AtomicU32,
    is_under_way: AtomicBool,
}

impl Expiry {
    /// Notes a new row, and now and then deletes expired ones, beside the request that made it.
    pub(crate) fn beside(&self, ctx: &Context, expiring: Expiring) {
        let kind = match expiring {
            Expiring::Guesses => &self.guesses,
            Expiring::AuthorizationRequests => &self.authorization_requests,
            Expiring::UsedAssertions => &self.used_assertions,
            Expiring::LogoutRequests => &self.logout_requests,
        };
        let is_due = kind.new.fetch_add(1, Ordering::Relaxed) % EVERY == EVERY - 1;
        // One at a time: more would only wait for each other.
        if !is_due || kind.is_under_way.swap(true, Ordering::AcqRel) {
            return;
        }
        let (kind, store, now) = (Arc::clone(kind), ctx.store.clone(), ctx.now());
        ctx.flows.spawn(async move {
            if let Err(fault) = expiring.delete(&store, now).await {
                tracing::warn!(%fault, ?expiring, "expired rows were not deleted");
            }
            kind.is_under_way.store(false, Ordering::Release);
        });
    }
}

impl Expiring {
    async fn delete(self, store: &Store, now: Timestamp) -> Result<(), Fault> {
        let mut tx = store.begin().await?;
        let deleted = match self {
            Self::Guesses => store::guesses::delete_ended(&mut tx, now, AT_MOST).await,
            Self::AuthorizationRequests => {
                store::authorization_requests::delete_expired(&mut tx, now, AT_MOST).await
            }
            Self::UsedAssertions => {
                store::used_assertions::delete_expired(&mut tx, now, AT_MOST).await
            }
            Self::LogoutRequests => {
                store::logout_requests::delete_expired(&mut tx, now, AT_MOST).await
            }
        };
        let settled: Decision<u64, Infallible> = settle(tx, deleted.map_err(Into::into)).await;
        settled.map(drop).map_err(Failure::into_fault)
    }
}
