//! JWT access tokens (RFC 9068), signed with keys that were parsed once.

use aws_lc_rs::rand::SecureRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;

/// How long an access token lasts, in seconds.
pub(super) const LIFETIME: i64 = 300;

/// With what a token is signed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Algorithm {
    EdDsa,
    Es256,
    Rs256,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }
}

/// A key for each algorithm.
pub(super) struct Signer {
    ed25519: Ed25519KeyPair,
    p256: EcdsaKeyPair,
    rsa: RsaKeyPair,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    client_id: &'a str,
    scope: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
}

impl Signer {
    /// New keys.
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            ed25519: Ed25519KeyPair::generate()?,
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?,
            rsa: RsaKeyPair::generate(KeySize::Rsa2048)?,
        })
    }

    /// The public keys; one is enough for a measurement.
    pub(super) fn jwks(&self) -> String {
        let x = BASE64_URL_SAFE_NO_PAD.encode(self.ed25519.public_key());
        format!(
            r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"1","x":"{x}"}}]}}"#
        )
    }

    /// A signed token.
    pub(super) fn token(
        &self,
        algorithm: Algorithm,
        (client_id, scope): (&str, &str),
        now: i64,
        random: &dyn SecureRandom,
    ) -> anyhow::Result<String> {
        let mut jti = [0; 16];
        random.fill(&mut jti)?;
        let claims = Claims {
            iss: "https://as.bench.test",
            aud: "https://api.bench.test",
            sub: client_id,
            client_id,
            scope,
            iat: now,
            exp: now + LIFETIME,
            jti: BASE64_URL_SAFE_NO_PAD.encode(jti),
        };
        let header = format!(r#"{{"alg":"{}","typ":"at+jwt","kid":"1"}}"#, algorithm.name());
        let mut token = String::with_capacity(1_024);
        BASE64_URL_SAFE_NO_PAD.encode_string(header, &mut token);
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(&claims)?, &mut token);
        let signature = self.signature(algorithm, token.as_bytes(), random)?;
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    fn signature(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        random: &dyn SecureRandom,
    ) -> anyhow::Result<Vec<u8>> {
        Ok(match algorithm {
            Algorithm::EdDsa => self.ed25519.sign(message).as_ref().to_vec(),
            Algorithm::Es256 => self.p256.sign(random, message)?.as_ref().to_vec(),
            Algorithm::Rs256 => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa.sign(&RSA_PKCS1_SHA256, random, message, &mut signature)?;
                signature
            }
        })
    }
}
