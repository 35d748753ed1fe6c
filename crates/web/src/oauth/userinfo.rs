//! `GET` and `POST /oauth/userinfo` (OpenID Connect Core 1.0 §5.3).

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use protocol::userinfo::{self, Userinfo};
use wire::{BearerToken, BodyFormat, ErrorCode, OauthError};

use crate::openapi::{BearerForm, UserinfoRefusals, UserinfoReply};
use crate::origin::Origin;
use crate::respond;
use crate::site::Site;

/// Tells who signed in, to whoever brings the access token in the header.
#[utoipa::path(get, path = "/oauth/userinfo", tag = "OAuth",
    responses((status = 200, description = "What is known of the user; a JWT for clients that asked for it",
        content((UserinfoReply = "application/json"), (String = "application/jwt"))), UserinfoRefusals))]
pub(crate) async fn show(
    State(site): State<Site>,
    origin: Origin,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    answer(&site, &origin, &headers, BearerToken { query: &query, form: &[] }).await
}

/// The same, to whoever brings it in the header or as a form.
#[utoipa::path(post, path = "/oauth/userinfo", tag = "OAuth",
    request_body(content = Option<BearerForm>, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "What is known of the user; a JWT for clients that asked for it",
        content((UserinfoReply = "application/json"), (String = "application/jwt"))), UserinfoRefusals))]
pub(crate) async fn show_posted(
    State(site): State<Site>,
    origin: Origin,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else {
        let error = OauthError::new(ErrorCode::InvalidRequest, "the body is too large");
        return respond::oauth_status(StatusCode::PAYLOAD_TOO_LARGE, &error);
    };
    let query = query.unwrap_or_default();
    let form = if is_form(&headers) { &body[..] } else { &[] };
    answer(&site, &origin, &headers, BearerToken { query: &query, form }).await
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.and_then(BodyFormat::of) == Some(BodyFormat::Form)
}

/// It reads only, so it needs no task of its own.
async fn answer(
    site: &Site,
    origin: &Origin,
    headers: &HeaderMap,
    presented: BearerToken<'_>,
) -> Response {
    let authorization = headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    let token = match presented.read(authorization) {
        Ok(Some(token)) => token,
        Ok(None) => return respond::bearer_wanted(),
        Err(refused) => {
            let error = OauthError::new(ErrorCode::InvalidRequest, refused.to_string());
            return respond::bearer_error(&error);
        }
    };
    match userinfo::show(site.ctx(), &origin.account, token.expose()).await {
        Ok(Userinfo::Plain(claims)) => respond::json(StatusCode::OK, &claims),
        Ok(Userinfo::Signed(jwt)) => respond::jwt(jwt),
        Err(failure) => {
            respond::oauth_failure(failure, |refused| respond::bearer_error(&refused.error()))
        }
    }
}
