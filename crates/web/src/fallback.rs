//! What is not there, or not with this method: told in the language of the part that was asked.

use axum::extract::Request;
use axum::response::Response;
use http::{StatusCode, Uri};
use wire::{ErrorCode, OauthError};

use crate::origin::Origin;
use crate::{api, respond};

/// No such path.
pub(crate) async fn not_found(origin: Origin, uri: Uri) -> Response {
    // A nested router does not answer at its own root with a slash.
    if matches!(uri.path(), "/api/v1/" | "/api/v2/") {
        return api::unknown_path().await;
    }
    respond::not_found(&origin)
}

/// A known path with another method; the router adds `Allow`.
pub(crate) async fn method_not_allowed(origin: Origin, request: Request) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    if request.uri().path().starts_with("/oauth/tokens") {
        let error = OauthError::new(ErrorCode::InvalidRequest, "this endpoint takes POST only");
        return respond::oauth_status(status, &error);
    }
    if request.uri().path() == "/oauth/userinfo" {
        let error = OauthError::new(ErrorCode::InvalidRequest, "this endpoint takes GET and POST");
        return respond::oauth_status(status, &error);
    }
    if request.uri().path().starts_with("/oauth/register") {
        let text = "registrations are made by POST, and looked after by GET, PUT and DELETE";
        return respond::oauth_status(status, &OauthError::new(ErrorCode::InvalidRequest, text));
    }
    respond::error_page(respond::plain_layout(&origin), status, "method_not_allowed", None)
}
