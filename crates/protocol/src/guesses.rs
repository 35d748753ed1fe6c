//! Failed guesses: counted in the database per credential and source, so that all nodes have one
//! count, and refused when there were too many.
//!
//! A failure is answered by the count that it reached itself, so that of guesses made at the same
//! moment, on whichever nodes, only as many are answered as the limit allows.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use domain::{AccountId, FailureCount, Lifetime, Timestamp};
use store::guesses::GuessKey;
use store::{Decision, Failure, Fault, Store, settle};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::context::Context;
use crate::expiry::Expiring;
use crate::known_device::DeviceNumber;

/// How many failures are counted at once on a node: whoever guesses without end keeps no more
/// connections to the database busy than this.
const AT_ONCE: usize = 8;

/// How long a failure waits to be counted. One that cannot be counted is not answered.
const PATIENCE: Duration = Duration::from_secs(3);

/// The places for failures that are being counted.
pub struct Guesses {
    places: Arc<Semaphore>,
}

impl Default for Guesses {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Guesses {
    async fn place(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let place = Arc::clone(&self.places).acquire_owned();
        match tokio::time::timeout(PATIENCE, place).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Fault::Unavailable("too many failures wait to be counted".into())),
        }
    }
}

/// A kind of credential that can be guessed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// A client's, by its identifier.
    ClientSecret,
    /// A person's for the API, by the folded e-mail address.
    ApiToken,
    /// A person's, by the folded e-mail address.
    Password,
    /// None: clients that anybody registers are counted like guesses.
    Registration,
}

impl Credential {
    const fn word(self) -> &'static str {
        match self {
            Self::ClientSecret => "client",
            Self::ApiToken => "api_token",
            Self::Password => "user",
            Self::Registration => "registration",
        }
    }
}

/// Where a guess comes from: what has a count of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GuessSource {
    /// An address.
    Address(IpAddr),
    /// A browser that the user has signed in with before, wherever it is now.
    Device(DeviceNumber),
}

impl GuessSource {
    /// What tells it from others: its kind, and sixteen bytes.
    fn bytes(self) -> [u8; 17] {
        let (kind, number) = match self {
            Self::Address(address) => (0, network(address)),
            Self::Device(number) => (1, number),
        };
        let mut bytes = [kind; 17];
        bytes[1..].copy_from_slice(&number);
        bytes
    }
}

/// What is guessed at, and from where. Of fixed size, however long the presented name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guessed {
    key: GuessKey,
    limit: u32,
    now: Timestamp,
}

/// There were too many failures; try again after this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled(pub Lifetime);

impl Guessed {
    /// A credential of this kind and name, which need not exist, presented from there.
    pub(crate) fn new(
        ctx: &Context,
        account_id: AccountId,
        credential: Credential,
        name: &str,
        source: GuessSource,
    ) -> Self {
        let source = source.bytes();
        let hash = ctx.keyring.guess_hash(account_id, credential.word(), &source, name);
        let limit = match credential {
            Credential::ClientSecret | Credential::ApiToken => {
                ctx.policy.client_failures_per_window
            }
            Credential::Password => ctx.policy.sign_in_failures_per_window,
            Credential::Registration => ctx.policy.self_registration.per_window,
        };
        Self { key: GuessKey { account_id, hash }, limit, now: ctx.now() }
    }

    /// Refuses if there were too many failures by now, and returns how many there were.
    pub(crate) async fn check(&self, ctx: &Context) -> Decision<FailureCount, Throttled> {
        self.judge(store::guesses::show(&ctx.store, &self.key).await?)
    }

    /// The same as this node remembers it, without a statement: a limit that is reached elsewhere is
    /// known within a poll.
    pub(crate) async fn check_remembered(
        &self,
        ctx: &Context,
    ) -> Decision<FailureCount, Throttled> {
        self.judge(ctx.store.cache().failures(&self.key).await?)
    }

    fn judge(&self, failures: FailureCount) -> Decision<FailureCount, Throttled> {
        match failures.wait(self.limit, self.now) {
            Some(wait) => Err(Failure::Refused(Throttled(wait))),
            None => Ok(failures),
        }
    }

    /// Counts a failure; refuses if it is one more than the window allows.
    pub(crate) async fn failed(&self, ctx: &Context) -> Decision<(), Throttled> {
        let place = ctx.guesses.place().await?;
        let ends_at = self.now + ctx.policy.failure_window;
        // In a task of its own: whoever hangs up is counted too, and breaks no connection.
        let counting = count(ctx.store.clone(), *self, ends_at, place);
        let panicked = |error| Fault::Unavailable(format!("a failure was not counted: {error}"));
        let failures = ctx.flows.spawn(counting).await.map_err(panicked)??;
        if failures.count == 1 {
            ctx.expiry.beside(ctx, Expiring::Guesses);
        }
        match failures.wait_after_failure(self.limit, self.now) {
            Some(wait) => Err(Failure::Refused(Throttled(wait))),
            None => Ok(()),
        }
    }

    /// Forgets the failures after a success, if there are any.
    pub(crate) async fn succeeded(
        &self,
        ctx: &Context,
        failures: FailureCount,
    ) -> Result<(), Fault> {
        if !failures.counts(self.now) {
            return Ok(());
        }
        let mut tx = ctx.store.begin().await?;
        let forgotten = store::guesses::forget(&mut tx, &self.key, self.limit).await;
        unrefused(settle(tx, forgotten.map_err(Into::into)).await)?;
        ctx.store.cache().remember_failures(&self.key, FailureCount::NONE);
        Ok(())
    }
}

/// Counts a failure in a small unit of work of its own; no password is hashed meanwhile.
async fn count(
    store: Store,
    guessed: Guessed,
    ends_at: Timestamp,
    _place: OwnedSemaphorePermit,
) -> Result<FailureCount, Fault> {
    let Guessed { key, limit, now } = guessed;
    let counted = store::retry(|| async {
        let mut tx = store.begin().await?;
        let counted = store::guesses::failed(&mut tx, &key, limit, now, ends_at).await;
        settle(tx, counted.map_err(Into::into)).await
    });
    let failures = unrefused(counted.await)?;
    store.cache().remember_failures(&key, failures);
    Ok(failures)
}

fn unrefused<T>(decision: Decision<T, std::convert::Infallible>) -> Result<T, Fault> {
    decision.map_err(Failure::into_fault)
}

/// What one subscriber calls from: an IPv4 address, or the 64 bits of an IPv6 network (RFC 6177).
fn network(source: IpAddr) -> [u8; 16] {
    match source.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // DS-01, DS-05
    #[test]
    fn a_long_name_takes_no_more_room_than_a_short_one() {
        assert!(!std::mem::needs_drop::<Guessed>(), "nothing of the name is kept elsewhere");
        assert!(size_of::<Guessed>() <= 64);
    }

    // CA-07
    #[test]
    fn a_subscriber_is_one_source() {
        let network = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(network("203.0.113.1"), network("::ffff:203.0.113.1"));
        assert_ne!(network("203.0.113.1"), network("203.0.113.2"));
        assert_eq!(network("2001:db8:0:1::1"), network("2001:db8:0:1:ffff::2"));
        assert_ne!(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"));
    }
}
