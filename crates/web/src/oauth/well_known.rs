//! The well-known documents, at an account's issuer only: metadata (OpenID Connect Discovery, RFC 8414)
//! and keys (RFC 7517). An issuer has no path, so each stands at the root.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH};
use http::{HeaderValue, StatusCode};
use protocol::documents;
use store::{Document, Fault};
use wire::{Jwks, ServerMetadata};

use crate::origin::Origin;
use crate::respond;
use crate::site::Site;

/// `GET /.well-known/openid-configuration`.
#[utoipa::path(get, path = "/.well-known/openid-configuration", tag = "Metadata",
    responses((status = 200, description = "The metadata", body = ServerMetadata)))]
pub(crate) async fn provider_metadata(
    site: State<Site>,
    origin: Origin,
    headers: HeaderMap,
) -> Response {
    server_metadata(site, origin, headers).await
}

/// `GET /.well-known/oauth-authorization-server`.
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", tag = "Metadata",
    responses((status = 200, description = "The same metadata", body = ServerMetadata)))]
pub(crate) async fn server_metadata(
    State(site): State<Site>,
    origin: Origin,
    headers: HeaderMap,
) -> Response {
    let document = documents::metadata(site.ctx(), origin.account.id).await;
    serve(&site, &origin, &headers, document)
}

/// `GET /.well-known/jwks.json`.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "Metadata",
    responses((status = 200, description = "The keys", body = Jwks)))]
pub(crate) async fn jwks(State(site): State<Site>, origin: Origin, headers: HeaderMap) -> Response {
    let document = documents::jwks(site.ctx(), origin.account.id).await;
    serve(&site, &origin, &headers, document)
}

fn serve(
    site: &Site,
    origin: &Origin,
    headers: &HeaderMap,
    document: Result<Option<Arc<Document>>, Fault>,
) -> Response {
    if !origin.is_issuer() {
        return respond::not_found(origin);
    }
    let document = match document {
        Ok(Some(document)) => document,
        Ok(None) => return respond::not_found(origin),
        Err(fault) => return respond::fault(&fault),
    };
    let etag = HeaderValue::from_maybe_shared(document.etag.clone());
    let reply_headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8")),
        (CACHE_CONTROL, site.document_caching().clone()),
        (ETAG, etag.expect("hexadecimal digits make a header")),
    ];
    if is_known(headers, &document.etag) {
        return (StatusCode::NOT_MODIFIED, reply_headers).into_response();
    }
    (reply_headers, document.body.clone()).into_response()
}

/// Whether the caller has this version (RFC 9110 §13.1.2, compared weakly as a GET is).
fn is_known(headers: &HeaderMap, etag: &[u8]) -> bool {
    let sent = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = sent.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_known_by_any_of_its_tags() {
        for (sent, known) in [
            (&["\"a\""][..], true),
            (&["W/\"a\""], true),
            (&["\"b\", \"a\""], true),
            (&["\"b\"", "\"a\""], true),
            (&["*"], true),
            (&["\"b\""], false),
            (&["a"], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in sent {
                headers.append(IF_NONE_MATCH, HeaderValue::from_static(value));
            }
            assert_eq!(is_known(&headers, b"\"a\""), known, "{sent:?}");
        }
    }
}
