//! The well-known documents, at an account's issuer only: metadata (RFC 8414) and keys (RFC 7517).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH};
use http::{HeaderValue, StatusCode};
use protocol::metadata;
use store::Fault;
use wire::{Jwks, ServerMetadata};

use crate::origin::Origin;
use crate::respond;
use crate::site::Site;

/// How long others may keep a document; a new key is shown for longer before it signs.
const CACHING: &str = "public, max-age=300";

/// `GET /.well-known/oauth-authorization-server`.
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", tag = "Metadata",
    responses((status = 200, description = "The metadata", body = ServerMetadata)))]
pub(crate) async fn server_metadata(
    State(site): State<Site>,
    origin: Origin,
    headers: HeaderMap,
) -> Response {
    let metadata = metadata::server_metadata(site.ctx(), &origin.account).await;
    document(&origin, &headers, metadata.map(|metadata| wire::to_bytes(&metadata)))
}

/// `GET /.well-known/jwks.json`.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "Metadata",
    responses((status = 200, description = "The keys", body = Jwks)))]
pub(crate) async fn jwks(State(site): State<Site>, origin: Origin, headers: HeaderMap) -> Response {
    let jwks = protocol::jwks(site.ctx(), origin.account.id).await;
    let jwks = jwks.map(|jwks| wire::to_bytes(&jwks));
    document(&origin, &headers, jwks)
}

fn document(origin: &Origin, headers: &HeaderMap, body: Result<Vec<u8>, Fault>) -> Response {
    if !origin.is_issuer() {
        return respond::not_found(origin);
    }
    let body = match body {
        Ok(body) => body,
        Err(fault) => return respond::fault(&fault),
    };
    let etag = format!("\"{:08x}{:x}\"", crc32fast::hash(&body), body.len());
    let etag = HeaderValue::from_str(&etag).expect("hexadecimal digits make a header");
    let unchanged = headers.get(IF_NONE_MATCH) == Some(&etag);
    let reply_headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static(CACHING)),
        (ETAG, etag),
    ];
    if unchanged {
        return (StatusCode::NOT_MODIFIED, reply_headers).into_response();
    }
    (reply_headers, body).into_response()
}
