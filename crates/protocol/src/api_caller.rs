//! Who calls the administration API: an access token, or a person's API token by Basic.

use std::net::IpAddr;
use std::sync::Arc;

use domain::{
    Account, Actor, ApiTokenPolicy, ClientId, HandleKind, Lifetime, ScopeName, ScopeSet, Timestamp,
    User, UserId,
};
use store::{Decision, Failure, Fault};
use wire::zendesk::ApiCredentials;

use crate::bearer::{self, TokenKey};
use crate::context::Context;
use crate::guesses::{Credential, GuessSource, Guessed, Throttled};
use crate::last_uses::Used;

/// The scopes that together cover every right of a role.
pub const FULL_RIGHTS: &[&str] = &["read", "write"];

/// An authenticated caller.
#[derive(Clone, Debug)]
pub struct ApiCaller {
    /// Whom the call acts as.
    pub user: Arc<User>,
    /// Who really calls, if it is an admin who acts for the user.
    pub called_by: Option<UserId>,
    /// The scopes of a Bearer call; none: an API token, which has all rights of the user's role.
    pub scopes: Option<ScopeSet>,
    /// Whether a client calls for itself, as the user whom it belongs to (client credentials).
    pub acts_as_client: bool,
    /// The access token of a Bearer call that acts as its own user.
    pub token: Option<PresentedToken>,
    /// When the user signed in for whom an app got the access token; none: no sign-in stands behind the
    /// credentials.
    pub auth_time: Option<Timestamp>,
}

/// The access token that a call was made with.
#[derive(Clone, Copy, Debug)]
pub struct PresentedToken {
    /// What it is known by.
    pub key: TokenKey,
    /// The client it was issued to.
    pub client_id: ClientId,
    /// When it ends; none: it does not.
    pub expires_at: Option<Timestamp>,
}

impl ApiCaller {
    /// Who is made responsible for what the call changes.
    pub fn actor(&self) -> Actor {
        let user = self.user.id;
        self.called_by.map_or(Actor::User(user), |caller| Actor::OnBehalf { caller, user })
    }

    /// Whether an operator of the platform calls, himself: whoever may change an operator's client must
    /// not become one by its credentials, nor by acting for him.
    pub fn is_operator(&self) -> bool {
        self.user.operator_at.is_some() && !self.acts_as_client && self.called_by.is_none()
    }

    /// Whether the call has all rights of the user's role: an API token, or broad scopes.
    pub fn has_full_rights(&self) -> bool {
        FULL_RIGHTS.iter().all(|scope| self.may(&[scope]))
    }

    /// Whether the sign-in behind the credentials, if there is one, is no older than this (RFC 9470).
    pub fn signed_in_within(&self, max_age: Lifetime, now: Timestamp) -> bool {
        self.auth_time.is_none_or(|auth_time| now.since(auth_time) <= max_age)
    }

    /// Whether one of these scopes allows the call.
    pub fn may(&self, any_of: &[&str]) -> bool {
        let Some(scopes) = &self.scopes else { return true };
        any_of.iter().any(|name| ScopeName::parse(name).is_ok_and(|name| scopes.covers(&name)))
    }
}

/// What the credentials of a call come to.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// Somebody known.
    Caller(ApiCaller),
    /// No credentials; or a password, which is never looked at, so that it tests nothing.
    Anonymous,
    /// A wrong API token, or credentials that cannot be read.
    Failed,
    /// A Bearer token that is unknown, expired, revoked, or of another account.
    InvalidToken,
    /// Too many wrong API tokens for this address; try again after this.
    Throttled(Throttled),
}

/// Authenticates a call by its credentials, presented from this address.
pub async fn authenticate(
    ctx: &Context,
    account: &Account,
    credentials: ApiCredentials,
    source: IpAddr,
) -> Result<Authentication, Fault> {
    if !account.is_active() {
        return Ok(at_suspended_account(&credentials));
    }
    match credentials {
        ApiCredentials::Absent | ApiCredentials::Password => Ok(Authentication::Anonymous),
        ApiCredentials::Malformed => Ok(Authentication::Failed),
        // Zendesk wire §1.4: an account can switch it off. There is nothing to guess then.
        ApiCredentials::ApiToken { .. } if account.api_tokens == ApiTokenPolicy::Refused => {
            Ok(Authentication::Failed)
        }
        ApiCredentials::Bearer(token) => bearer_token(ctx, account, token.expose()).await,
        ApiCredentials::ApiToken { email, token } => {
            let folded = email.to_lowercase();
            let source = GuessSource::Address(source);
            let guessed = Guessed::new(ctx, account.id, Credential::ApiToken, &folded, source);
            let caller = api_token(ctx, account, &folded, token.expose()).await?;
            match counted(ctx, &guessed, caller).await {
                Ok(Some(caller)) => Ok(Authentication::Caller(caller)),
                Ok(None) => Ok(Authentication::Failed),
                Err(Failure::Refused(throttled)) => Ok(Authentication::Throttled(throttled)),
                Err(Failure::Fault(fault)) => Err(fault),
            }
        }
    }
}

/// Nobody is known there, and nobody's failures are counted.
fn at_suspended_account(credentials: &ApiCredentials) -> Authentication {
    match credentials {
        ApiCredentials::Bearer(_) => Authentication::InvalidToken,
        _ => Authentication::Failed,
    }
}

async fn bearer_token(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Result<Authentication, Fault> {
    let Some(active) = bearer::verify(ctx, account, presented).await? else {
        return Ok(Authentication::InvalidToken);
    };
    // A token for other APIs is none for ours (RFC 8707 §2, ASVS 10.3.1).
    let issuer = account.issuer().as_str();
    if !active.resources.is_empty() && !active.resources.iter().any(|it| it == issuer) {
        return Ok(Authentication::InvalidToken);
    }
    let token = Some(PresentedToken {
        key: active.key,
        client_id: active.client.id,
        expires_at: active.expires_at,
    });
    Ok(Authentication::Caller(ApiCaller {
        user: active.user,
        called_by: None,
        scopes: Some(active.scopes),
        acts_as_client: active.acts_as_client,
        token,
        auth_time: active.auth_time,
    }))
}

/// Whom a good API token of this person acts as.
async fn api_token(
    ctx: &Context,
    account: &Account,
    folded_email: &str,
    presented: &str,
) -> Result<Option<ApiCaller>, Fault> {
    let hash = ctx.keyring.hash(HandleKind::ApiToken, presented);
    let stored = store::api_tokens::by_hash(&ctx.store, account.id, &hash).await?;
    let Some(token) = stored.filter(|token| token.revoked_at.is_none()) else {
        return Ok(None);
    };
    let user = ctx.store.cache().user(account.id, token.user_id).await?;
    Ok(user.filter(|user| user.is_active() && user.email.folded() == folded_email).map(|user| {
        ctx.last_uses.note(Used::ApiToken(token.id), ctx.now());
        ApiCaller {
            user,
            called_by: None,
            scopes: None,
            acts_as_client: false,
            token: None,
            auth_time: None,
        }
    }))
}

/// Counts a failure; a success ends the count. The count is read after the token, so that a right
/// guess among many at the same moment comes too late when they have used up the limit.
async fn counted(
    ctx: &Context,
    guessed: &Guessed,
    caller: Option<ApiCaller>,
) -> Decision<Option<ApiCaller>, Throttled> {
    let failures = guessed.check(ctx).await?;
    if caller.is_none() {
        metrics::counter!("consentry_client_authentication_failures_total").increment(1);
        guessed.failed(ctx).await?;
    } else {
        guessed.succeeded(ctx, failures).await?;
    }
    Ok(caller)
}
