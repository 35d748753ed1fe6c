//! `/oauth/register` (RFC 7591 §3) and `/oauth/register/{client_id}` (RFC 7592 §2): clients make themselves and
//! look after themselves. JSON only; tokens come in the header.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{RegistrationRequest, Secret};
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue, StatusCode};
use protocol::client_registration::{self, RegistrationRefused};
use wire::{
    BearerToken, BodyFormat, ClientInformation, ErrorCode, OauthError, registration_request,
};

use super::Presented;
use crate::openapi::{ClientInformationReply, ClientRegistrationBody, RegistrationRefusals};
use crate::origin::Origin;
use crate::respond;
use crate::segment::Segment;
use crate::site::Site;

/// Registers a client.
#[utoipa::path(post, path = "/oauth/register", tag = "OAuth", request_body = ClientRegistrationBody,
    responses((status = 201, description = "The client, with what is told of it once", body = ClientInformationReply), RegistrationRefusals))]
pub(crate) async fn register(
    State(site): State<Site>,
    headers: HeaderMap,
    presented: Presented,
) -> Response {
    let (origin, token, request) = match read(&headers, presented) {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let account = origin.account.clone();
    let registered = site
        .complete(move |ctx| async move {
            let by = (token.as_ref().map(Secret::expose), origin.source);
            client_registration::register(&ctx, &origin.account, by, &request).await
        })
        .await;
    match registered {
        Ok(it) => {
            let token = &it.registration_access_token;
            let told = ClientInformation::new(&it.client, account.issuer(), token);
            let told = match &it.secret {
                Some(secret) => told.with_secret(secret),
                None => told,
            };
            respond::json(StatusCode::CREATED, &told)
        }
        Err(failure) => respond::oauth_failure(failure, |it| refused(&it)),
    }
}

/// Shows a client its registration.
#[utoipa::path(get, path = "/oauth/register/{client_id}", tag = "OAuth",
    params(("client_id" = String, Path, description = "The identifier of the client")),
    responses((status = 200, description = "The client, without its secret", body = ClientInformationReply), RegistrationRefusals))]
pub(crate) async fn show(
    State(site): State<Site>,
    origin: Origin,
    Segment(client_id): Segment,
    headers: HeaderMap,
) -> Response {
    let token = match bearer(&headers) {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    let by = (client_id.as_str(), token.as_ref().map(Secret::expose));
    let shown = client_registration::show(site.ctx(), &origin.account, by).await;
    match (shown, &token) {
        (Ok(client), Some(token)) => {
            let told = ClientInformation::new(&client, origin.account.issuer(), token);
            respond::json(StatusCode::OK, &told)
        }
        (Ok(_), None) => respond::bearer_wanted(),
        (Err(failure), _) => respond::oauth_failure(failure, |it| refused(&it)),
    }
}

/// Replaces a registration: what is not sent becomes a default.
#[utoipa::path(put, path = "/oauth/register/{client_id}", tag = "OAuth", request_body = ClientRegistrationBody,
    params(("client_id" = String, Path, description = "The identifier of the client")),
    responses((status = 200, description = "The client, without its secret", body = ClientInformationReply), RegistrationRefusals))]
pub(crate) async fn update(
    State(site): State<Site>,
    Segment(client_id): Segment,
    headers: HeaderMap,
    presented: Presented,
) -> Response {
    let (origin, token, request) = match read(&headers, presented) {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let Some(token) = token else { return respond::bearer_wanted() };
    let (account, echoed) = (origin.account.clone(), token.clone());
    let updated = site
        .complete(move |ctx| async move {
            let by = (client_id.as_str(), Some(token.expose()));
            client_registration::update(&ctx, &origin.account, by, &request).await
        })
        .await;
    match updated {
        Ok(client) => {
            let told = ClientInformation::new(&client, account.issuer(), &echoed);
            respond::json(StatusCode::OK, &told)
        }
        Err(failure) => respond::oauth_failure(failure, |it| refused(&it)),
    }
}

/// Deletes a client, and all that was issued to it.
#[utoipa::path(delete, path = "/oauth/register/{client_id}", tag = "OAuth",
    params(("client_id" = String, Path, description = "The identifier of the client")),
    responses((status = 204, description = "It is deleted"), RegistrationRefusals))]
pub(crate) async fn delete(
    State(site): State<Site>,
    origin: Origin,
    Segment(client_id): Segment,
    headers: HeaderMap,
) -> Response {
    let token = match bearer(&headers) {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    let deleted = site
        .complete(move |ctx| async move {
            let by = (client_id.as_str(), token.as_ref().map(Secret::expose));
            client_registration::delete(&ctx, &origin.account, by).await
        })
        .await;
    match deleted {
        Ok(()) => (StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response(),
        Err(failure) => respond::oauth_failure(failure, |it| refused(&it)),
    }
}

/// The token that was brought, and the request.
fn read(
    headers: &HeaderMap,
    presented: Presented,
) -> Result<(Origin, Option<Secret>, RegistrationRequest), Response> {
    let token = bearer(headers)?;
    if presented.format != BodyFormat::Json {
        let text = "the body must be application/json";
        let error = OauthError::new(ErrorCode::InvalidClientMetadata, text);
        return Err(respond::oauth_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, &error));
    }
    let request = registration_request(&presented.body).map_err(|broken| {
        let error = OauthError::new(ErrorCode::InvalidClientMetadata, broken.to_string());
        respond::oauth_error(&error)
    })?;
    Ok((presented.origin, token, request))
}

fn bearer(headers: &HeaderMap) -> Result<Option<Secret>, Response> {
    let authorization = headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    BearerToken::default().read(authorization).map_err(|refused| {
        let error = OauthError::new(ErrorCode::InvalidRequest, refused.to_string());
        respond::bearer_error(&error)
    })
}

fn refused(refused: &RegistrationRefused) -> Response {
    let error = refused.error();
    match refused {
        RegistrationRefused::TokenMissing => respond::bearer_wanted(),
        RegistrationRefused::TokenInvalid => respond::bearer_error(&error),
        RegistrationRefused::Throttled(throttled) => respond::throttled(throttled.0, &error),
        RegistrationRefused::Off | RegistrationRefused::Forbidden | RegistrationRefused::Full => {
            respond::oauth_status(StatusCode::FORBIDDEN, &error)
        }
        _ => respond::oauth_error(&error),
    }
}
