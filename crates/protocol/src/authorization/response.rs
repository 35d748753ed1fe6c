//! The authorization response: a redirect to the proven URI (RFC 6749 §4.1.2, RFC 9207).

use domain::{Account, Secret};
use wire::{AuthorizationResponse, ErrorCode, OauthError};

use super::proof::ProvenRequest;

/// Why a proven request is answered by an error at the client (RFC 6749 §4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectRefused {
    /// No `response_type`.
    #[error("response_type is missing")]
    ResponseTypeMissing,
    /// Anything but `code`.
    #[error("only response_type=code is supported")]
    ResponseTypeUnsupported,
    /// A response mode that is not built.
    #[error("this response_mode is not supported")]
    ResponseModeUnsupported,
    /// RFC 9101 is not built.
    #[error("request objects are not supported")]
    RequestObject,
    /// RFC 9101 is not built.
    #[error("request_uri is not supported")]
    RequestUri,
    /// Registration in the request is not built.
    #[error("registration is not supported")]
    Registration,
    /// A value of `prompt` that is unknown, or `none` with others.
    #[error("prompt has an unknown value, or none beside another")]
    PromptInvalid,
    /// Not of the form of OpenID Connect Core 1.0 §5.5, or too large.
    #[error("claims is not a JSON object of the form that OpenID Connect gives it, or too large")]
    ClaimsInvalid,
    /// Not a whole number of seconds.
    #[error("max_age is not a whole number of seconds")]
    MaxAgeInvalid,
    /// The client must use PKCE.
    #[error("code_challenge is required")]
    ChallengeMissing,
    /// The challenge or its method is not acceptable.
    #[error("code_challenge must be 43 characters of base64url with code_challenge_method=S256")]
    ChallengeInvalid,
    /// The scope is malformed, unknown, or beyond what the client may ask for.
    #[error("the scope is malformed, unknown, or beyond what this client may ask for")]
    ScopeInvalid,
    /// No scope, and nothing to take instead (RFC 6749 §3.3).
    #[error("no scope was asked for, and this account has no default scopes")]
    ScopeMissing,
    /// The resource is unknown (RFC 8707 §2).
    #[error("the resource is unknown")]
    ResourceUnknown,
    /// The client may not use authorization codes.
    #[error("this client may not use the authorization_code grant")]
    GrantTypeNotAllowed,
    /// The user pressed Deny.
    #[error("the user denied the request")]
    AccessDenied,
    /// Nobody is signed in and nothing may be shown.
    #[error("the user is not signed in")]
    LoginRequired,
    /// Consent is due and nothing may be shown.
    #[error("the user has not consented")]
    ConsentRequired,
}

impl RedirectRefused {
    fn code(self) -> ErrorCode {
        match self {
            Self::ResponseTypeUnsupported => ErrorCode::UnsupportedResponseType,
            Self::RequestObject => ErrorCode::RequestNotSupported,
            Self::RequestUri => ErrorCode::RequestUriNotSupported,
            Self::Registration => ErrorCode::RegistrationNotSupported,
            Self::ScopeInvalid | Self::ScopeMissing => ErrorCode::InvalidScope,
            Self::ResourceUnknown => ErrorCode::InvalidTarget,
            Self::GrantTypeNotAllowed => ErrorCode::UnauthorizedClient,
            Self::AccessDenied => ErrorCode::AccessDenied,
            Self::LoginRequired => ErrorCode::LoginRequired,
            Self::ConsentRequired => ErrorCode::ConsentRequired,
            Self::ResponseTypeMissing
            | Self::ResponseModeUnsupported
            | Self::PromptInvalid
            | Self::ClaimsInvalid
            | Self::MaxAgeInvalid
            | Self::ChallengeMissing
            | Self::ChallengeInvalid => ErrorCode::InvalidRequest,
        }
    }
}

/// The client's redirect URI with a code.
pub(super) fn code(account: &Account, proven: &ProvenRequest, code: &Secret) -> String {
    in_query(&proven.redirect_uri, &response(account, proven, Ok(code.clone())))
}

/// The client's redirect URI with an error: in the fragment if tokens were asked for there.
pub(super) fn error(account: &Account, proven: &ProvenRequest, refused: RedirectRefused) -> String {
    let error = OauthError::new(refused.code(), refused.to_string());
    let response = response(account, proven, Err(error));
    if asked_for_fragment(proven) {
        return format!("{}#{}", proven.redirect_uri, response.to_query());
    }
    in_query(&proven.redirect_uri, &response)
}

fn response(
    account: &Account,
    proven: &ProvenRequest,
    outcome: Result<Secret, OauthError>,
) -> AuthorizationResponse {
    let state = proven.parameters.state.clone();
    AuthorizationResponse { outcome, state, iss: account.issuer().as_str().to_owned() }
}

/// A query that the URI has already is kept and extended (RFC 6749 §3.1.2).
fn in_query(redirect_uri: &str, response: &AuthorizationResponse) -> String {
    let joint = match redirect_uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{redirect_uri}{joint}{}", response.to_query())
}

fn asked_for_fragment(proven: &ProvenRequest) -> bool {
    let response_type = proven.parameters.response_type.as_deref().unwrap_or_default();
    response_type.split(' ').any(|part| part == "token" || part == "id_token")
}
