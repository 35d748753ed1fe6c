//! What a suspended account answers: that it is suspended, in the words that whoever asks understands.
//!
//! Decided by the path alone and before any route, so that a new route is refused until it is named here.

use axum::response::Response;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use wire::zendesk::{ApiCredentials, ApiError};
use wire::{ErrorCode, IntrospectionResponse, OauthError};

use crate::origin::{Origin, no_account};
use crate::{api, respond};

/// What pages are made with, and what explains them; neither is the account's.
const STILL_SERVED: [&str; 2] = ["/assets/", "/docs/errors/"];

/// What to answer in place of what was asked; none: it is not the account that answers.
pub(crate) fn refusal(origin: &Origin, parts: &Parts) -> Option<Response> {
    let path = parts.uri.path();
    if origin.account.is_active() || STILL_SERVED.iter().any(|below| path.starts_with(below)) {
        return None;
    }
    Some(match path {
        _ if path.starts_with("/api/") => api_refusal(&parts.headers),
        // Nothing is told to nobody: whatever was issued here is inactive (RFC 7662 §2.2).
        "/oauth/tokens/introspect" if parts.method == Method::POST => {
            respond::json(StatusCode::OK, &IntrospectionResponse::Inactive)
        }
        _ if path.starts_with("/oauth/tokens") => {
            let text = "the account is suspended";
            respond::oauth_error(&OauthError::new(ErrorCode::InvalidClient, text))
        }
        "/oauth/userinfo" => {
            let text = "the account is suspended";
            respond::bearer_error(&OauthError::new(ErrorCode::InvalidToken, text))
        }
        _ if path.starts_with("/oauth/register") => {
            let error = OauthError::new(ErrorCode::AccessDenied, "the account is suspended");
            respond::oauth_status(StatusCode::FORBIDDEN, &error)
        }
        // An issuer without metadata and keys is none: whoever checks JWTs by himself stops too.
        _ if path.starts_with("/.well-known/") => no_account(),
        _ => {
            let layout = respond::plain_layout(origin);
            respond::error_page(layout, StatusCode::FORBIDDEN, "account_suspended", None)
        }
    })
}

/// Zendesk wire §1.4: nobody is authenticated here, whatever he presents.
fn api_refusal(headers: &HeaderMap) -> Response {
    let headers = headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    api::refused(match ApiCredentials::read(headers) {
        ApiCredentials::Bearer(_) => ApiError::InvalidToken,
        _ => ApiError::NotAuthenticated,
    })
}
