//! The token request (RFC 6749 §4.1.3, §4.4.2, §6; zendesk-wire §6), as a form or as JSON.

use domain::{GrantType, Secret};

use super::BodyCredentials;
use crate::{BodyFormat, ParameterNames, Parameters, ParametersRefused, PresentedSeconds};

static NAMES: ParameterNames = ParameterNames::new(
    &[
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "scope",
        "resource",
        "expires_in",
        "refresh_token_expires_in",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
    ],
    &["resource"],
);

/// What is asked for, as presented.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// The grant type with what belongs to it.
    pub grant: GrantRequest,
    /// What the body says of the client.
    pub credentials: BodyCredentials,
    /// RFC 6749 §3.3. A JSON value that is no text arrives as something no scope may contain.
    pub scope: Option<String>,
    /// RFC 8707 §2.
    pub resources: Vec<String>,
    /// The lifetime asked for the access token.
    pub expires_in: Option<PresentedSeconds>,
    /// The lifetime asked for the refresh token.
    pub refresh_token_expires_in: Option<PresentedSeconds>,
}

/// The grant type and the values that only it has.
#[derive(Clone, Debug)]
pub enum GrantRequest {
    /// RFC 6749 §4.1.3.
    AuthorizationCode(AuthorizationCodeClaim),
    /// RFC 6749 §6.
    RefreshToken {
        /// The token; without it: `invalid_request`, after client authentication.
        refresh_token: Option<Secret>,
    },
    /// RFC 6749 §4.4.2.
    ClientCredentials,
    /// Any other, `password` included.
    Unsupported,
}

/// A code and what proves that it may be redeemed.
#[derive(Clone, Debug)]
pub struct AuthorizationCodeClaim {
    /// The code; without it: `invalid_request`, after client authentication.
    pub code: Option<Secret>,
    /// The redirect URI of the authorization request, again.
    pub redirect_uri: Option<String>,
    /// RFC 7636 §4.5, not yet parsed: a malformed one counts as wrong.
    pub code_verifier: Option<Secret>,
}

impl TokenRequest {
    /// Reads a body. The refusal is an `invalid_request`.
    pub fn parse(format: BodyFormat, body: &[u8]) -> Result<Self, ParametersRefused> {
        let mut presented = Parameters::read(format, body, &NAMES)?;
        let grant_type = presented.require("grant_type")?;
        Ok(Self {
            grant: GrantRequest::take(&grant_type, &mut presented),
            credentials: BodyCredentials::take(&mut presented),
            scope: presented.take("scope"),
            resources: presented.take_all("resource"),
            expires_in: presented.take_seconds("expires_in"),
            refresh_token_expires_in: presented.take_seconds("refresh_token_expires_in"),
        })
    }

    /// The grant type; none if it is not supported.
    pub fn grant_type(&self) -> Option<GrantType> {
        match self.grant {
            GrantRequest::AuthorizationCode(_) => Some(GrantType::AuthorizationCode),
            GrantRequest::RefreshToken { .. } => Some(GrantType::RefreshToken),
            GrantRequest::ClientCredentials => Some(GrantType::ClientCredentials),
            GrantRequest::Unsupported => None,
        }
    }
}

impl GrantRequest {
    fn take(grant_type: &str, presented: &mut Parameters) -> Self {
        match GrantType::parse(grant_type) {
            Some(GrantType::AuthorizationCode) => Self::AuthorizationCode(AuthorizationCodeClaim {
                code: presented.take("code").map(Secret::new),
                redirect_uri: presented.take("redirect_uri"),
                code_verifier: presented.take("code_verifier").map(Secret::new),
            }),
            Some(GrantType::RefreshToken) => {
                let refresh_token = presented.take("refresh_token").map(Secret::new);
                Self::RefreshToken { refresh_token }
            }
            Some(GrantType::ClientCredentials) => Self::ClientCredentials,
            None => Self::Unsupported,
        }
    }
}
