//! `POST /oauth/tokens/introspect` (RFC 7662).

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use protocol::client_authentication::ClientRefused;
use protocol::introspection::{self, TokenQueryRefused};
use wire::{IntrospectionRequest, OauthError};

use super::Presented;
use crate::openapi::{IntrospectionReply, OauthRefusals, TokenQueryForm};
use crate::respond;
use crate::site::Site;

/// Says whether a token is good. It reads only, so it needs no task of its own.
#[utoipa::path(post, path = "/oauth/tokens/introspect", tag = "OAuth",
    request_body(content((TokenQueryForm = "application/x-www-form-urlencoded"), (TokenQueryForm = "application/json"))),
    responses((status = 200, description = "What is known of it", body = IntrospectionReply), OauthRefusals))]
pub(crate) async fn introspect(State(site): State<Site>, presented: Presented) -> Response {
    let Presented { origin, caller, format, body } = presented;
    let request = match IntrospectionRequest::parse(format, &body) {
        Ok(request) => request,
        Err(refused) => return respond::oauth_error(&OauthError::from(refused)),
    };
    match introspection::introspect(site.ctx(), &origin.account, &caller, request).await {
        Ok(reply) => respond::json(StatusCode::OK, &reply),
        Err(failure) => respond::oauth_failure(failure, refused),
    }
}

/// A refusal of a question about a token; also at revocation.
pub(super) fn refused(refused: TokenQueryRefused) -> Response {
    match refused {
        TokenQueryRefused::Client(ClientRefused::Throttled(throttled)) => {
            respond::throttled(throttled.0, &refused.error())
        }
        _ => respond::oauth_error(&refused.error()),
    }
}
