//! `id_token_hint` (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2): an ID token that we issued and
//! that comes back to say whom a request is about.
//!
//! It proves nothing about who is there now, so it may be of any age; but it must be ours.

use std::sync::Arc;

use domain::{Account, Client, User};
use serde::Deserialize;
use serde::de::IgnoredAny;
use store::Fault;

use crate::context::Context;
use crate::own_jwt::{self, PresentedAudience, SignedBy};
use crate::subject;

/// What an ID token of ours says that came back.
#[derive(Clone, Debug)]
pub struct IdTokenHint {
    /// The client it was issued to.
    pub client: Arc<Client>,
    /// The user, as that client knows him.
    pub subject: String,
    /// The session it was issued in, as that client knows it (`sid`).
    pub session_identifier: Option<String>,
}

impl IdTokenHint {
    /// Whether the ID token was issued about this user.
    pub fn is_about(&self, ctx: &Context, user: &User) -> bool {
        self.subject == subject::of(ctx, &self.client, user.id)
    }
}

/// What an ID token has (OpenID Connect Core §2), and what none has.
#[derive(Deserialize)]
struct UnverifiedClaims {
    iss: String,
    sub: String,
    aud: PresentedAudience,
    iat: i64,
    /// It may have passed, but an ID token has one; signed userinfo has none.
    #[serde(rename = "exp")]
    _exp: i64,
    sid: Option<String>,
    /// Logout tokens have it (Back-Channel Logout §2.4).
    events: Option<IgnoredAny>,
    /// Access tokens have it (RFC 9068 §2.2).
    client_id: Option<IgnoredAny>,
}

/// Reads a hint; none: it is no ID token that this account issued to one of its clients.
pub async fn read(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Result<Option<IdTokenHint>, Fault> {
    // RFC 8725 §3.11: other kinds of JWT say what they are.
    let is_id_token = |typ: Option<&str>| typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    let opened = own_jwt::open(ctx, account, presented, SignedBy::AnyKey, is_id_token).await?;
    let Some(claims): Option<UnverifiedClaims> = opened else { return Ok(None) };
    let is_another_kind = claims.events.is_some() || claims.client_id.is_some();
    if is_another_kind || claims.iss != account.issuer().as_str() {
        return Ok(None);
    }
    let audience: Vec<String> = claims.aud.into();
    let [identifier] = audience.as_slice() else { return Ok(None) };
    let client = ctx.store.cache().client(account.id, identifier).await?;
    // An identifier may be given again; what its last bearer got says nothing about the new one.
    let existed = |client: &Arc<Client>| client.created_at.as_seconds() <= claims.iat;
    Ok(client.filter(existed).map(|client| IdTokenHint {
        client,
        subject: claims.sub,
        session_identifier: claims.sid,
    }))
}
