//! Userinfo (OpenID Connect Core 1.0 §5.3): what an app may know of the user who signed in to it.

use domain::{Account, ScopeSet, StandardClaims, User};
use serde_json::{Map, Value};
use store::{Decision, Failure};
use wire::{ErrorCode, OauthError};

use crate::bearer::{self, ActiveToken};
use crate::context::Context;
use crate::{id_token, requested_claims, signing, subject};

/// What ID tokens tell beside the claims about the user.
const OF_SIGN_INS: [&str; 11] =
    ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "acr", "amr", "sid"];

/// Every claim that ID tokens and userinfo can tell, to be announced.
pub fn claims_supported() -> Vec<&'static str> {
    OF_SIGN_INS.into_iter().chain(StandardClaims::names()).collect()
}

/// What is known of the user, in the form that the client wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Userinfo {
    /// A JSON object.
    Plain(Map<String, Value>),
    /// The same as a signed JWT (§5.3.2).
    Signed(String),
}

/// Why nothing is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserinfoRefused {
    /// The access token may not be used now, here.
    #[error("the access token is unknown, has ended or was revoked")]
    TokenInvalid,
    /// Nobody signed in for it, or `openid` is not granted.
    #[error("the access token was not granted openid by a user")]
    OpenidMissing,
}

impl UserinfoRefused {
    /// The error on the wire (RFC 6750 §3.1).
    pub fn error(self) -> OauthError {
        let code = match self {
            Self::TokenInvalid => ErrorCode::InvalidToken,
            Self::OpenidMissing => ErrorCode::InsufficientScope,
        };
        OauthError::new(code, self.to_string())
    }
}

/// Tells what the scopes of the access token hold, and what was asked for one by one (§5.4, §5.5).
pub async fn show(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Decision<Userinfo, UserinfoRefused> {
    let active = bearer::verify(ctx, account, presented).await?;
    let active = active.ok_or(Failure::Refused(UserinfoRefused::TokenInvalid))?;
    if active.acts_as_client || !active.scopes.names("openid") {
        return Err(Failure::Refused(UserinfoRefused::OpenidMissing));
    }
    let mut claims = claims(ctx, &active);
    let ActiveToken { client, .. } = &active;
    let Some(algorithm) = client.metadata.userinfo_signed_response_alg else {
        return Ok(Userinfo::Plain(claims));
    };
    claims.insert("iss".to_owned(), account.issuer().as_str().into());
    claims.insert("aud".to_owned(), client.identifier.as_str().into());
    // Without `exp` it is no ID token, though libraries insist on the same type for both.
    let signed = signing::sign(ctx, account.id, algorithm, id_token::TYP, &claims).await?;
    Ok(Userinfo::Signed(signed))
}

fn claims(ctx: &Context, active: &ActiveToken) -> Map<String, Value> {
    let ActiveToken { client, user, scopes, claims, .. } = active;
    let mut told = of_scopes(user, scopes);
    told.extend(requested_claims::in_userinfo(client, user, claims.as_deref()));
    told.insert("sub".to_owned(), subject::of(ctx, client, user.id).into());
    told
}

fn of_scopes(user: &User, scopes: &ScopeSet) -> Map<String, Value> {
    let holds = |name: &str| StandardClaims::scope_of(name).is_some_and(|it| scopes.contains(&it));
    StandardClaims::of(user).into_iter().filter(|(name, _)| holds(name)).collect()
}
