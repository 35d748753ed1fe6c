//! The e-mail address that a person signs in with.

use std::fmt;

/// An address that mail forms accept: what HTML calls a valid e-mail address. No quoted local
/// parts, so no spaces and no colons.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The most bytes it may have (RFC 5321 §4.5.3.1.3).
    pub const LIMIT: usize = 254;

    /// Takes an address without surrounding space.
    pub fn parse(text: &str) -> Result<Self, EmailAddressRefused> {
        if text.trim().is_empty() {
            return Err(EmailAddressRefused::Blank);
        }
        if text.len() > Self::LIMIT {
            return Err(EmailAddressRefused::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailAddressRefused::Form)?;
        let well_formed = is_local_part(local) && domain.split('.').all(is_label);
        well_formed.then(|| Self(text.to_owned())).ok_or(EmailAddressRefused::Form)
    }

    /// The address, spelled as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which no two addresses of an account may be equal.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no e-mail address. Each reads on from "E-mail: ".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailAddressRefused {
    /// There is nothing in it.
    #[error("must not be blank")]
    Blank,
    /// It has more than 254 bytes.
    #[error("must have at most 254 characters")]
    TooLong,
    /// It is not `name@host`.
    #[error("must look like name@example.com")]
    Form,
}

fn is_local_part(text: &str) -> bool {
    let allowed = |it: u8| it.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&it);
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

/// A label of a host name (RFC 1123 §2.1).
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_name_at_a_host() {
        let accepted =
            ["a@b", "alice@example.com", "O'Hara+x@mail.example.com", "Alice@EXAMPLE.com"];
        for text in accepted {
            assert!(EmailAddress::parse(text).is_ok(), "{text}");
        }
        let refused = [
            "alice",
            "@example.com",
            "alice@",
            "a@b@c",
            "a b@c.example",
            "a:b@c.example",
            "alice@-x.example",
            "alice@x..example",
            "alice@example.com ",
            "alice@exämple.com",
            "\"a\"@example.com",
            "a\0@example.com",
        ];
        for text in refused {
            assert_eq!(EmailAddress::parse(text), Err(EmailAddressRefused::Form), "{text}");
        }
        assert_eq!(EmailAddress::parse(" "), Err(EmailAddressRefused::Blank));
        let long = format!("a@{}", ["b".repeat(62).as_str(); 5].join("."));
        assert_eq!(EmailAddress::parse(&long), Err(EmailAddressRefused::TooLong));
    }

    #[test]
    fn case_is_kept_but_does_not_distinguish() {
        let address = EmailAddress::parse("Alice@Example.com").expect("well-formed");
        assert_eq!(
            (address.as_str(), address.folded().as_str()),
            ("Alice@Example.com", "alice@example.com")
        );
    }
}
