//! Who may have how much of what an account calls: each client has less than the account, and logouts have
//! places that documents do not take up.

use std::hash::Hash;
use std::sync::Arc;

use domain::{AccountId, ClientId, OutboundPolicy, Timestamp};
use quick_cache::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refused::Cause;
use super::within_deadline;
use crate::api_volume::ApiVolume;

/// How many have places for calls; those that call least are forgotten first.
const REMEMBERED: usize = 10_000;

/// For whom a document is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Whom {
    pub(super) account_id: AccountId,
    /// None: for a client that is not stored yet. All of these have one share together.
    client_id: Option<ClientId>,
}

impl Whom {
    /// For a client of the account, or for one that is not stored yet.
    pub const fn of(account_id: AccountId, client_id: Option<ClientId>) -> Self {
        Self { account_id, client_id }
    }
}

/// What is used of the shares.
#[derive(Default)]
pub(super) struct Shares {
    documents: ApiVolume<AccountId>,
    documents_of_one: ApiVolume<Whom>,
    places: Places<AccountId>,
    places_of_one: Places<Whom>,
    logout_places: Places<AccountId>,
}

/// The places that a document takes up until they are dropped.
pub(super) struct Taken {
    _of_one: OwnedSemaphorePermit,
    _of_account: OwnedSemaphorePermit,
}

impl Shares {
    /// Counts a document that is not at hand: whoever makes us look for many gets no more of them. What
    /// one client is denied is not counted against its account.
    pub(super) fn are_exceeded(&self, whom: Whom, policy: &OutboundPolicy, now: Timestamp) -> bool {
        let all = policy.documents_per_minute;
        let of_one = match whom.client_id {
            Some(_) => policy.client_documents_per_minute,
            None => all.div_ceil(2),
        };
        self.documents_of_one.spend(whom, of_one, now).is_exceeded()
            || self.documents.spend(whom.account_id, all, now).is_exceeded()
    }

    /// The places for a document. A client waits for its own first, and takes up none of the account's
    /// meanwhile.
    pub(super) async fn places(&self, whom: Whom, policy: &OutboundPolicy) -> Result<Taken, Cause> {
        let all = policy.calls_at_once;
        let of_one = match whom.client_id {
            Some(_) => policy.client_calls_at_once,
            None => all.div_ceil(2),
        };
        within_deadline(policy, Cause::TooMany, async {
            let of_one = self.places_of_one.take(whom, of_one).await?;
            let of_account = self.places.take(whom.account_id, all).await?;
            Ok(Taken { _of_one: of_one, _of_account: of_account })
        })
        .await
    }

    /// A place for a logout, of which an account has as many as for documents.
    pub(super) async fn logout_place(
        &self,
        account_id: AccountId,
        policy: &OutboundPolicy,
    ) -> Result<OwnedSemaphorePermit, Cause> {
        let place = self.logout_places.take(account_id, policy.calls_at_once);
        within_deadline(policy, Cause::TooMany, place).await
    }
}

/// Places for calls at the same time.
struct Places<K>(Cache<K, Arc<Semaphore>>);

impl<K: Copy + Eq + Hash> Default for Places<K> {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl<K: Copy + Eq + Hash> Places<K> {
    async fn take(&self, key: K, at_once: usize) -> Result<OwnedSemaphorePermit, Cause> {
        let make = || Ok::<_, Cause>(Arc::new(Semaphore::new(at_once)));
        let places = self.0.get_or_insert_with(&key, make)?;
        places.acquire_owned().await.map_err(|_| Cause::TooMany)
    }
}
