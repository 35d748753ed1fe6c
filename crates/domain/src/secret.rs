//! Secrets and their hashes. Neither prints; both compare in constant time.

use std::array::TryFromSliceError;
use std::fmt;
use std::hash::{Hash, Hasher};

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A password, token, code or client secret in clear. It is wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a value into custody.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself, for hashing and for the one reply that shows it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether both are the same, in a time that depends on their lengths only.
    pub fn ct_eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }

    /// Its first `length` characters: all that is kept of a secret in clear.
    pub fn hint(&self, length: usize) -> String {
        self.0.chars().take(length).collect()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The keyed hash of a secret: what is stored in its place.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, as stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for SecretHash {
    type Error = TryFromSliceError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

impl Hash for SecretHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hash]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_a_secret_nor_its_hash_prints() {
        let secret = Secret::new("swordfish");
        let hash = SecretHash::from_bytes([7; 32]);
        assert_eq!(format!("{secret:?} {hash:?}"), "[redacted] [hash]");
    }

    #[test]
    fn secrets_are_equal_only_whole() {
        let secret = Secret::new("swordfish");
        for (other, equal) in [("swordfish", true), ("swordfisH", false), ("sword", false)] {
            assert_eq!(secret.ct_eq(&Secret::new(other)), equal, "{other}");
        }
    }

    #[test]
    fn a_hint_is_the_beginning_however_short_the_secret() {
        assert_eq!(Secret::new("swordfish").hint(5), "sword");
        assert_eq!(Secret::new("äö").hint(5), "äö");
    }

    #[test]
    fn a_hash_has_thirty_two_bytes() {
        let hash = SecretHash::try_from([1; 32].as_slice()).ok();
        assert_eq!(hash, Some(SecretHash::from_bytes([1; 32])));
        assert!(SecretHash::try_from([1; 31].as_slice()).is_err());
    }
}
