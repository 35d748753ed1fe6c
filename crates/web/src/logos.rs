//! `/logos/{id}-{hash}.png`: clients' logos, for everybody and for good. Each was drawn by this program;
//! still a browser is told to take it for a picture and nothing else.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{Client, ClientId, LogoHash};
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use store::Fault;

use crate::origin::Origin;
use crate::respond;
use crate::segment::Segment;
use crate::site::Site;

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Shows a logo. A picture that was replaced is at no address any more.
pub(crate) async fn show(
    State(site): State<Site>,
    origin: Origin,
    headers: HeaderMap,
    Segment(file): Segment,
) -> Response {
    match logo(&site, &origin, &file).await {
        Ok(Some((client, hash))) => {
            let etag = etag(&file);
            if headers.get(IF_NONE_MATCH) == Some(&etag) {
                return (StatusCode::NOT_MODIFIED, reply_headers(etag)).into_response();
            }
            picture(&site, &origin, (&client, &hash), etag).await
        }
        Ok(None) => respond::not_found(&origin),
        Err(fault) => respond::fault(&fault),
    }
}

/// The client whose logo is at this address, from memory.
async fn logo(
    site: &Site,
    origin: &Origin,
    file: &str,
) -> Result<Option<(std::sync::Arc<Client>, LogoHash)>, Fault> {
    let id = file.split_once('-').and_then(|(id, _)| id.parse().ok());
    let Some(id) = id.map(ClientId::new) else { return Ok(None) };
    let cache = site.ctx().store.cache();
    let Some(client) = cache.client_by_id(origin.account.id, id).await? else { return Ok(None) };
    let is_here = |logo: &LogoHash| logo.path(id).strip_prefix("/logos/") == Some(file);
    let logo = client.logo.filter(is_here);
    Ok(logo.map(|logo| (client, logo)))
}

async fn picture(
    site: &Site,
    origin: &Origin,
    (client, hash): (&Client, &LogoHash),
    etag: HeaderValue,
) -> Response {
    let store = &site.ctx().store;
    match store::client_logos::show(store, client.account_id, client.id, hash).await {
        Ok(Some(png)) => (reply_headers(etag), png).into_response(),
        Ok(None) => respond::not_found(origin),
        Err(fault) => respond::fault(&fault),
    }
}

/// The name of the file changes with the picture.
fn etag(file: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{file}\"")).expect("the address of a logo is ASCII")
}

fn reply_headers(etag: HeaderValue) -> [(HeaderName, HeaderValue); 6] {
    let fixed = HeaderValue::from_static;
    let policy = "default-src 'none'; sandbox; frame-ancestors 'none'";
    [
        (CONTENT_TYPE, fixed("image/png")),
        (CACHE_CONTROL, fixed("public, max-age=31536000, immutable")),
        (ETAG, etag),
        (CONTENT_SECURITY_POLICY, fixed(policy)),
        (CONTENT_DISPOSITION, fixed("inline; filename=\"logo.png\"")),
        (RESOURCE_POLICY, fixed("cross-origin")),
    ]
}
