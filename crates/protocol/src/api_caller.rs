//! Who calls the administration API: an access token, or a person's API token by Basic.

use std::sync::Arc;

use domain::{Account, HandleKind, ScopeName, ScopeSet, User};
use store::Fault;
use wire::zendesk::ApiCredentials;

use crate::bearer;
use crate::context::Context;

/// An authenticated caller.
#[derive(Clone, Debug)]
pub struct ApiCaller {
    /// Whom the call acts as.
    pub user: Arc<User>,
    /// The scopes of a Bearer call; none: an API token, which has all rights of the user's role.
    pub scopes: Option<ScopeSet>,
}

impl ApiCaller {
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
}

/// Authenticates a call by its credentials.
pub async fn authenticate(
    ctx: &Context,
    account: &Account,
    credentials: ApiCredentials,
) -> Result<Authentication, Fault> {
    match credentials {
        ApiCredentials::Absent | ApiCredentials::Password => Ok(Authentication::Anonymous),
        ApiCredentials::Malformed => Ok(Authentication::Failed),
        ApiCredentials::Bearer(token) => bearer_token(ctx, account, token.expose()).await,
        ApiCredentials::ApiToken { email, token } => {
            api_token(ctx, account, &email, token.expose()).await
        }
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
    Ok(Authentication::Caller(ApiCaller { user: active.user, scopes: Some(active.scopes) }))
}

async fn api_token(
    ctx: &Context,
    account: &Account,
    email: &str,
    presented: &str,
) -> Result<Authentication, Fault> {
    let hash = ctx.keyring.hash(HandleKind::ApiToken, presented);
    let stored = store::api_tokens::by_hash(&ctx.store, account.id, &hash).await?;
    let Some(token) = stored.filter(|token| token.revoked_at.is_none()) else {
        return Ok(Authentication::Failed);
    };
    let user = ctx.store.cache().user(account.id, token.user_id).await?;
    let folded = email.to_lowercase();
    Ok(user
        .filter(|user| user.is_active() && user.email.folded() == folded && account.is_active())
        .map_or(Authentication::Failed, |user| {
            Authentication::Caller(ApiCaller { user, scopes: None })
        }))
}
