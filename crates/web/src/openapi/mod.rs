//! `GET /openapi.json`: every JSON endpoint as an OpenAPI 3.1 document, made from the code.
//!
//! A handler says by `#[utoipa::path]` what is its own: the message it takes and the one it answers.
//! What follows from its guard and from the machinery (credentials, ids in the path, refusals) is
//! added here from the list of routes, so that it cannot be forgotten or differ.

mod completion;
mod forms;
mod refusals;
mod registration;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use utoipa::OpenApi;

pub(crate) use forms::{BearerForm, IntrospectionReply, TokenForm, TokenQueryForm, UserinfoReply};
pub(crate) use refusals::{OauthRefusals, RecordInvalid, UserinfoRefusals};
pub(crate) use registration::{
    ClientInformationReply, ClientRegistrationBody, RegistrationRefusals,
};

/// Serialised once: it changes with the program only.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| wire::to_bytes(&document()).into());

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Consentry",
        description = "OAuth 2.0 endpoints, the administration API as Zendesk's clients know it \
            (`/api/v2`), and our own (`/api/v1`). Every path of the APIs may also end with `.json`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/", description = "The account that is asked")),
    paths(
        show,
        crate::oauth::token::exchange,
        crate::oauth::introspection::introspect,
        crate::oauth::revocation::revoke,
        crate::oauth::userinfo::show,
        crate::oauth::userinfo::show_posted,
        crate::oauth::client_registration::register,
        crate::oauth::client_registration::show,
        crate::oauth::client_registration::update,
        crate::oauth::client_registration::delete,
        crate::oauth::well_known::provider_metadata,
        crate::oauth::well_known::server_metadata,
        crate::oauth::well_known::jwks,
    ),
    components(schemas(
        refusals::BadRequest,
        refusals::Described,
        refusals::Forbidden,
        RecordInvalid,
        refusals::Unauthorized,
        wire::OauthError,
    ))
)]
struct Document;

/// The whole document.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.merge(crate::api_v1::Document::openapi());
    document.merge(crate::api_v2::Document::openapi());
    completion::complete(&mut document, &crate::api_routes());
    document
}

/// Shows this document.
#[utoipa::path(get, path = "/openapi.json", tag = "Metadata",
    responses((status = 200, description = "The document", body = Object)))]
pub(crate) async fn show() -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, DOCUMENT.clone()).into_response()
}
