//! Outbound HTTP: the one way in which this server itself calls others, for keys, request objects,
//! sector identifiers and logouts.
//!
//! Whoever can name an address can aim it at us: so a name is resolved once, each answer must be public or
//! allowed by the operator, and the connection goes to what was checked. No redirect is followed, no
//! proxy of the environment is used, nothing is decompressed. All of it together takes a few seconds at
//! most, a body is read up to its limit, and for each client an address is asked once at a time, not again
//! right after it has failed.

mod addresses;
mod call;
mod document;
mod flights;
mod names;
mod refused;
mod shares;
mod target;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::{AccountId, OutboundPolicy, Timestamp};
use ipnet::IpNet;
use tokio::time::Instant;

use crate::context::Context;

use addresses::AllowedNetworks;
use call::Clients;
use flights::{Asked, Boarded, Flight, Flights};
use names::Names;
use refused::Cause;
use shares::Shares;
use target::Target;

pub use document::Document;
pub use refused::OutboundRefused;
pub use shares::Whom;

/// What calls others.
#[derive(Clone)]
pub struct Outbound(Arc<Parts>);

struct Parts {
    allowed: AllowedNetworks,
    clients: Clients,
    flights: Arc<Flights>,
    shares: Shares,
}

impl Default for Outbound {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

/// For whom, when and within which limits a document is fetched.
#[derive(Clone, Copy)]
struct Errand<'a> {
    whom: Whom,
    now: Timestamp,
    policy: &'a OutboundPolicy,
}

/// Fetches a document of at most `limit` bytes.
pub async fn get(
    ctx: &Context,
    whom: Whom,
    url: &str,
    limit: usize,
) -> Result<Document, OutboundRefused> {
    let errand = Errand { whom, now: ctx.now(), policy: &ctx.policy.outbound };
    ctx.outbound.fetch(errand, url, limit).await
}

/// Sends a form and returns the status of the reply, whose body is not read.
pub async fn post_form(
    ctx: &Context,
    account_id: AccountId,
    url: &str,
    form: &[(&str, &str)],
) -> Result<u16, OutboundRefused> {
    ctx.outbound.send((account_id, &ctx.policy.outbound), url, form).await
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
            shares: Shares::default(),
        }))
    }

    async fn fetch(
        &self,
        errand: Errand<'_>,
        url: &str,
        limit: usize,
    ) -> Result<Document, OutboundRefused> {
        let target = Target::parse(url, &self.0.allowed).map_err(|cause| cause.told(url))?;
        let asked = Asked { whom: errand.whom, url: target.url.clone(), limit };
        match self.0.flights.board(asked, errand.now) {
            Boarded::Joined(landing) => landing.answer().await,
            Boarded::TooSoon => Err(Cause::FailedLately.told(url)),
            Boarded::First(flight, landing) => {
                self.depart(errand, target, flight);
                landing.answer().await
            }
        }
    }

    /// Fetches in a task of its own: whoever gives up takes nothing from those who wait with him. A failure
    /// is remembered if it was the other side's: not if all places were taken for too long.
    fn depart(&self, errand: Errand<'_>, target: Target, flight: Flight) {
        let Errand { whom, now, policy } = errand;
        if self.0.shares.are_exceeded(whom, policy, now) {
            return flight.land(Err(Cause::TooMany.told(target.url.as_str())), None);
        }
        let (outbound, policy) = (self.clone(), policy.clone());
        tokio::spawn(async move {
            // Whoever waits here waits for both, the places and the call.
            let ends_at = Instant::now() + policy.deadline.as_duration();
            let (fetched, failed_until) = match outbound.0.shares.places(whom, &policy).await {
                Ok(_taken) => {
                    let fetching = outbound.0.clients.get(&target, flight.limit());
                    let fetched = tokio::time::timeout_at(ends_at, fetching).await;
                    let fetched = fetched.unwrap_or(Err(Cause::TimedOut));
                    (fetched, Some(now + policy.failure_memory))
                }
                Err(cause) => (Err(cause), None),
            };
            flight.land(fetched.map_err(|cause| cause.told(target.url.as_str())), failed_until);
        });
    }

    async fn send(
        &self,
        (account_id, policy): (AccountId, &OutboundPolicy),
        url: &str,
        form: &[(&str, &str)],
    ) -> Result<u16, OutboundRefused> {
        let sending = async {
            let target = Target::parse(url, &self.0.allowed)?;
            let _place = self.0.shares.logout_place(account_id, policy).await?;
            within_deadline(policy, Cause::TimedOut, self.0.clients.post_form(&target, form)).await
        };
        sending.await.map_err(|cause| cause.told(url))
    }
}

/// As long as a call may take, from the name to the last byte, or the wait for a place.
async fn within_deadline<T>(
    policy: &OutboundPolicy,
    late: Cause,
    doing: impl Future<Output = Result<T, Cause>>,
) -> Result<T, Cause> {
    let done = tokio::time::timeout(policy.deadline.as_duration(), doing).await;
    done.unwrap_or(Err(late))
}
