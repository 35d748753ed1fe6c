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
    /// The PKCS #8 private key, sealed with the master key; of a retired key nothing.
    pub sealed_private_key: Vec<u8>,
    /// The public JWK as JSON text (RFC 7517).
    pub public_jwk: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began to sign. None: it has not, or signs from the beginning.
    pub current_at: Option<Timestamp>,
    /// When it signed no more.
    pub retiring_at: Option<Timestamp>,
    /// When it left the JWKS.
    pub retired_at: Option<Timestamp>,
    /// When it was retired before its time, so that nothing that it ever signed counts.
    pub revoked_at: Option<Timestamp>,
    /// When its next step is due: a next key becomes current, a retiring one retired.
    pub due_at: Option<Timestamp>,
}

impl SigningKey {
    /// Whether an access token that it signed may count: such tokens end before it is retired. That
    /// of a next key may, as another node learns first that the key has become current.
    pub const fn vouches_for_access_tokens(&self) -> bool {
        self.state.is_published()
    }

    /// Whether an ID token that it signed, of any age, still tells who was meant (OpenID Connect Core
    /// §3.1.2.1, `id_token_hint`).
    pub const fn vouches_for_hints(&self) -> bool {
        self.revoked_at.is_none()
    }

    /// Where it stands in the JWKS: RSA first, and of an algorithm the key that signs.
    pub fn rank(&self) -> (SigningAlgorithm, KeyState) {
        (self.algorithm, self.state)
    }
}

/// A JWS algorithm (RFC 7518 §3.1, RFC 8037), RSA first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: the default, as the specifications demand.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl SigningAlgorithm {
    /// Every algorithm, in the order keys are made and listed.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyState {
    /// Signs.
    Current,
    /// Shown in the JWKS; does not sign yet.
    Next,
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

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_777_887_000_000);

    fn key(algorithm: SigningAlgorithm, state: KeyState) -> SigningKey {
        SigningKey {
            id: Id::new(1),
            account_id: Id::new(1),
            kid: String::new(),
            algorithm,
            state,
            sealed_private_key: Vec::new(),
            public_jwk: String::new(),
            created_at: AT,
            current_at: None,
            retiring_at: None,
            retired_at: None,
            revoked_at: None,
            due_at: None,
        }
    }

    // O-07
    #[test]
    fn what_a_key_vouches_for_depends_on_where_it_stands() {
        for (state, revoked_at, access_tokens, hints) in [
            (KeyState::Next, None, true, true),
            (KeyState::Current, None, true, true),
            (KeyState::Retiring, None, true, true),
            (KeyState::Retired, None, false, true),
            (KeyState::Retired, Some(AT), false, false),
        ] {
            let key = SigningKey { revoked_at, ..key(SigningAlgorithm::Rs256, state) };
            assert_eq!(key.vouches_for_access_tokens(), access_tokens, "{state:?}");
            assert_eq!(key.vouches_for_hints(), hints, "{state:?}");
        }
    }

    // O-07
    #[test]
    fn rsa_stands_first_and_what_signs_before_what_does_not() {
        let mut keys = [
            key(SigningAlgorithm::EdDsa, KeyState::Current),
            key(SigningAlgorithm::Rs256, KeyState::Retiring),
            key(SigningAlgorithm::Ps256, KeyState::Current),
            key(SigningAlgorithm::Rs256, KeyState::Next),
            key(SigningAlgorithm::Rs256, KeyState::Current),
        ];
        keys.sort_by_key(SigningKey::rank);
        let order = keys.map(|key| (key.algorithm.as_str(), key.state.as_str()));
        let expected = [
            ("RS256", "current"),
            ("RS256", "next"),
            ("RS256", "retiring"),
            ("PS256", "current"),
            ("EdDSA", "current"),
        ];
        assert_eq!(order, expected);
    }
}
