//! Outbound HTTP: the one way in which this server itself calls others, for keys, request objects,
//! sector identifiers and logouts.
//!
//! Whoever can name an address can aim it at us: so a name is resolved once, each answer must be public or
//! allowed by the operator, and the connection goes to what was checked. No redirect is followed, no
//! proxy of the environment is used, nothing is decompressed. All of it together takes a few seconds at
//! most, a body is read up to its limit, and an address is asked once at a time, not again right after it
//! has failed.

mod addresses;
mod call;
mod document;
mod flights;
mod names;
mod refused;
mod target;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::{AccountId, OutboundPolicy, Timestamp};
use ipnet::IpNet;
use quick_cache::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::api_volume::ApiVolume;
use crate::context::Context;

use addresses::AllowedNetworks;
use call::Clients;
use flights::{Asked, Boarded, Flight, Flights};
use names::Names;
use refused::Cause;
use target::Target;

pub use document::Document;
pub use refused::OutboundRefused;

/// How many accounts have places for calls; those that call least are forgotten first.
const REMEMBERED: usize = 10_000;

/// What calls others.
#[derive(Clone)]
pub struct Outbound(Arc<Parts>);

struct Parts {
    allowed: AllowedNetworks,
    clients: Clients,
    flights: Arc<Flights>,
    volume: ApiVolume,
    places: Cache<AccountId, Arc<Semaphore>>,
}

impl Default for Outbound {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

/// For whom, when and within which limits others are called.
#[derive(Clone, Copy)]
struct Errand<'a> {
    account_id: AccountId,
    now: Timestamp,
    policy: &'a OutboundPolicy,
}

impl<'a> Errand<'a> {
    fn of(ctx: &'a Context, account_id: AccountId) -> Self {
        Self { account_id, now: ctx.now(), policy: &ctx.policy.outbound }
    }
}

/// Fetches a document of at most `limit` bytes.
pub async fn get(
    ctx: &Context,
    account_id: AccountId,
    url: &str,
    limit: usize,
) -> Result<Document, OutboundRefused> {
    ctx.outbound.fetch(Errand::of(ctx, account_id), url, limit).await
}

/// Sends a form and returns the status of the reply, whose body is not read.
pub async fn post_form(
    ctx: &Context,
    account_id: AccountId,
    url: &str,
    form: &[(&str, &str)],
) -> Result<u16, OutboundRefused> {
    ctx.outbound.send(Errand::of(ctx, account_id), url, form).await
}

impl Outbound {
    /// Calls public addresses, and those in these networks.
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self::resolving(allowed, &Names::default())
    }

    /// The same with another way to resolve names; for tests.
    fn resolving(allowed: Vec<IpNet>, names: &Names) -> Self {
        let allowed = AllowedNetworks::new(allowed);
        Self(Arc::new(Parts {
            clients: Clients::new(&allowed, names),
            allowed,
            flights: Arc::default(),
            volume: ApiVolume::default(),
            places: Cache::new(REMEMBERED),
        }))
    }

    async fn fetch(
        &self,
        errand: Errand<'_>,
        url: &str,
        limit: usize,
    ) -> Result<Document, OutboundRefused> {
        let target = Target::parse(url, &self.0.allowed).map_err(|cause| cause.told(url))?;
        let asked = Asked { url: target.url.clone(), limit };
        match self.0.flights.board(asked, errand.now) {
            Boarded::Joined(landing) => landing.answer().await,
            Boarded::TooSoon => Err(Cause::FailedLately.told(url)),
            Boarded::First(flight, landing) => {
                self.depart(errand, target, flight);
                landing.answer().await
            }
        }
    }

    /// Fetches in a task of its own: whoever gives up takes nothing from those who wait with him.
    fn depart(&self, errand: Errand<'_>, target: Target, flight: Flight) {
        if self.is_exceeded(errand) {
            return flight.land(Err(Cause::TooMany.told(target.url.as_str())), None);
        }
        let (outbound, limit) = (self.clone(), flight.limit());
        let (account_id, deadline) = (errand.account_id, errand.policy.deadline);
        let at_once = errand.policy.calls_at_once;
        let failed_until = errand.now + errand.policy.failure_memory;
        tokio::spawn(async move {
            let fetching = async {
                let _place = outbound.place(account_id, at_once).await?;
                outbound.0.clients.get(&target, limit).await
            };
            let fetched = tokio::time::timeout(deadline.as_duration(), fetching).await;
            let fetched = fetched.unwrap_or(Err(Cause::TimedOut));
            let answer = fetched.map_err(|cause| cause.told(target.url.as_str()));
            flight.land(answer, Some(failed_until));
        });
    }

    async fn send(
        &self,
        errand: Errand<'_>,
        url: &str,
        form: &[(&str, &str)],
    ) -> Result<u16, OutboundRefused> {
        let sending = async {
            let target = Target::parse(url, &self.0.allowed)?;
            let at_once = errand.policy.calls_at_once;
            let _place = self.place(errand.account_id, at_once).await?;
            self.0.clients.post_form(&target, form).await
        };
        let deadline = errand.policy.deadline.as_duration();
        let sent = tokio::time::timeout(deadline, sending).await;
        sent.unwrap_or(Err(Cause::TimedOut)).map_err(|cause| cause.told(url))
    }

    /// Counts a document that is not at hand: whoever makes us look for many gets no more of them.
    fn is_exceeded(&self, errand: Errand<'_>) -> bool {
        let limit = errand.policy.documents_per_minute;
        self.0.volume.spend(errand.account_id, limit, errand.now).is_exceeded()
    }

    /// One of the places that an account has for calls at the same time.
    async fn place(
        &self,
        account_id: AccountId,
        at_once: usize,
    ) -> Result<OwnedSemaphorePermit, Cause> {
        let make = || Ok::<_, Cause>(Arc::new(Semaphore::new(at_once)));
        let places = self.0.places.get_or_insert_with(&account_id, make)?;
        places.acquire_owned().await.map_err(|_| Cause::TooMany)
    }
}
