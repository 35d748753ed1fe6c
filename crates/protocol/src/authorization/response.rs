//! The authorization response: to the proven URI, by redirect or by a posted form (RFC 6749 §4.1.2,
//! RFC 9207, OAuth 2.0 Form Post Response Mode).

use domain::{Account, Secret, Session};
use wire::{AuthorizationResponse, ErrorCode, OauthError};

use super::proof::ProvenRequest;
use super::request_object::ObjectRefused;
use crate::context::Context;
use crate::session_management;

/// Why a proven request is answered by an error at the client (RFC 6749 §4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectRefused {
    /// No `response_type`.
    #[error("response_type is missing")]
    ResponseTypeMissing,
    /// Anything but `code`.
    #[error("only response_type=code is supported")]
    ResponseTypeUnsupported,
    /// A response mode that is not built, or that this redirect URI cannot take.
    #[error("this response_mode is not supported, or not by this redirect_uri")]
    ResponseModeUnsupported,
    /// The request object is not followed (RFC 9101 §6).
    #[error(transparent)]
    RequestObject(#[from] ObjectRefused),
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
    /// Not an ID token that this client got from us.
    #[error("id_token_hint is no ID token that was issued to this client")]
    HintInvalid,
    /// Nobody can sign in as the client insists on.
    #[error("no sign-in here has the acr that the request calls essential")]
    AcrUnmet,
    /// Nobody is signed in and nothing may be shown, or somebody else than the request is about.
    #[error("the user whom the request is about is not signed in, or not recently enough")]
    LoginRequired,
    /// Consent is due and nothing may be shown.
    #[error("the user has not consented")]
    ConsentRequired,
}

impl RedirectRefused {
    fn code(self) -> ErrorCode {
        match self {
            Self::ResponseTypeUnsupported => ErrorCode::UnsupportedResponseType,
            Self::RequestObject(refused) => refused.code(),
            Self::Registration => ErrorCode::RegistrationNotSupported,
            Self::ScopeInvalid | Self::ScopeMissing => ErrorCode::InvalidScope,
            Self::ResourceUnknown => ErrorCode::InvalidTarget,
            Self::GrantTypeNotAllowed => ErrorCode::UnauthorizedClient,
            Self::AccessDenied => ErrorCode::AccessDenied,
            Self::AcrUnmet => ErrorCode::UnmetAuthenticationRequirements,
            Self::LoginRequired => ErrorCode::LoginRequired,
            Self::ConsentRequired => ErrorCode::ConsentRequired,
            Self::ResponseTypeMissing
            | Self::ResponseModeUnsupported
            | Self::PromptInvalid
            | Self::ClaimsInvalid
            | Self::MaxAgeInvalid
            | Self::HintInvalid
            | Self::ChallengeMissing
            | Self::ChallengeInvalid => ErrorCode::InvalidRequest,
        }
    }
}

/// How the answer gets to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// In the address: the browser goes there.
    Redirect(String),
    /// In a form that the browser posts.
    FormPost(PostedResponse),
}

/// An answer that the browser posts to the client (OAuth 2.0 Form Post Response Mode §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedResponse {
    /// Where to: the proven redirect URI.
    pub redirect_uri: String,
    /// Its host.
    pub redirect_host: String,
    /// What: the fields in order.
    pub fields: Vec<(&'static str, String)>,
}

/// Where in the answer its parameters stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseMode {
    /// The default for codes.
    Query,
    /// For errors only, where the request asked for tokens in the fragment.
    Fragment,
    /// A form.
    FormPost,
}

impl ResponseMode {
    /// The mode that the request asks for. Nothing can be posted but to a web server.
    pub(super) fn requested(proven: &ProvenRequest) -> Result<Self, RedirectRefused> {
        let is_web = ["https://", "http://"].iter().any(|it| proven.redirect_uri.starts_with(it));
        match proven.parameters.response_mode.as_deref() {
            None | Some("query") => Ok(Self::Query),
            Some("form_post") if is_web => Ok(Self::FormPost),
            Some(_) => Err(RedirectRefused::ResponseModeUnsupported),
        }
    }

    /// How an error is answered, whatever is wrong with the request.
    fn of_error(proven: &ProvenRequest) -> Self {
        match Self::requested(proven) {
            Ok(Self::FormPost) => Self::FormPost,
            _ if asked_for_fragment(proven) => Self::Fragment,
            _ => Self::Query,
        }
    }
}

/// The answer with a code.
pub(super) fn code(
    account: &Account,
    proven: &ProvenRequest,
    code: &Secret,
    watched: &Watched<'_>,
) -> Delivery {
    let mode = ResponseMode::requested(proven).unwrap_or(ResponseMode::Query);
    let session_state = watched.state(account, proven);
    let response =
        AuthorizationResponse { session_state, ..response(account, proven, Ok(code.clone())) };
    deliver(proven, mode, &response)
}

/// The session that the client may watch from a frame (Session Management 1.0 §2).
pub(super) struct Watched<'a> {
    pub(super) ctx: &'a Context,
    pub(super) session: &'a Session,
}

impl Watched<'_> {
    fn state(&self, account: &Account, proven: &ProvenRequest) -> Option<String> {
        let client = (proven.client.identifier.as_str(), proven.redirect_uri.as_str());
        session_management::session_state(self.ctx, account, client, self.session)
    }
}

/// The answer with an error.
pub(super) fn error(
    account: &Account,
    proven: &ProvenRequest,
    refused: RedirectRefused,
) -> Delivery {
    let error = OauthError::new(refused.code(), refused.to_string());
    deliver(proven, ResponseMode::of_error(proven), &response(account, proven, Err(error)))
}

fn deliver(
    proven: &ProvenRequest,
    mode: ResponseMode,
    response: &AuthorizationResponse,
) -> Delivery {
    let redirect_uri = &proven.redirect_uri;
    match mode {
        ResponseMode::Query => Delivery::Redirect(in_query(redirect_uri, response)),
        ResponseMode::Fragment => {
            Delivery::Redirect(format!("{redirect_uri}#{}", response.to_query()))
        }
        ResponseMode::FormPost => {
            let owned = |(name, value): (_, &str)| (name, value.to_owned());
            Delivery::FormPost(PostedResponse {
                redirect_uri: redirect_uri.clone(),
                redirect_host: proven.redirect_host(),
                fields: response.pairs().into_iter().map(owned).collect(),
            })
        }
    }
}

fn response(
    account: &Account,
    proven: &ProvenRequest,
    outcome: Result<Secret, OauthError>,
) -> AuthorizationResponse {
    let state = proven.parameters.state.clone();
    let iss = account.issuer().as_str().to_owned();
    AuthorizationResponse { outcome, state, iss, session_state: None }
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
