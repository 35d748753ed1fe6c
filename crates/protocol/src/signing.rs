//! Signing keys of an account: stored sealed, published, and used to sign JWTs (RFC 7515).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use domain::{AccountId, KeyState, SigningAlgorithm, SigningKey};
use serde::Serialize;
use serde_json::json;
use store::{Fault, Transaction};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::keyring::SealedPlace;
use crate::signer::Signer;

const TABLE: &str = "signing_keys";

/// Private keys of an account, made before the transaction that stores them.
pub(crate) struct NewKeys(Vec<(SigningAlgorithm, Zeroizing<Vec<u8>>)>);

/// Makes one key for each algorithm.
pub(crate) async fn make_keys(ctx: &Context) -> Result<NewKeys, Fault> {
    let mut keys = Vec::with_capacity(SigningAlgorithm::ALL.len());
    for algorithm in SigningAlgorithm::ALL {
        keys.push((algorithm, ctx.key_maker.make(algorithm).await?));
    }
    Ok(NewKeys(keys))
}

/// Stores the first keys of an account, sealed.
pub(crate) async fn create_keys(
    ctx: &Context,
    tx: &mut Transaction,
    account_id: AccountId,
    keys: &NewKeys,
) -> Result<(), Fault> {
    for (algorithm, pkcs8) in &keys.0 {
        let signer = Signer::parse(*algorithm, pkcs8).ok_or_else(unreadable)?;
        let (kid, public_jwk) = signer.public_jwk();
        let place = SealedPlace { account_id, table: TABLE, row: &kid };
        let key = SigningKey {
            id: tx.id()?,
            account_id,
            algorithm: *algorithm,
            state: KeyState::Current,
            sealed_private_key: ctx.keyring.seal(&ctx.entropy, &place, pkcs8),
            public_jwk,
            created_at: ctx.now(),
            kid,
        };
        store::signing_keys::create(tx, &key).await?;
    }
    Ok(())
}

fn unreadable() -> Fault {
    Fault::Corrupt("a signing key cannot be read".to_owned())
}

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

/// The published public keys of an account, RSA first.
pub async fn published_keys(
    ctx: &Context,
    account_id: AccountId,
) -> Result<Vec<serde_json::Value>, Fault> {
    let keys = ctx.store.cache().signing_keys(account_id).await?;
    keys.iter()
        .filter(|key| key.state.is_published())
        .map(|key| {
            serde_json::from_str(&key.public_jwk).map_err(|error| Fault::Corrupt(error.to_string()))
        })
        .collect()
}
