//! Private keys: where they come from, and what a parsed one can do (RFC 7515, RFC 7517).

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
use domain::{SigningAlgorithm, SigningKeyId};
use quick_cache::sync::Cache;
use serde_json::json;
use store::Fault;
use zeroize::Zeroizing;

/// Where the first private keys of an account come from.
pub enum KeyMaker {
    /// Made when they are needed.
    Fresh,
    /// The same ones each time, as PKCS #8; for tests whose responses are compared as a whole.
    Fixture(Vec<(SigningAlgorithm, Vec<u8>)>),
}

impl KeyMaker {
    /// The first private key of an account for an algorithm, as PKCS #8.
    pub(crate) async fn first(
        &self,
        algorithm: SigningAlgorithm,
    ) -> Result<Zeroizing<Vec<u8>>, Fault> {
        match self {
            Self::Fixture(keys) => keys
                .iter()
                .find(|(of, _)| *of == algorithm)
                .map(|(_, pkcs8)| Zeroizing::new(pkcs8.clone()))
                .ok_or_else(|| {
                    Fault::Corrupt(format!("no fixture key for {}", algorithm.as_str()))
                }),
            Self::Fresh => make(algorithm).await,
        }
    }
}

/// A new private key as PKCS #8, by a thread that may take its time (RSA needs some).
pub(crate) async fn make(algorithm: SigningAlgorithm) -> Result<Zeroizing<Vec<u8>>, Fault> {
    tokio::task::spawn_blocking(move || generate(algorithm))
        .await
        .map_err(|error| Fault::Unavailable(format!("making a signing key: {error}")))
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

/// The parsed private keys in use, least used forgotten first.
pub struct Signers(pub(crate) Cache<SigningKeyId, Arc<Signer>>);

impl Default for Signers {
    fn default() -> Self {
        Self(Cache::new(1024))
    }
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
    pub(crate) fn parse(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Option<Self> {
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

    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
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
    pub(crate) fn public_jwk(&self) -> (String, String) {
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

/// What randomised signatures and new keys draw from; the library takes nothing else.
#[expect(clippy::disallowed_methods, reason = "aws-lc-rs signs with its own generator only")]
fn signature_randomness() -> SystemRandom {
    SystemRandom::new()
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
