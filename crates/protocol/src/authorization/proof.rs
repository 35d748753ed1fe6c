//! Proof of the client and its redirect URI: before it, every refusal is a page, never a redirect.

use std::sync::Arc;

use domain::{Account, Client, ClientState, RedirectUri, UserId};
use store::{Decision, Failure, Fault};
use wire::{AuthorizationParameters, ParametersRefused};

use super::request_object::{self, ObjectRefused};
use crate::context::Context;

/// Why a request is answered by a page of ours (RFC 6749 §4.1.2.1, first paragraph).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageRefused {
    /// A recognised parameter is there twice, or the encoding is broken.
    #[error("A parameter of the request is repeated or malformed.")]
    Malformed,
    /// No `client_id`.
    #[error("The request names no app (client_id).")]
    ClientMissing,
    /// No such client at this account.
    #[error("The app that sent you here is not known (client_id).")]
    ClientUnknown,
    /// The client works for nobody, or only for its owner.
    #[error("The app that sent you here is not available.")]
    ClientUnavailable,
    /// No `redirect_uri`.
    #[error("The request does not say where to return to (redirect_uri).")]
    RedirectUriMissing,
    /// It is not registered.
    #[error("The address to return to is not registered for this app (redirect_uri).")]
    RedirectUriUnregistered,
    /// `state` is too long.
    #[error("The app's own note is too long (state).")]
    StateTooLong,
    /// The stored request has ended, was decided, or belongs to another user.
    #[error("This request has ended. Start again from the app.")]
    Ended,
}

/// A request whose client and redirect URI are proven.
pub(super) struct ProvenRequest {
    pub(super) client: Arc<Client>,
    /// The presented redirect URI, byte for byte.
    pub(super) redirect_uri: String,
    /// What is asked for: as its request object says, if it has a good one.
    pub(super) parameters: AuthorizationParameters,
    /// What became of its request object.
    pub(super) object: Result<Signed, ObjectRefused>,
}

/// Whether the client signed what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signed {
    /// It did not.
    No,
    /// It did, and its words stand in the parameters now.
    Yes,
}

impl ProvenRequest {
    /// The host that the browser goes to; the scheme where there is no host.
    pub(super) fn redirect_host(&self) -> String {
        let parsed = RedirectUri::from_stored(&self.redirect_uri);
        let host = parsed.as_ref().and_then(|uri| uri.host().map(str::to_owned));
        host.or_else(|| parsed.map(|uri| uri.scheme().to_owned())).unwrap_or_default()
    }

    /// The request as it is stored for later. What was signed for this moment may have ended by then, so
    /// what it said is kept in its place.
    pub(super) fn as_stored(&self, arrived: String) -> String {
        match self.object {
            Ok(Signed::Yes) => self.parameters.to_form(),
            Ok(Signed::No) | Err(_) => arrived,
        }
    }
}

/// Proves the client, then the redirect URI: the one that the client signed, where it signed one.
pub(super) async fn prove(
    ctx: &Context,
    account: &Account,
    parameters: &str,
) -> Decision<ProvenRequest, PageRefused> {
    let refuse = |refused| Failure::Refused(refused);
    let parameters = AuthorizationParameters::parse(parameters.as_bytes())
        .map_err(|refused| malformed(&refused))?;
    let client_id = parameters.client_id.as_deref().ok_or(refuse(PageRefused::ClientMissing))?;
    let client = ctx
        .store
        .cache()
        .client(account.id, client_id)
        .await?
        .filter(|client| client.identifier.as_str() == client_id)
        .ok_or(refuse(PageRefused::ClientUnknown))?;
    if client.state == ClientState::Suspended {
        return Err(refuse(PageRefused::ClientUnavailable));
    }
    let (parameters, object) =
        match request_object::unpack(ctx, account, &client, &parameters).await {
            Ok(Some(signed)) => (signed, Ok(Signed::Yes)),
            Ok(None) => (parameters, Ok(Signed::No)),
            Err(refused) => (parameters, Err(refused)),
        };
    let redirect_uri =
        parameters.redirect_uri.clone().ok_or(refuse(PageRefused::RedirectUriMissing))?;
    if !client.accepts_redirect_uri(&redirect_uri) {
        return Err(refuse(PageRefused::RedirectUriUnregistered));
    }
    Ok(ProvenRequest { client, redirect_uri, parameters, object })
}

/// A redirect URI that is not registered, beside those that are.
pub struct Mismatch {
    /// The one presented.
    pub presented: String,
    /// Every one that would pass.
    pub registered: Vec<String>,
}

/// What the redirect URI of a refused request differs from. Only the owner of the client is told.
pub async fn mismatch(
    ctx: &Context,
    account: &Account,
    parameters: &str,
    user_id: UserId,
) -> Result<Option<Mismatch>, Fault> {
    let Ok(parameters) = AuthorizationParameters::parse(parameters.as_bytes()) else {
        return Ok(None);
    };
    let (Some(client_id), Some(presented)) = (parameters.client_id, parameters.redirect_uri) else {
        return Ok(None);
    };
    let client = ctx.store.cache().client(account.id, &client_id).await?;
    Ok(client.filter(|client| client.user_id == user_id).map(|client| Mismatch {
        presented,
        registered: client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
    }))
}

fn malformed(refused: &ParametersRefused) -> Failure<PageRefused> {
    Failure::Refused(match refused {
        ParametersRefused::TooLong("state") => PageRefused::StateTooLong,
        _ => PageRefused::Malformed,
    })
}

/// A draft or pending client works for its owner only, and sends nobody else anywhere; not either
/// somebody who is not signed in.
pub(super) fn works_for(
    client: &Client,
    user_id: Option<UserId>,
) -> Result<(), Failure<PageRefused>> {
    let works = match user_id {
        Some(user_id) => client.state.works_for(user_id, client.user_id),
        None => client.state == ClientState::Active,
    };
    if works { Ok(()) } else { Err(Failure::Refused(PageRefused::ClientUnavailable)) }
}
