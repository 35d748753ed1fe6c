//! `private_key_jwt`: a client proves itself by a JWT that it signed (RFC 7523 §3, OpenID Connect Core §9).

use std::convert::Infallible;

use domain::{Account, Client, Timestamp};
use store::used_assertions::UsedAssertion;
use store::{Decision, Failure, Fault, settle};

use crate::client_jwt::{JwtRefused, Kind, SignedClaims, UnverifiedJwt};
use crate::context::Context;
use crate::expiry::Expiring;

/// An assertion says little: who, to whom, when.
const KIND: Kind = Kind { max_bytes: 8 * 1024, typ: "client-authentication+jwt" };

/// The most bytes of a `jti`.
const MAX_ID_BYTES: usize = 512;

/// Reads an assertion.
pub(crate) fn read(presented: &str) -> Result<UnverifiedJwt<'_>, JwtRefused> {
    UnverifiedJwt::read(presented, &KIND)
}

/// Verifies an assertion of this client and uses it up, in the order of RFC 7523 §3. It is used up last, so
/// that only the client itself can do so.
pub(crate) async fn prove(
    ctx: &Context,
    account: &Account,
    client: &Client,
    assertion: UnverifiedJwt<'_>,
) -> Decision<(), JwtRefused> {
    let registered = client.metadata.token_endpoint_auth_signing_alg;
    let claims =
        assertion.verify(ctx, account.id, client, registered).await.map_err(Failure::Refused)?;
    let accepted = judge(ctx, account, client, &claims).map_err(Failure::Refused)?;
    let assertion = UsedAssertion {
        account_id: account.id,
        client_id: client.id,
        jti_hash: ctx.keyring.jti_hash(accepted.jti),
        expires_at: accepted.expires_at + ctx.policy.clock_leeway,
    };
    if use_up(ctx, &assertion).await? {
        Ok(())
    } else {
        Err(Failure::Refused(JwtRefused::Replayed))
    }
}

struct Accepted<'a> {
    jti: &'a str,
    expires_at: Timestamp,
}

fn judge<'a>(
    ctx: &Context,
    account: &Account,
    client: &Client,
    claims: &'a SignedClaims,
) -> Result<Accepted<'a>, JwtRefused> {
    let client_id = Some(client.identifier.as_str());
    if claims.text("iss") != client_id {
        return Err(JwtRefused::Issuer);
    }
    if claims.text("sub") != client_id {
        return Err(JwtRefused::Subject);
    }
    let issuer = account.issuer().as_str();
    match claims.audience()?.as_slice() {
        [one] if *one == issuer || one.strip_prefix(issuer) == Some("/oauth/tokens") => {}
        _ => return Err(JwtRefused::Audience),
    }
    let expires_at = expiry(ctx, claims)?;
    let jti = claims.text("jti").filter(|jti| !jti.is_empty()).ok_or(JwtRefused::IdMissing)?;
    if jti.len() > MAX_ID_BYTES {
        return Err(JwtRefused::TooLong);
    }
    Ok(Accepted { jti, expires_at })
}

/// When it ends: soon, counted from now and from when it says that it was made.
fn expiry(ctx: &Context, claims: &SignedClaims) -> Result<Timestamp, JwtRefused> {
    let (now, leeway) = (ctx.now(), ctx.policy.clock_leeway);
    let expires_at = claims.within_time(now, leeway)?.ok_or(JwtRefused::ExpiryMissing)?;
    let made_at = claims.moment("iat")?.map_or(now, |made_at| made_at.min(now));
    if expires_at > made_at + ctx.policy.client_jwts.assertion_lifetime_limit + leeway {
        return Err(JwtRefused::TooLongLived);
    }
    Ok(expires_at)
}

/// Uses an assertion up; false: it was used before, at whichever node.
async fn use_up(ctx: &Context, assertion: &UsedAssertion) -> Result<bool, Fault> {
    let used = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let used = store::used_assertions::create(&mut tx, assertion).await;
        settle(tx, used.map_err(Into::into)).await
    });
    let used: Decision<bool, Infallible> = used.await;
    ctx.expiry.beside(ctx, Expiring::UsedAssertions);
    used.map_err(Failure::into_fault)
}
