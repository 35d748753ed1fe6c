//! The client's secret as a keyed hash, and the fields of a form.

use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::collections::HashMap;

/// The clients by their identifiers: what is stored of each secret, and a number.
pub(super) struct Clients {
    key: hmac::Key,
    known: HashMap<String, (hmac::Tag, i64)>,
}

impl Clients {
    /// One client.
    pub(super) fn one(identifier: &str, secret: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let stored = hmac::sign(&key, secret.as_bytes());
        Self { key, known: HashMap::from([(identifier.to_owned(), (stored, 1))]) }
    }

    /// The client that proves itself with HTTP Basic (RFC 6749 §2.3.1).
    pub(super) fn authenticate(&self, headers: &HeaderMap) -> Option<(String, i64)> {
        let encoded = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
        let pair = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
        let (identifier, secret) = pair.split_once(':')?;
        let (identifier, secret) = (decoded(identifier)?, decoded(secret)?);
        let (stored, number) = self.known.get(&identifier)?;
        hmac::verify(&self.key, secret.as_bytes(), stored.as_ref()).ok()?;
        Some((identifier, *number))
    }
}

/// A value as it stands in a form.
fn decoded(value: &str) -> Option<String> {
    form_urlencoded::parse(value.as_bytes()).next().map(|(name, _)| name.into_owned())
}

/// The fields that are looked at.
#[derive(Default)]
pub(super) struct Form {
    pub(super) grant_type: String,
    pub(super) scope: String,
    /// `token` or `refresh_token`.
    pub(super) token: String,
}

impl Form {
    /// Reads a form; none: a grant type came twice.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "grant_type" if !form.grant_type.is_empty() => return None,
                "grant_type" => form.grant_type = value.into_owned(),
                "scope" => form.scope = value.into_owned(),
                "token" | "refresh_token" => form.token = value.into_owned(),
                _ => {}
            }
        }
        Some(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_secret_is_let_in() {
        let clients = Clients::one("bench", "a secret");
        let presented = |secret: &str| {
            let mut headers = HeaderMap::new();
            let value = format!("Basic {}", BASE64_STANDARD.encode(format!("bench:{secret}")));
            headers.insert(AUTHORIZATION, value.parse().expect("base64 is a header's value"));
            clients.authenticate(&headers).map(|(identifier, _)| identifier)
        };
        assert_eq!(presented("a+secret").as_deref(), Some("bench"));
        assert_eq!(presented("another"), None);
    }
}
