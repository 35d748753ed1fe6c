//! Client credentials as presented: in the `Authorization` header or in the body
//! (RFC 6749 §2.3.1, RFC 7521 §4.2). Nothing is verified here but the form.

use std::str;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::Secret;

use super::ErrorCode;
use crate::Parameters;
use crate::percent_encoding::form_decode;

/// RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What the body of a request says of the client.
#[derive(Clone, Debug, Default)]
pub struct BodyCredentials {
    /// RFC 6749 §2.3.1.
    pub client_id: Option<String>,
    /// RFC 6749 §2.3.1.
    pub client_secret: Option<Secret>,
    /// RFC 7521 §4.2.
    pub client_assertion: Option<Secret>,
    /// RFC 7521 §4.2.
    pub client_assertion_type: Option<String>,
}

impl BodyCredentials {
    pub(crate) fn take(presented: &mut Parameters) -> Self {
        Self {
            client_id: presented.take("client_id"),
            client_secret: presented.take("client_secret").map(Secret::new),
            client_assertion: presented.take("client_assertion").map(Secret::new),
            client_assertion_type: presented.take("client_assertion_type"),
        }
    }

    fn take_assertion(&mut self) -> Result<Option<Secret>, CredentialsRefused> {
        match (self.client_assertion.take(), self.client_assertion_type.take().as_deref()) {
            (None, None) => Ok(None),
            (Some(assertion), Some(JWT_BEARER)) => Ok(Some(assertion)),
            _ => Err(CredentialsRefused::AssertionType),
        }
    }
}

/// Who the client says it is, and by which method it would prove it.
#[derive(Clone, Debug)]
pub enum PresentedCredentials {
    /// `none`: it only names itself.
    Identified {
        /// The identifier.
        client_id: String,
    },
    /// `client_secret_basic`.
    Basic {
        /// The identifier.
        client_id: String,
        /// The secret, form-decoded.
        secret: Secret,
        /// The secret as it stood there, if that is another text: many clients do not encode.
        raw_secret: Option<Secret>,
    },
    /// `client_secret_post`.
    Post {
        /// The identifier.
        client_id: String,
        /// The secret.
        secret: Secret,
    },
    /// `private_key_jwt` (RFC 7523).
    Assertion {
        /// The identifier, if it is said beside the assertion.
        client_id: Option<String>,
        /// The JWT.
        assertion: Secret,
    },
}

/// Why credentials are refused before they are verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsRefused {
    /// No client is named.
    #[error("client_id is missing")]
    Missing,
    /// The request has two `Authorization` headers.
    #[error("the Authorization header is repeated")]
    RepeatedHeader,
    /// The Basic credentials are not what RFC 6749 §2.3.1 says.
    #[error("the Basic credentials are malformed")]
    MalformedBasic,
    /// The assertion lacks its type, the type its assertion, or the type is unknown.
    #[error("client_assertion and a known client_assertion_type belong together")]
    AssertionType,
    /// Two methods of authentication in one request (RFC 6749 §2.3).
    #[error("only one method of client authentication may be used")]
    TwoMethods,
    /// Header and body name different clients.
    #[error("client_id differs from the Basic credentials")]
    DifferingClients,
}

impl CredentialsRefused {
    /// Its code: a conflict is the request's fault, everything else a failed authentication.
    pub const fn error_code(self) -> ErrorCode {
        match self {
            Self::TwoMethods | Self::DifferingClients => ErrorCode::InvalidRequest,
            Self::Missing | Self::RepeatedHeader | Self::MalformedBasic | Self::AssertionType => {
                ErrorCode::InvalidClient
            }
        }
    }
}

impl PresentedCredentials {
    /// Reads the values of all `Authorization` headers together with the body. Schemes other than
    /// Basic are ignored (zendesk-wire §6).
    pub fn read<'h>(
        authorization: impl IntoIterator<Item = &'h [u8]>,
        body: BodyCredentials,
    ) -> Result<Self, CredentialsRefused> {
        let mut headers = authorization.into_iter();
        let basic = headers.next().and_then(basic_value);
        if headers.next().is_some() {
            return Err(CredentialsRefused::RepeatedHeader);
        }
        match basic {
            Some(encoded) => {
                BasicPair::parse(encoded).ok_or(CredentialsRefused::MalformedBasic)?.beside(&body)
            }
            None => Self::from_body(body),
        }
    }

    /// The identifier, if one is said outside an assertion.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Identified { client_id }
            | Self::Basic { client_id, .. }
            | Self::Post { client_id, .. } => Some(client_id),
            Self::Assertion { client_id, .. } => client_id.as_deref(),
        }
    }

    /// The secret to compare and, after a mismatch, the one other text that it may be.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let (first, second) = match self {
            Self::Basic { secret, raw_secret, .. } => (Some(secret), raw_secret.as_ref()),
            Self::Post { secret, .. } => (Some(secret), None),
            Self::Identified { .. } | Self::Assertion { .. } => (None, None),
        };
        first.into_iter().chain(second)
    }

    fn from_body(mut body: BodyCredentials) -> Result<Self, CredentialsRefused> {
        let assertion = body.take_assertion()?;
        match (body.client_id, body.client_secret, assertion) {
            (_, Some(_), Some(_)) => Err(CredentialsRefused::TwoMethods),
            (client_id, None, Some(assertion)) => Ok(Self::Assertion { client_id, assertion }),
            (None, _, None) => Err(CredentialsRefused::Missing),
            (Some(client_id), Some(secret), None) => Ok(Self::Post { client_id, secret }),
            (Some(client_id), None, None) => Ok(Self::Identified { client_id }),
        }
    }
}

/// Basic credentials before and after form-decoding.
struct BasicPair {
    client_id: String,
    secret: String,
    raw_secret: String,
}

impl BasicPair {
    /// RFC 7617 §2, then RFC 6749 §2.3.1: strict base64, UTF-8, a colon, form-decoding.
    fn parse(encoded: &[u8]) -> Option<Self> {
        let decoded = BASE64_STANDARD.decode(encoded).ok()?;
        let (client_id, raw_secret) = str::from_utf8(&decoded).ok()?.split_once(':')?;
        let client_id = plain(client_id)?;
        let secret = plain(raw_secret)?;
        let raw_secret = raw_secret.to_owned();
        (!client_id.is_empty()).then_some(Self { client_id, secret, raw_secret })
    }

    /// The header next to what the body says.
    fn beside(self, body: &BodyCredentials) -> Result<PresentedCredentials, CredentialsRefused> {
        if body.client_secret.is_some() || body.client_assertion.is_some() {
            return Err(CredentialsRefused::TwoMethods);
        }
        if body.client_id.as_ref().is_some_and(|client_id| *client_id != self.client_id) {
            return Err(CredentialsRefused::DifferingClients);
        }
        let Self { client_id, secret, raw_secret } = self;
        if secret.is_empty() {
            return Ok(PresentedCredentials::Identified { client_id });
        }
        let raw_secret = (raw_secret != secret).then(|| Secret::new(raw_secret));
        Ok(PresentedCredentials::Basic { client_id, secret: Secret::new(secret), raw_secret })
    }
}

/// The text after `Basic`; none for another scheme.
fn basic_value(header: &[u8]) -> Option<&[u8]> {
    let end = header.iter().position(|byte| *byte == b' ').unwrap_or(header.len());
    let (scheme, value) = header.split_at(end);
    scheme.eq_ignore_ascii_case(b"basic").then(|| value.trim_ascii())
}

/// The form-decoded text, if it holds no control character (RFC 7617 §2).
fn plain(encoded: &str) -> Option<String> {
    let decoded = form_decode(encoded.as_bytes())?;
    (!decoded.contains(char::is_control)).then(|| decoded.into_owned())
}
