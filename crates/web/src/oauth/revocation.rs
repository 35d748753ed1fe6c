//! `POST /oauth/tokens/revoke` (RFC 7009).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use protocol::revocation;
use wire::{OauthError, RevocationRequest};

use super::{Presented, introspection};
use crate::openapi::{OauthRefusals, TokenQueryForm};
use crate::respond;
use crate::site::Site;

/// Ends a token and its family.
#[utoipa::path(post, path = "/oauth/tokens/revoke", tag = "OAuth",
    request_body(content((TokenQueryForm = "application/x-www-form-urlencoded"), (TokenQueryForm = "application/json"))),
    responses((status = 200, description = "It has ended, or was none"), OauthRefusals))]
pub(crate) async fn revoke(State(site): State<Site>, presented: Presented) -> Response {
    let Presented { origin, caller, format, body } = presented;
    let request = match RevocationRequest::parse(format, &body) {
        Ok(request) => request,
        Err(refused) => return respond::oauth_error(&OauthError::from(refused)),
    };
    let decision = site
        .complete(move |ctx| async move {
            revocation::revoke(&ctx, &origin.account, &caller, request).await
        })
        .await;
    match decision {
        // RFC 7009 §2.2: the body means nothing, so there is none.
        Ok(()) => (StatusCode::OK, [(CACHE_CONTROL, HeaderValue::from_static("no-store"))])
            .into_response(),
        Err(failure) => respond::oauth_failure(failure, introspection::refused),
    }
}
