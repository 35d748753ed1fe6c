//! The `Authorization` header of an `/api/v2/` call (zendesk-wire §1).

use std::str;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::Secret;

/// What ends the user name of an API token's Basic credentials.
const TOKEN_SUFFIX: &str = "/token";

/// Who the caller says he is; nothing is verified here.
#[derive(Clone, Debug)]
pub enum ApiCredentials {
    /// No header, or a scheme that means nothing here.
    Absent,
    /// An access token (RFC 6750 §2.1).
    Bearer(Secret),
    /// `email/token:api_token`.
    ApiToken {
        /// Whose it would be.
        email: String,
        /// The token.
        token: Secret,
    },
    /// Basic with a password, right or wrong: never looked at.
    Password,
    /// Two headers, or Basic that cannot be read.
    Malformed,
}

impl ApiCredentials {
    /// Reads the values of all `Authorization` headers.
    pub fn read<'h>(authorization: impl IntoIterator<Item = &'h [u8]>) -> Self {
        let mut headers = authorization.into_iter();
        match (headers.next(), headers.next()) {
            (None, _) => Self::Absent,
            (Some(header), None) => Self::parse(header),
            (Some(_), Some(_)) => Self::Malformed,
        }
    }

    fn parse(header: &[u8]) -> Self {
        let end = header.iter().position(|byte| *byte == b' ').unwrap_or(header.len());
        let (scheme, value) = header.split_at(end);
        let value = value.trim_ascii();
        if scheme.eq_ignore_ascii_case(b"bearer") {
            // A token that is no text cannot be one of ours: it fails like any other.
            Self::Bearer(Secret::new(String::from_utf8_lossy(value)))
        } else if scheme.eq_ignore_ascii_case(b"basic") {
            Self::basic(value).unwrap_or(Self::Malformed)
        } else {
            Self::Absent
        }
    }

    /// RFC 7617 §2.
    fn basic(encoded: &[u8]) -> Option<Self> {
        let decoded = BASE64_STANDARD.decode(encoded).ok()?;
        let text = str::from_utf8(&decoded).ok().filter(|text| !text.contains(char::is_control))?;
        let (user, password) = text.split_once(':')?;
        Some(match user.strip_suffix(TOKEN_SUFFIX) {
            Some(email) => Self::ApiToken { email: email.to_owned(), token: Secret::new(password) },
            None => Self::Password,
        })
    }
}
