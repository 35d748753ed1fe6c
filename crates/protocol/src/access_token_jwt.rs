//! JWT access tokens (RFC 9068): how one is made, and whether one that is presented is ours.

use domain::{Account, ClientId, ScopeSet, Timestamp, TokenFamilyId};
use serde::Deserialize;
use store::Fault;

use crate::context::Context;
use crate::own_jwt::{self, PresentedAudience, SignedBy};

/// The `typ` that keeps other JWTs from passing for access tokens (RFC 9068 §2.1).
pub(crate) const TYP: &str = "at+jwt";

/// Whether a presented token has the form of a JWS rather than of a handle.
pub(crate) fn looks_like_one(presented: &str) -> bool {
    presented.starts_with("ey") && presented.bytes().filter(|byte| *byte == b'.').count() == 2
}

/// A JWT that we signed, that is meant for an API of this account and has not ended.
pub(crate) struct VerifiedJwt {
    pub(crate) jti: String,
    pub(crate) scopes: ScopeSet,
    pub(crate) audience: Vec<String>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) auth_time: Option<Timestamp>,
}

impl VerifiedJwt {
    /// What the `jti` says of a token that has no row.
    pub(crate) fn alone(&self) -> Option<Alone> {
        Alone::parse(&self.jti)
    }
}

/// Whose a token without a row is: it stands in the `jti`, by ids, which are never used again, as the
/// client's identifier may be.
pub(crate) struct Alone {
    pub(crate) client_id: ClientId,
    /// The family it stands under; none for client credentials.
    pub(crate) family_id: Option<TokenFamilyId>,
}

impl Alone {
    /// The `jti` of such a token; `random` makes it one of its own.
    pub(crate) fn jti(&self, random: &str) -> String {
        let family = self.family_id.map_or(0, TokenFamilyId::get);
        format!("{}-{family}-{random}", self.client_id)
    }

    fn parse(jti: &str) -> Option<Self> {
        let mut parts = jti.splitn(3, '-');
        let mut id = || parts.next()?.parse::<i64>().ok();
        let client_id = ClientId::new(id()?);
        let family = id()?;
        Some(Self { client_id, family_id: (family != 0).then(|| TokenFamilyId::new(family)) })
    }
}

#[derive(Deserialize)]
struct UnverifiedClaims {
    iss: String,
    aud: PresentedAudience,
    exp: i64,
    iat: i64,
    jti: String,
    #[serde(default)]
    scope: String,
    auth_time: Option<i64>,
}

/// Verifies signature, type, issuer and time (RFC 9068 §4).
pub(crate) async fn verify(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Result<Option<VerifiedJwt>, Fault> {
    let signers = SignedBy::PublishedKeys;
    let opened = own_jwt::open(ctx, account, presented, signers, |typ| typ == Some(TYP)).await?;
    Ok(opened.and_then(|claims| checked(ctx, account, claims)))
}

fn checked(ctx: &Context, account: &Account, claims: UnverifiedClaims) -> Option<VerifiedJwt> {
    let expires_at = Timestamp::from_millis(claims.exp.checked_mul(1000)?);
    if claims.iss != account.issuer().as_str() || expires_at <= ctx.now() {
        return None;
    }
    Some(VerifiedJwt {
        scopes: ScopeSet::parse(&claims.scope).ok()?,
        audience: claims.aud.into(),
        issued_at: Timestamp::from_millis(claims.iat.checked_mul(1000)?),
        expires_at,
        auth_time: claims.auth_time.map(|seconds| Timestamp::from_millis(seconds * 1000)),
        jti: claims.jti,
    })
}
