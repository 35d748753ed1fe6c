//! Client authentication (RFC 6749 §2.3, §3.2.1): who calls, and how it proved it.

use std::net::IpAddr;
use std::sync::Arc;

use domain::{
    Account, Client, ClientAuthenticationMethod, ClientKind, ClientSecret, ClientState, HandleKind,
    Secret, SecretHash, Timestamp,
};
use store::{Decision, Failure, Fault};
use wire::{BodyCredentials, CredentialsRefused, PresentedCredentials};

use crate::client_assertion;
use crate::client_jwt::{JwtRefused, UnverifiedJwt};
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
    /// By its secret, or by its signature.
    Credentials,
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
    let evidence = Evidence::of(ctx, &presented);
    let Some(identifier) = presented.client_id().or(evidence.subject()) else {
        return Err(Failure::Refused(ClientRefused::Failed));
    };
    let throttled = |failure: Failure<Throttled>| failure.map_refused(ClientRefused::Throttled);
    let source = GuessSource::Address(caller.source);
    let guessed = Guessed::new(ctx, account.id, Credential::ClientSecret, identifier, source);
    let failures = guessed.check_remembered(ctx).await.map_err(throttled)?;
    let client = ctx.store.cache().client(account.id, identifier).await?;
    let client = client.filter(|client| client.identifier.as_str() == identifier);
    let is_known = client.is_some();
    let proven = match client {
        Some(client) => prove(ctx, account, client, (evidence, stand_in)).await?,
        None => None,
    };
    let Some(authenticated) = proven else {
        if is_known {
            look_up_nobody(ctx, account).await?;
        }
        metrics::counter!("consentry_client_authentication_failures_total").increment(1);
        guessed.failed(ctx).await.map_err(throttled)?;
        return Err(Failure::Refused(ClientRefused::Failed));
    };
    // Whoever only named himself has proved nothing, so his failures stay counted.
    if authenticated.proof == Proof::Credentials {
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

/// What is presented as proof.
enum Evidence<'a> {
    /// The hashes of a secret's one or two readings, none if there is none; made before the client is known
    /// to exist, so that an unknown client takes as long as a wrong secret.
    Secrets(Vec<SecretHash>),
    /// What the client is said to have signed, as far as it can be read.
    Assertion(Result<UnverifiedJwt<'a>, JwtRefused>),
}

impl<'a> Evidence<'a> {
    fn of(ctx: &Context, presented: &'a PresentedCredentials) -> Self {
        if let PresentedCredentials::Assertion { assertion, .. } = presented {
            return Self::Assertion(client_assertion::read(assertion.expose()));
        }
        let hash = |secret: &Secret| ctx.keyring.hash(HandleKind::ClientSecret, secret.expose());
        Self::Secrets(presented.secrets().map(hash).collect())
    }

    /// The client that an assertion says it is of (RFC 7523 §3); nobody else has to be named beside it.
    fn subject(&self) -> Option<&str> {
        match self {
            Self::Assertion(Ok(assertion)) => assertion.unverified("sub"),
            Self::Assertion(Err(_)) | Self::Secrets(_) => None,
        }
    }
}

/// Proves a client by the one method that it registered: who signs has no secret that would do, and who has
/// a secret cannot sign instead.
async fn prove(
    ctx: &Context,
    account: &Account,
    client: Arc<Client>,
    (evidence, stand_in): (Evidence<'_>, StandIn),
) -> Result<Option<AuthenticatedClient>, Fault> {
    if client.state == ClientState::Suspended {
        return Ok(None);
    }
    let signs = client.authentication_method == ClientAuthenticationMethod::PrivateKeyJwt;
    let proof = match evidence {
        Evidence::Secrets(secrets) if !signs => by_secret(ctx, &client, &secrets, stand_in),
        Evidence::Assertion(assertion) if signs => {
            by_assertion(ctx, account, &client, assertion).await?
        }
        Evidence::Secrets(_) | Evidence::Assertion(_) => None,
    };
    Ok(proof.map(|proof| AuthenticatedClient { client, proof }))
}

async fn by_assertion(
    ctx: &Context,
    account: &Account,
    client: &Client,
    assertion: Result<UnverifiedJwt<'_>, JwtRefused>,
) -> Result<Option<Proof>, Fault> {
    let proven = match assertion {
        Ok(assertion) => client_assertion::prove(ctx, account, client, assertion).await,
        Err(refused) => Err(Failure::Refused(refused)),
    };
    match proven {
        Ok(()) => Ok(Some(Proof::Credentials)),
        Err(Failure::Fault(fault)) => Err(fault),
        // The caller is told no more than of a wrong secret; whoever runs the server can find out why.
        Err(Failure::Refused(refused)) => {
            tracing::debug!(client = client.identifier.as_str(), %refused, "an assertion was refused");
            Ok(None)
        }
    }
}

fn by_secret(
    ctx: &Context,
    client: &Client,
    presented: &[SecretHash],
    stand_in: StandIn,
) -> Option<Proof> {
    match client.kind {
        // A public client's secret gives no rights, so it is not looked at.
        ClientKind::Public => Some(Proof::Identified),
        ClientKind::Unknown if presented.is_empty() => match stand_in {
            StandIn::Possession => Some(Proof::Identified),
            StandIn::None => None,
        },
        ClientKind::Confidential | ClientKind::Unknown => {
            let now = ctx.now();
            let secret = fitting_secret(client, presented, now)?;
            ctx.last_uses.note(Used::ClientSecret(secret.id), now);
            Some(Proof::Credentials)
        }
    }
}

fn fitting_secret<'a>(
    client: &'a Client,
    presented: &[SecretHash],
    now: Timestamp,
) -> Option<&'a ClientSecret> {
    client
        .secrets
        .iter()
        .filter(|secret| secret.is_live(now))
        .find(|secret| presented.contains(&secret.hash))
}
