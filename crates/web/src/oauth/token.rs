//! `POST /oauth/tokens` (RFC 6749 §3.2).

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use protocol::client_authentication::ClientRefused;
use protocol::token::{self, TokenRefused};
use wire::{OauthError, TokenRequest, TokenResponse};

use super::Presented;
use crate::openapi::{OauthRefusals, TokenForm};
use crate::respond;
use crate::site::Site;

/// Exchanges a code, a refresh token or client credentials for tokens.
#[utoipa::path(post, path = "/oauth/tokens", tag = "OAuth",
    request_body(content((TokenForm = "application/x-www-form-urlencoded"), (TokenForm = "application/json"))),
    responses((status = 200, description = "The tokens", body = TokenResponse), OauthRefusals))]
pub(crate) async fn exchange(State(site): State<Site>, presented: Presented) -> Response {
    let Presented { origin, caller, format, body } = presented;
    let request = match TokenRequest::parse(format, &body) {
        Ok(request) => request,
        Err(refused) => return respond::oauth_error(&OauthError::from(refused)),
    };
    let grant_type = token::grant_type_label(&request);
    let decision = site
        .complete(move |ctx| async move {
            token::exchange(&ctx, &origin.account, &caller, request).await
        })
        .await;
    let outcome = if decision.is_ok() { "issued" } else { "refused" };
    metrics::counter!("consentry_token_requests_total", "grant_type" => grant_type, "outcome" => outcome)
        .increment(1);
    match decision {
        Ok(tokens) => respond::json(StatusCode::OK, &tokens),
        Err(failure) => respond::oauth_failure(failure, refused),
    }
}

fn refused(refused: TokenRefused) -> Response {
    match refused {
        TokenRefused::Client(ClientRefused::Throttled(throttled)) => {
            respond::throttled(throttled.0, &refused.error())
        }
        _ => respond::oauth_error(&refused.error()),
    }
}
