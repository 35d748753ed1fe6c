//! Proof Key for Code Exchange (RFC 7636). S256 only: `plain` does not exist here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Secret;

/// The length of a SHA-256 hash in base64url.
const CHALLENGE_LENGTH: usize = 43;

/// What a client shows at the authorization endpoint (RFC 7636 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Takes the two parameters of an authorization request.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, PkceRefused> {
        // RFC 7636 §4.3 makes an absent method `plain`, which protects nobody.
        if method != Some("S256") {
            return Err(PkceRefused::Method);
        }
        let well_formed = challenge.len() == CHALLENGE_LENGTH
            && challenge.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it));
        well_formed.then(|| Self(challenge.to_owned())).ok_or(PkceRefused::Challenge)
    }

    /// A challenge that was accepted before.
    pub const fn from_stored(challenge: String) -> Self {
        Self(challenge)
    }

    /// The challenge of a verifier (RFC 7636 §4.2).
    pub fn of(verifier: &CodeVerifier) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.0.expose().as_bytes())))
    }

    /// The challenge, as sent and as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the verifier is the one that the challenge was made from (RFC 7636 §4.6).
    pub fn verify(&self, verifier: &CodeVerifier) -> bool {
        Self::of(verifier).0.as_bytes().ct_eq(self.0.as_bytes()).into()
    }
}

/// What a client shows at the token endpoint (RFC 7636 §4.1).
#[derive(Clone, Debug)]
pub struct CodeVerifier(Secret);

impl CodeVerifier {
    /// Takes 43 to 128 unreserved characters.
    pub fn parse(verifier: &str) -> Result<Self, PkceRefused> {
        let well_formed = (43..=128).contains(&verifier.len())
            && verifier.bytes().all(|it| it.is_ascii_alphanumeric() || b"-._~".contains(&it));
        well_formed.then(|| Self(Secret::new(verifier))).ok_or(PkceRefused::Verifier)
    }
}

/// Why a PKCE value is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PkceRefused {
    /// The method is absent or another than S256.
    #[error("code_challenge_method must be S256")]
    Method,
    /// The challenge is not a SHA-256 hash in base64url.
    #[error("code_challenge must be 43 characters of base64url")]
    Challenge,
    /// The verifier is too short, too long, or has other characters.
    #[error("code_verifier must be 43 to 128 letters, digits, `-`, `.`, `_` or `~`")]
    Verifier,
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn challenge(text: &str) -> CodeChallenge {
        CodeChallenge::parse(text, Some("S256")).expect("a well-formed challenge")
    }

    #[test]
    fn the_example_of_the_rfc_verifies() {
        let verifier = CodeVerifier::parse(VERIFIER).expect("a well-formed verifier");
        assert!(challenge(CHALLENGE).verify(&verifier));
        assert_eq!(CodeChallenge::of(&verifier).as_str(), CHALLENGE);
    }

    // PK-02
    #[test]
    fn no_empty_or_blank_verifier_is_taken() {
        for verifier in ["", " ", "\t", &" ".repeat(43), &format!(" {VERIFIER}")] {
            assert_eq!(CodeVerifier::parse(verifier).err(), Some(PkceRefused::Verifier));
        }
    }

    // PK-03
    #[test]
    fn only_s256_is_a_method() {
        for method in [None, Some("plain"), Some("s256"), Some("S512"), Some(""), Some("S256 ")] {
            let refused = CodeChallenge::parse(CHALLENGE, method).err();
            assert_eq!(refused, Some(PkceRefused::Method), "{method:?}");
        }
    }

    // PK-03
    #[test]
    fn a_challenge_that_is_its_verifier_does_not_verify() {
        let verifier = CodeVerifier::parse(VERIFIER).expect("a well-formed verifier");
        assert!(!challenge(VERIFIER).verify(&verifier));
    }

    #[test]
    fn a_challenge_has_43_characters_of_base64url() {
        let short = &CHALLENGE[1..];
        let long = format!("{CHALLENGE}A");
        for text in ["", short, &long, &format!("{short}="), &format!("{short}+"), "é"] {
            let refused = CodeChallenge::parse(text, Some("S256")).err();
            assert_eq!(refused, Some(PkceRefused::Challenge), "{text}");
        }
    }

    // P-02
    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        let cases = [(42, false), (43, true), (128, true), (129, false)];
        for (length, accepted) in cases {
            assert_eq!(CodeVerifier::parse(&"~".repeat(length)).is_ok(), accepted, "{length}");
        }
        for reserved in ["+", "/", "=", ":", "%", "é", "\0"] {
            let verifier = format!("{VERIFIER}{reserved}");
            assert!(CodeVerifier::parse(&verifier).is_err(), "{reserved}");
        }
    }

    #[test]
    fn a_verifier_does_not_print() {
        let verifier = CodeVerifier::parse(VERIFIER).expect("a well-formed verifier");
        assert!(!format!("{verifier:?}").contains(VERIFIER));
    }
}
