//! The client identifier: the OAuth `client_id` (RFC 6749 §2.2).

use std::fmt;

/// A name for a client that is safe in URLs, logs and HTTP Basic. Never only digits, so that it is
/// taken neither for a resource id nor for the `sub` of a user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientIdentifier(String);

impl ClientIdentifier {
    /// The most characters it may have.
    pub const LIMIT: usize = 255;

    /// Takes 1 to 255 unreserved characters that are not all digits.
    pub fn parse(text: &str) -> Result<Self, ClientIdentifierRefused> {
        if text.trim().is_empty() {
            return Err(ClientIdentifierRefused::Blank);
        }
        if text.chars().count() > Self::LIMIT {
            return Err(ClientIdentifierRefused::TooLong);
        }
        if !text.bytes().all(is_unreserved) {
            return Err(ClientIdentifierRefused::Character);
        }
        if text.bytes().all(|it| it.is_ascii_digit()) {
            return Err(ClientIdentifierRefused::OnlyDigits);
        }
        Ok(Self(text.to_owned()))
    }

    /// The identifier, spelled as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which no two identifiers of an account may be equal.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for ClientIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the identifiers of global clients begin with, so that nobody takes a local client for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdentifierPrefix(String);

impl ClientIdentifierPrefix {
    /// The most characters it may have.
    const LIMIT: usize = 32;

    /// Takes 1 to 32 of the characters of an identifier.
    pub fn parse(text: &str) -> Option<Self> {
        let is_some = (1..=Self::LIMIT).contains(&text.len());
        (is_some && text.bytes().all(is_unreserved)).then(|| Self(text.to_owned()))
    }

    /// The prefix, as the operator spelled it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the identifier begins with it and goes on.
    pub fn begins(&self, identifier: &ClientIdentifier) -> bool {
        identifier.0.strip_prefix(&self.0).is_some_and(|rest| !rest.is_empty())
    }
}

impl Default for ClientIdentifierPrefix {
    fn default() -> Self {
        Self("zdg-".to_owned())
    }
}

/// RFC 3986 §2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._~-".contains(&byte)
}

/// Why a text is no client identifier. Each reads on from "Identifier: ".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientIdentifierRefused {
    /// There is nothing in it.
    #[error("must not be blank")]
    Blank,
    /// It has more than 255 characters.
    #[error("must have at most 255 characters")]
    TooLong,
    /// It has a character that is not unreserved in URLs.
    #[error("must contain only letters, digits, `.`, `_`, `~` and `-`")]
    Character,
    /// It looks like a number.
    #[error("must not consist of digits only")]
    OnlyDigits,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_unreserved_characters_and_not_a_number() {
        let longest = "a".repeat(255);
        for accepted in ["acme-reporting", "A", "zdg-demo", "1.0", "~_", "42a", &longest] {
            assert!(ClientIdentifier::parse(accepted).is_ok(), "{accepted}");
        }
        let too_long = "a".repeat(256);
        let cases = [
            ("", ClientIdentifierRefused::Blank),
            ("  ", ClientIdentifierRefused::Blank),
            (too_long.as_str(), ClientIdentifierRefused::TooLong),
            ("a b", ClientIdentifierRefused::Character),
            ("alice@example.com", ClientIdentifierRefused::Character),
            ("acmé", ClientIdentifierRefused::Character),
            ("a\0", ClientIdentifierRefused::Character),
            ("88120", ClientIdentifierRefused::OnlyDigits),
        ];
        for (text, refused) in cases {
            assert_eq!(ClientIdentifier::parse(text), Err(refused), "{text}");
        }
    }

    #[test]
    fn case_is_kept_but_does_not_distinguish() {
        let identifier = ClientIdentifier::parse("Acme-Reporting").expect("well-formed");
        assert_eq!(identifier.as_str(), "Acme-Reporting");
        assert_eq!(identifier.folded(), "acme-reporting");
    }

    #[test]
    fn a_prefix_is_followed_by_something_and_compared_with_case() {
        let prefix = ClientIdentifierPrefix::default();
        for (text, begins) in
            [("zdg-parcel", true), ("zdg-", false), ("ZDG-parcel", false), ("my-zdg-parcel", false)]
        {
            let identifier = ClientIdentifier::parse(text).expect("well-formed");
            assert_eq!(prefix.begins(&identifier), begins, "{text}");
        }
        for refused in ["", "a b", "zdg/", &"a".repeat(33)] {
            assert_eq!(ClientIdentifierPrefix::parse(refused), None, "{refused}");
        }
        assert_eq!(ClientIdentifierPrefix::parse("zdg-"), Some(prefix));
    }
}
