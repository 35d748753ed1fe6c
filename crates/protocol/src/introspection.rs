//! Token introspection (RFC 7662): whether a token is good, told to those who may know.

use domain::{Account, Client, ClientState, Handle, HandleKind, ScopeSet, Timestamp};
use store::{Decision, Failure, Fault};
use wire::{
    ActiveToken as ActiveReply, Audience, IntrospectionRequest, IntrospectionResponse, TokenType,
};

use crate::authentication_context::PASSWORD;
use crate::bearer::{self, ActiveToken};
use crate::client_authentication::{self, Caller, ClientRefused, Proof, StandIn};
use crate::context::Context;
use crate::subject;

/// Why a caller learns nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenQueryRefused {
    /// The caller did not authenticate with a secret.
    #[error(transparent)]
    Client(#[from] ClientRefused),
    /// No `token`.
    #[error("token is missing")]
    TokenMissing,
    /// Another client's live token was to be revoked.
    #[error("the token was not issued to this client")]
    NotYours,
}

impl TokenQueryRefused {
    /// The error on the wire.
    pub fn error(self) -> wire::OauthError {
        let code = match self {
            Self::Client(refused) => crate::token::client_code(refused),
            Self::TokenMissing => wire::ErrorCode::InvalidRequest,
            Self::NotYours => wire::ErrorCode::InvalidGrant,
        };
        wire::OauthError::new(code, self.to_string())
    }
}

/// Answers an introspection request. Whoever may not know learns the same as about a bad token.
pub async fn introspect(
    ctx: &Context,
    account: &Account,
    caller: &Caller,
    request: IntrospectionRequest,
) -> Decision<IntrospectionResponse, TokenQueryRefused> {
    let authenticated = client_authentication::authenticate(
        ctx,
        account,
        caller,
        request.credentials,
        StandIn::None,
    )
    .await
    .map_err(|failure| failure.map_refused(TokenQueryRefused::Client))?;
    if authenticated.proof != Proof::Credentials {
        return Err(Failure::Refused(TokenQueryRefused::Client(ClientRefused::Failed)));
    }
    let token = request.token.ok_or(Failure::Refused(TokenQueryRefused::TokenMissing))?;
    let presented = token.expose();
    let reply = if Handle::kind(presented) == Some(HandleKind::RefreshToken) {
        refresh_token(ctx, account, &authenticated.client, presented).await?
    } else {
        access_token(ctx, account, &authenticated.client, presented).await?
    };
    Ok(reply.map_or(IntrospectionResponse::Inactive, |reply| {
        IntrospectionResponse::Active(Box::new(reply))
    }))
}

async fn access_token(
    ctx: &Context,
    account: &Account,
    caller: &Client,
    presented: &str,
) -> Result<Option<ActiveReply>, Fault> {
    let Some(active) = bearer::verify(ctx, account, presented).await? else { return Ok(None) };
    if !may_know(ctx, account, caller, &active).await? {
        return Ok(None);
    }
    let subject = if active.acts_as_client {
        active.client.identifier.as_str().to_owned()
    } else {
        subject::of(ctx, &active.client, active.user.id)
    };
    Ok(Some(ActiveReply {
        scope: active.scopes.to_string(),
        client_id: active.client.identifier.as_str().to_owned(),
        username: username(&active),
        token_type: Some(TokenType::Bearer),
        exp: active.expires_at.map(Timestamp::as_seconds),
        iat: active.created_at.as_seconds(),
        sub: subject,
        aud: audience(account, active.resources),
        iss: account.issuer().as_str().to_owned(),
        jti: active.jti,
        auth_time: active.auth_time.map(Timestamp::as_seconds),
        acr: active.auth_time.map(|_| PASSWORD.acr.to_owned()),
    }))
}

/// The address the user signs in with, where one acts by the token.
fn username(active: &ActiveToken) -> Option<String> {
    let is_told = !active.acts_as_client && tells_address(&active.scopes);
    is_told.then(|| active.user.email.as_str().to_owned())
}

/// Who allowed an app to know that he is there has not yet told it his address (OpenID Connect Core 1.0
/// §5.4).
fn tells_address(scopes: &ScopeSet) -> bool {
    !scopes.names("openid") || scopes.names("email")
}

/// The token's own client, a resource server of its account, and clients bound to one of its
/// resources.
async fn may_know(
    ctx: &Context,
    account: &Account,
    caller: &Client,
    active: &ActiveToken,
) -> Result<bool, Fault> {
    if active.client.id == caller.id || serves_resources_of(caller, account) {
        return Ok(true);
    }
    let known = ctx.store.cache().resources(account.id).await?;
    Ok(known.iter().filter(|resource| active.resources.contains(&resource.identifier)).any(
        |resource| {
            resource.introspection_clients.iter().any(|name| name == caller.identifier.as_str())
        },
    ))
}

/// Whether it is flagged to know every access token of this account: a global client is so at home
/// only, and one in review not yet.
fn serves_resources_of(caller: &Client, account: &Account) -> bool {
    caller.resource_server_at.is_some()
        && caller.account_id == account.id
        && caller.state == ClientState::Active
}

/// A refresh token is told to its own client only.
async fn refresh_token(
    ctx: &Context,
    account: &Account,
    caller: &Client,
    presented: &str,
) -> Result<Option<ActiveReply>, Fault> {
    let now = ctx.now();
    let kind = HandleKind::RefreshToken;
    let Some(bucket) = Handle::bucket(presented, kind, now) else { return Ok(None) };
    let hash = ctx.keyring.hash(kind, presented);
    let stored = store::tokens::by_refresh_together(&ctx.store, account.id, bucket, &hash).await?;
    let Some(stored) = stored.filter(|stored| {
        stored.token.client_id == caller.id
            && stored.token.rotated_at.is_none()
            && stored.token.revoked_at.is_none()
            && stored.family.revoked_at.is_none()
            && stored.family.expires_at > now
            && stored.grant_revoked_at.is_none()
            && stored.token.refresh_expires_at.is_some_and(|expires_at| expires_at > now)
    }) else {
        return Ok(None);
    };
    let held_by = (stored.family.client_id, stored.family.user_id);
    let holders = bearer::holders(ctx, account, held_by, stored.token.created_at).await?;
    Ok(holders.map(|(client, user)| ActiveReply {
        scope: stored.family.scopes.to_string(),
        client_id: client.identifier.as_str().to_owned(),
        username: tells_address(&stored.family.scopes).then(|| user.email.as_str().to_owned()),
        token_type: None,
        exp: stored.token.refresh_expires_at.map(Timestamp::as_seconds),
        iat: stored.token.created_at.as_seconds(),
        sub: subject::of(ctx, &client, user.id),
        aud: audience(account, stored.family.resources),
        iss: account.issuer().as_str().to_owned(),
        jti: None,
        auth_time: Some(stored.family.auth_time.as_seconds()),
        acr: Some(PASSWORD.acr.to_owned()),
    }))
}

fn audience(account: &Account, resources: Vec<String>) -> Audience {
    if resources.is_empty() {
        return Audience::from(vec![account.issuer().as_str().to_owned()]);
    }
    Audience::from(resources)
}
