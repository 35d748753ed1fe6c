//! What an account's signing keys are used for: they sign JWTs (RFC 7515), are published
//! (RFC 7517), and tell what we signed from what others did.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use domain::{AccountId, KeyState, SigningAlgorithm, SigningKey};
use serde::Serialize;
use serde_json::json;
use store::Fault;
use wire::Jwks;

use crate::context::Context;
use crate::keyring::SealedPlace;
use crate::signer::Signer;

/// The table that says where a sealed key belongs.
pub(crate) const TABLE: &str = "signing_keys";

/// Signs the claims as a compact JWS with the account's current key for the algorithm.
pub(crate) async fn sign(
    ctx: &Context,
    account_id: AccountId,
    algorithm: SigningAlgorithm,
    typ: &str,
    claims: &impl Serialize,
) -> Result<String, Fault> {
    let keys = ctx.store.cache().signing_keys(account_id).await?;
    let key = keys
        .iter()
        .find(|key| key.algorithm == algorithm && key.state == KeyState::Current)
        .ok_or_else(unreadable)?;
    let header = json!({"alg": algorithm.as_str(), "typ": typ, "kid": key.kid});
    let claims = serde_json::to_vec(claims).map_err(|error| Fault::Corrupt(error.to_string()))?;
    let signed = format!("{}.{}", BASE64URL.encode(header.to_string()), BASE64URL.encode(claims));
    let signature = signer(ctx, key)?.sign(signed.as_bytes()).ok_or_else(unreadable)?;
    Ok(format!("{signed}.{}", BASE64URL.encode(signature)))
}

fn signer(ctx: &Context, key: &SigningKey) -> Result<Arc<Signer>, Fault> {
    if let Some(signer) = ctx.signers.0.get(&key.id) {
        return Ok(signer);
    }
    let place = SealedPlace { account_id: key.account_id, table: TABLE, row: &key.kid };
    let pkcs8 = ctx
        .keyring
        .open(&place, &key.sealed_private_key)
        .map_err(|error| Fault::Corrupt(format!("signing key {}: {error}", key.kid)))?;
    let signer = Arc::new(Signer::parse(key.algorithm, &pkcs8).ok_or_else(unreadable)?);
    ctx.signers.0.insert(key.id, Arc::clone(&signer));
    Ok(signer)
}

/// The account's key of this name that is not retired.
pub(crate) async fn key_in_use(
    ctx: &Context,
    account_id: AccountId,
    kid: &str,
) -> Result<Option<SigningKey>, Fault> {
    let in_use = ctx.store.cache().signing_keys(account_id).await?;
    Ok(in_use.iter().find(|key| key.kid == kid).cloned())
}

/// The account's key of this name, a retired one too; what it vouches for, it says itself.
pub(crate) async fn key_of(
    ctx: &Context,
    account_id: AccountId,
    kid: &str,
) -> Result<Option<SigningKey>, Fault> {
    match key_in_use(ctx, account_id, kid).await? {
        Some(key) => Ok(Some(key)),
        None => store::signing_keys::by_kid(&ctx.store, account_id, kid).await,
    }
}

/// The published public keys of an account, RSA first, and of an algorithm the one that signs.
pub(crate) async fn jwks(ctx: &Context, account_id: AccountId) -> Result<Jwks, Fault> {
    let keys = ctx.store.cache().signing_keys(account_id).await?;
    let mut published: Vec<_> = keys.iter().filter(|key| key.state.is_published()).collect();
    published.sort_by_key(|key| key.rank());
    let keys = published.into_iter().map(|key| {
        serde_json::from_str(&key.public_jwk).map_err(|error| Fault::Corrupt(error.to_string()))
    });
    Ok(Jwks { keys: keys.collect::<Result<_, _>>()? })
}

fn unreadable() -> Fault {
    Fault::Corrupt("a signing key cannot be read".to_owned())
}
