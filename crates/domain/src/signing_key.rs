//! A signing key: its algorithm and where it stands in its life.

use crate::{AccountId, Id, Timestamp};

/// The id of a [`SigningKey`].
pub type SigningKeyId = Id<SigningKey>;

/// A key that signs tokens of one account. The private part is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Its id.
    pub id: SigningKeyId,
    /// The account whose tokens it signs.
    pub account_id: AccountId,
    /// The key id in the header of what it signs.
    pub kid: String,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// Where it stands in its life.
    pub state: KeyState,
    /// The PKCS #8 private key, sealed with the master key.
    pub sealed_private_key: Vec<u8>,
    /// The public JWK as JSON text (RFC 7517).
    pub public_jwk: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A JWS algorithm (RFC 7518 §3.1, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: the default, as the specifications demand.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PSS with SHA-256.
    Ps256,
}

impl SigningAlgorithm {
    /// Every algorithm, in the order keys are made and listed.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Es256, Self::EdDsa, Self::Ps256];

    /// Its JOSE name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Ps256 => "PS256",
        }
    }

    /// The algorithm of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

/// Where a key stands: shown before it signs, and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Shown in the JWKS; does not sign yet.
    Next,
    /// Signs.
    Current,
    /// Signs no more; still shown, as its tokens live.
    Retiring,
    /// No longer shown; kept to recognise old ID token hints.
    Retired,
}

impl KeyState {
    /// Its name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Next, Self::Current, Self::Retiring, Self::Retired]
            .into_iter()
            .find(|state| state.as_str() == name)
    }

    /// Whether the public key stands in the JWKS.
    pub const fn is_published(self) -> bool {
        !matches!(self, Self::Retired)
    }
}
