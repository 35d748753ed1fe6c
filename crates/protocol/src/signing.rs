//! Signing keys: made, sealed, parsed once, and used to sign JWTs (RFC 7515).

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use domain::{AccountId, KeyState, SigningAlgorithm, SigningKey, SigningKeyId};
use quick_cache::sync::Cache;
use serde::Serialize;
use serde_json::json;
use store::{Fault, Transaction};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::keyring::SealedPlace;

const TABLE: &str = "signing_keys";

/// Where new private keys come from.
pub enum KeyMaker {
    /// Made when they are needed.
    Fresh,
    /// The same ones each time, as PKCS #8; for tests whose responses are compared as a whole.
    Fixture(Vec<(SigningAlgorithm, Vec<u8>)>),
}

impl KeyMaker {
    /// A private key as PKCS #8, by a thread that may take its time (RSA needs some).
    async fn make(&self, algorithm: SigningAlgorithm) -> Result<Zeroizing<Vec<u8>>, Fault> {
        match self {
            Self::Fixture(keys) => keys
                .iter()
                .find(|(of, _)| *of == algorithm)
                .map(|(_, pkcs8)| Zeroizing::new(pkcs8.clone()))
                .ok_or_else(|| {
                    Fault::Corrupt(format!("no fixture key for {}", algorithm.as_str()))
                }),
            Self::Fresh => tokio::task::spawn_blocking(move || generate(algorithm))
                .await
                .map_err(|error| Fault::Unavailable(format!("making a signing key: {error}"))),
        }
    }
}

fn generate(algorithm: SigningAlgorithm) -> Zeroizing<Vec<u8>> {
    const WHY: &str = "a key of a supported size can be made";
    Zeroizing::new(match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect(WHY);
            pair.as_der().expect(WHY).as_ref().to_vec()
        }
        SigningAlgorithm::Es256 => {
            let rng = signature_randomness();
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng)
                .expect(WHY)
                .as_ref()
                .to_vec()
        }
        SigningAlgorithm::EdDsa => {
            Ed25519KeyPair::generate_pkcs8(&signature_randomness()).expect(WHY).as_ref().to_vec()
        }
    })
}

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

/// What randomised signatures and new keys draw from; the library takes nothing else.
#[expect(clippy::disallowed_methods, reason = "aws-lc-rs signs with its own generator only")]
fn signature_randomness() -> SystemRandom {
    SystemRandom::new()
}

fn unreadable() -> Fault {
    Fault::Corrupt("a signing key cannot be read".to_owned())
}

/// The parsed private keys in use, least used forgotten first.
pub struct Signers(Cache<SigningKeyId, Arc<Signer>>);

impl Default for Signers {
    fn default() -> Self {
        Self(Cache::new(1024))
    }
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

/// A parsed private key.
pub(crate) enum Signer {
    /// RSASSA-PKCS1-v1_5.
    Rs256(RsaKeyPair),
    /// RSASSA-PSS.
    Ps256(RsaKeyPair),
    /// ECDSA on P-256.
    Es256(EcdsaKeyPair),
    /// Ed25519.
    EdDsa(Ed25519KeyPair),
}

impl Signer {
    fn parse(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Option<Self> {
        match algorithm {
            SigningAlgorithm::Rs256 => RsaKeyPair::from_pkcs8(pkcs8).ok().map(Self::Rs256),
            SigningAlgorithm::Ps256 => RsaKeyPair::from_pkcs8(pkcs8).ok().map(Self::Ps256),
            SigningAlgorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                    .ok()
                    .map(Self::Es256)
            }
            SigningAlgorithm::EdDsa => {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).ok().map(Self::EdDsa)
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rs256(pair) => sign_rsa(pair, &RSA_PKCS1_SHA256, message),
            Self::Ps256(pair) => sign_rsa(pair, &RSA_PSS_SHA256, message),
            Self::Es256(pair) => {
                Some(pair.sign(&signature_randomness(), message).ok()?.as_ref().to_vec())
            }
            Self::EdDsa(pair) => Some(pair.sign(message).as_ref().to_vec()),
        }
    }

    /// The key id (its thumbprint, RFC 7638) and the public JWK (RFC 7517).
    fn public_jwk(&self) -> (String, String) {
        // RFC 7638 §3.2: the required members alone, in lexicographic order; serde_json sorts them.
        let required = match self {
            Self::Rs256(pair) | Self::Ps256(pair) => {
                let public = pair.public_key();
                json!({
                    "e": BASE64URL.encode(public.exponent().big_endian_without_leading_zero()),
                    "kty": "RSA",
                    "n": BASE64URL.encode(public.modulus().big_endian_without_leading_zero()),
                })
            }
            Self::Es256(pair) => {
                let point = pair.public_key().as_ref();
                json!({
                    "crv": "P-256",
                    "kty": "EC",
                    "x": BASE64URL.encode(&point[1..33]),
                    "y": BASE64URL.encode(&point[33..65]),
                })
            }
            Self::EdDsa(pair) => {
                json!({"crv": "Ed25519", "kty": "OKP", "x": BASE64URL.encode(pair.public_key())})
            }
        };
        let kid = thumbprint(&required.to_string());
        let mut jwk = required;
        jwk["kid"] = json!(kid);
        jwk["alg"] = json!(self.algorithm().as_str());
        jwk["use"] = json!("sig");
        (kid, jwk.to_string())
    }

    const fn algorithm(&self) -> SigningAlgorithm {
        match self {
            Self::Rs256(_) => SigningAlgorithm::Rs256,
            Self::Ps256(_) => SigningAlgorithm::Ps256,
            Self::Es256(_) => SigningAlgorithm::Es256,
            Self::EdDsa(_) => SigningAlgorithm::EdDsa,
        }
    }
}

fn sign_rsa(
    pair: &RsaKeyPair,
    padding: &'static dyn aws_lc_rs::signature::RsaEncoding,
    message: &[u8],
) -> Option<Vec<u8>> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(padding, &signature_randomness(), message, &mut signature).ok()?;
    Some(signature)
}

fn thumbprint(canonical: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical.as_bytes());
    BASE64URL.encode(digest.as_ref())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_keys_can_be_read() {
        for algorithm in SigningAlgorithm::ALL {
            let signer = Signer::parse(algorithm, &generate(algorithm));
            assert!(signer.is_some_and(|it| it.sign(b"x").is_some()), "{}", algorithm.as_str());
        }
    }
}
