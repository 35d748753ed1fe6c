//! Public keys as JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037). Private members cannot be said.

use domain::SigningAlgorithm;
use serde::{Deserialize, Serialize};

/// The document at `jwks_uri` (RFC 7517 §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Jwks {
    /// The keys, the ones that sign now first.
    pub keys: Vec<Jwk>,
}

/// One public key that signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Jwk {
    /// The key itself.
    #[serde(flatten)]
    pub key: PublicKey,
    /// What it signs with: the JOSE name.
    pub alg: String,
    /// What it is for: `sig`.
    #[serde(rename = "use")]
    pub key_use: KeyUse,
    /// Its name in the headers of what it signs.
    pub kid: String,
}

impl Jwk {
    /// The public half of a signing key.
    pub fn new(kid: impl Into<String>, algorithm: SigningAlgorithm, key: PublicKey) -> Self {
        let alg = algorithm.as_str().to_owned();
        Self { key, alg, key_use: KeyUse::Signature, kid: kid.into() }
    }
}

/// What a key is for (RFC 7517 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum KeyUse {
    /// It signs.
    #[serde(rename = "sig")]
    Signature,
}

/// The members of each key type, in base64url without padding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PublicKey {
    /// RFC 7518 §6.3.
    #[serde(rename = "RSA")]
    Rsa {
        /// The modulus.
        n: String,
        /// The exponent.
        e: String,
    },
    /// RFC 7518 §6.2.
    #[serde(rename = "EC")]
    Ec {
        /// The curve: `P-256`.
        crv: String,
        /// The x coordinate.
        x: String,
        /// The y coordinate.
        y: String,
    },
    /// RFC 8037 §2.
    #[serde(rename = "OKP")]
    Okp {
        /// The curve: `Ed25519`.
        crv: String,
        /// The public key.
        x: String,
    },
}
