//! Who calls the administration API: an access token, or a person's API token by Basic.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::{Account, HandleKind, ScopeName, ScopeSet, User};
use store::Fault;

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
    /// No credentials.
    Anonymous,
    /// Basic with a password, right or wrong: never looked at, so it tests nothing.
    Password,
    /// A wrong API token, or credentials that cannot be read.
    Failed,
    /// A Bearer token that is unknown, expired, revoked, or of another account.
    InvalidToken,
}

/// Authenticates a call by its `Authorization` headers.
pub async fn authenticate(
    ctx: &Context,
    account: &Account,
    authorization: &[&[u8]],
) -> Result<Authentication, Fault> {
    let header = match authorization {
        [] => return Ok(Authentication::Anonymous),
        [header] => header,
        _ => return Ok(Authentication::Failed),
    };
    let Ok(header) = std::str::from_utf8(header) else { return Ok(Authentication::Failed) };
    match header.trim().split_once(' ') {
        Some((scheme, value)) if scheme.eq_ignore_ascii_case("bearer") => {
            bearer_token(ctx, account, value.trim()).await
        }
        Some((scheme, value)) if scheme.eq_ignore_ascii_case("basic") => {
            api_token(ctx, account, value.trim()).await
        }
        _ => Ok(Authentication::Failed),
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

/// `email/token:api_token`; anything else before the colon is a password.
async fn api_token(
    ctx: &Context,
    account: &Account,
    encoded: &str,
) -> Result<Authentication, Fault> {
    let decoded = BASE64.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((name, secret)) = decoded.as_deref().and_then(|pair| pair.split_once(':')) else {
        return Ok(Authentication::Failed);
    };
    let Some(email) = name.strip_suffix("/token") else { return Ok(Authentication::Password) };
    let hash = ctx.keyring.hash(HandleKind::ApiToken, secret);
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
