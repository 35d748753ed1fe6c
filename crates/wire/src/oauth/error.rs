//! OAuth errors: the codes, their statuses and the JSON body (RFC 6749 §5.2).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::CredentialsRefused;
use crate::ParametersRefused;

/// An error code of OAuth 2.0, OpenID Connect or an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ErrorCode {
    /// RFC 6749 §4.1.2.1, §5.2: a parameter is missing, repeated, malformed or in conflict.
    InvalidRequest,
    /// RFC 6749 §5.2: the client did not authenticate.
    InvalidClient,
    /// RFC 6749 §5.2: the code or refresh token is not good, or not this client's.
    InvalidGrant,
    /// RFC 6749 §5.2: the client may not use this grant type.
    UnauthorizedClient,
    /// RFC 6749 §5.2.
    UnsupportedGrantType,
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType,
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidScope,
    /// RFC 6749 §4.1.2.1: the user, or the server for him, said no.
    AccessDenied,
    /// RFC 6749 §4.1.2.1: the fault is ours.
    ServerError,
    /// RFC 6749 §4.1.2.1: the fault is ours and passes.
    TemporarilyUnavailable,
    /// RFC 6750 §3.1: the access token is not good.
    InvalidToken,
    /// RFC 6750 §3.1: the access token does not allow this.
    InsufficientScope,
    /// RFC 7009 §2.2.1.
    UnsupportedTokenType,
    /// RFC 8707 §2: an unknown resource.
    InvalidTarget,
    /// OpenID Connect Core §3.1.2.6: a page is needed, but `prompt=none`.
    InteractionRequired,
    /// OpenID Connect Core §3.1.2.6: a sign-in is needed, but `prompt=none`.
    LoginRequired,
    /// OpenID Connect Core §3.1.2.6: the choice of a session is needed, but `prompt=none`.
    AccountSelectionRequired,
    /// OpenID Connect Core §3.1.2.6: consent is needed, but `prompt=none`.
    ConsentRequired,
    /// OpenID Connect Core §3.1.2.6, RFC 9101 §7.
    InvalidRequestUri,
    /// OpenID Connect Core §3.1.2.6, RFC 9101 §7.
    InvalidRequestObject,
    /// OpenID Connect Core §3.1.2.6.
    RequestNotSupported,
    /// OpenID Connect Core §3.1.2.6.
    RequestUriNotSupported,
    /// OpenID Connect Core §3.1.2.6.
    RegistrationNotSupported,
    /// OpenID Connect Unmet Authentication Requirements §2: an essential `acr` is not met.
    UnmetAuthenticationRequirements,
    /// RFC 7591 §3.2.2: a redirect URI may not be registered.
    InvalidRedirectUri,
    /// RFC 7591 §3.2.2: something else may not be registered.
    InvalidClientMetadata,
    /// RFC 7591 §3.2.2: the software statement is none.
    InvalidSoftwareStatement,
    /// RFC 7591 §3.2.2: the software statement is of nobody who is believed.
    UnapprovedSoftwareStatement,
}

impl ErrorCode {
    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidTarget => "invalid_target",
            Self::InteractionRequired => "interaction_required",
            Self::LoginRequired => "login_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::ConsentRequired => "consent_required",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidSoftwareStatement => "invalid_software_statement",
            Self::UnapprovedSoftwareStatement => "unapproved_software_statement",
        }
    }

    /// The HTTP status of a JSON reply with this code (RFC 6749 §5.2, RFC 6750 §3.1).
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken => 401,
            Self::InsufficientScope => 403,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

/// An error and a reason that helps (RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OauthError {
    /// What software reads.
    pub error: ErrorCode,
    /// What a developer reads; only characters that RFC 6749 §5.2 allows.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub error_description: Cow<'static, str>,
}

impl OauthError {
    /// The error with its reason. Characters that RFC 6749 §5.2 does not allow become `?`.
    pub fn new(error: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        let mut error_description = description.into();
        if !error_description.chars().all(is_describing) {
            let replaced = |c| if is_describing(c) { c } else { '?' };
            error_description = error_description.chars().map(replaced).collect::<String>().into();
        }
        Self { error, error_description }
    }
}

/// `%x20-21 / %x23-5B / %x5D-7E`: printable ASCII without quotation mark and backslash.
fn is_describing(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\')
}

impl From<ParametersRefused> for OauthError {
    fn from(refused: ParametersRefused) -> Self {
        Self::new(ErrorCode::InvalidRequest, refused.to_string())
    }
}

impl From<CredentialsRefused> for OauthError {
    fn from(refused: CredentialsRefused) -> Self {
        Self::new(refused.error_code(), refused.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorCode, OauthError};

    #[test]
    fn a_description_holds_allowed_characters_only() {
        let error = OauthError::new(ErrorCode::InvalidScope, "a \"b\"\\ \u{e9}\r\n~!");
        assert_eq!(error.error_description, "a ?b?? ???~!");
    }

    #[test]
    fn serde_and_as_str_agree() {
        for code in [
            ErrorCode::InvalidRequest,
            ErrorCode::InvalidRequestUri,
            ErrorCode::UnmetAuthenticationRequirements,
            ErrorCode::RequestUriNotSupported,
            ErrorCode::AccountSelectionRequired,
            ErrorCode::InvalidRedirectUri,
            ErrorCode::UnapprovedSoftwareStatement,
        ] {
            let json = serde_json::to_string(&code).expect("a unit variant is a string");
            assert_eq!(json, format!("\"{}\"", code.as_str()));
        }
    }
}
