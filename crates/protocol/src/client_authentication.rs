//! Client authentication (RFC 6749 §2.3, §3.2.1): who calls, and how it proved it.

use std::net::IpAddr;
use std::sync::Arc;

use domain::{
    Account, Client, ClientAuthenticationMethod, ClientKind, ClientSecret, ClientState, HandleKind,
    SecretHash, Timestamp,
};
use store::{Decision, Failure, Fault};
use wire::{BodyCredentials, CredentialsRefused, PresentedCredentials};

use crate::context::Context;
use crate::guesses::{Credential, GuessSource, Guessed, Throttled};
use crate::last_uses::Used;

/// Where a call comes from and what its headers say of the client.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The values of all `Authorization` headers.
    pub authorization: Vec<Vec<u8>>,
    /// The address, behind trusted proxies the one they tell.
    pub source: IpAddr,
}

/// How a client proved itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By its secret.
    Secret,
    /// Not at all: it only named itself. What it presents must prove the rest.
    Identified,
}

/// A client that is what it says, as far as its kind can prove it.
#[derive(Clone, Debug)]
pub struct AuthenticatedClient {
    /// The client.
    pub client: Arc<Client>,
    /// How it proved itself.
    pub proof: Proof,
}

/// What may stand in for the secret of a client of kind `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StandIn {
    /// Nothing.
    None,
    /// A `code_verifier`, or a refresh token whose grant was made with one: judged with the grant.
    Possession,
}

/// Why a client did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientRefused {
    /// What was presented cannot be looked at.
    #[error(transparent)]
    Credentials(#[from] CredentialsRefused),
    /// Unknown client, missing or wrong secret: alike in status, body and time.
    #[error("client authentication failed")]
    Failed,
    /// Too many failures.
    #[error("too many failed client authentications")]
    Throttled(Throttled),
}

/// Authenticates a client by what its kind demands (zendesk wire: §6.3).
pub(crate) async fn authenticate(
    ctx: &Context,
    account: &Account,
    caller: &Caller,
    body: BodyCredentials,
    stand_in: StandIn,
) -> Decision<AuthenticatedClient, ClientRefused> {
    // Nobody is known there, and nobody's failures are counted.
    if !account.is_active() {
        return Err(Failure::Refused(ClientRefused::Failed));
    }
    let headers = caller.authorization.iter().map(Vec::as_slice);
    let presented = PresentedCredentials::read(headers, body)
        .map_err(|refused| Failure::Refused(refused.into()))?;
    let Some(identifier) = presented.client_id() else {
        return Err(Failure::Refused(ClientRefused::Failed));
    };
    let throttled = |failure: Failure<Throttled>| failure.map_refused(ClientRefused::Throttled);
    let source = GuessSource::Address(caller.source);
    let guessed = Guessed::new(ctx, account.id, Credential::ClientSecret, identifier, source);
    let failures = guessed.check_remembered(ctx).await.map_err(throttled)?;
    let client = ctx.store.cache().client(account.id, identifier).await?;
    let client = client.filter(|client| client.identifier.as_str() == identifier);
    let hashes = hashes(ctx, &presented);
    let is_known = client.is_some();
    let proven = client.and_then(|client| prove(ctx, client, &hashes, stand_in));
    let Some(authenticated) = proven else {
        if is_known {
            look_up_nobody(ctx, account).await?;
        }
        metrics::counter!("consentry_client_authentication_failures_total").increment(1);
        guessed.failed(ctx).await.map_err(throttled)?;
        return Err(Failure::Refused(ClientRefused::Failed));
    };
    // Whoever only named himself has proved nothing, so his failures stay counted.
    if authenticated.proof == Proof::Secret {
        guessed.succeeded(ctx, failures).await?;
    }
    Ok(authenticated)
}

/// The look-up that an unknown client takes, for one that memory knows: absence is not remembered, so
/// without it a wrong secret would be told faster.
async fn look_up_nobody(ctx: &Context, account: &Account) -> Result<(), Fault> {
    // No identifier is empty.
    ctx.store.cache().client(account.id, "").await.map(|_| ())
}

/// The hashes of the presented secret's one or two readings; made before the client is known to
/// exist, so that an unknown client takes as long as a wrong secret.
fn hashes(ctx: &Context, presented: &PresentedCredentials) -> Vec<SecretHash> {
    presented
        .secrets()
        .map(|secret| ctx.keyring.hash(HandleKind::ClientSecret, secret.expose()))
        .collect()
}

fn prove(
    ctx: &Context,
    client: Arc<Client>,
    presented: &[SecretHash],
    stand_in: StandIn,
) -> Option<AuthenticatedClient> {
    if client.state == ClientState::Suspended {
        return None;
    }
    let proof = match client.kind {
        // A public client's secret gives no rights, so it is not looked at.
        ClientKind::Public => Proof::Identified,
        ClientKind::Unknown if presented.is_empty() => match stand_in {
            StandIn::Possession => Proof::Identified,
            StandIn::None => return None,
        },
        ClientKind::Confidential | ClientKind::Unknown => {
            let now = ctx.now();
            let secret = fitting_secret(&client, presented, now)?;
            ctx.last_uses.note(Used::ClientSecret(secret.id), now);
            Proof::Secret
        }
    };
    Some(AuthenticatedClient { client, proof })
}

fn fitting_secret<'a>(
    client: &'a Client,
    presented: &[SecretHash],
    now: Timestamp,
) -> Option<&'a ClientSecret> {
    if client.authentication_method == ClientAuthenticationMethod::PrivateKeyJwt {
        return None;
    }
    client
        .secrets
        .iter()
        .filter(|secret| secret.is_live(now))
        .find(|secret| presented.contains(&secret.hash))
}
