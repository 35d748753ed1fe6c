//! Forms of our own pages: read, and proven to come from them (CSRF).

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, StatusCode};

use crate::origin::Origin;
use crate::pages::parts::CSRF_FIELD;
use crate::site::Site;

/// The most bytes of a form.
const FORM_LIMIT: usize = 64 * 1024;

/// The fields of a posted form that came from a page of this site.
pub(crate) struct SameSiteForm(Vec<(String, String)>);

impl SameSiteForm {
    /// The value of a field; empty if it is absent.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field that may be there several times.
    pub(crate) fn every(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether the form brought back the token of this purpose and cookie.
    pub(crate) fn is_ours(&self, site: &Site, purpose: &str, cookie: Option<&str>) -> bool {
        cookie.is_some_and(|cookie| {
            site.ctx().keyring.form_token_fits(purpose, cookie, self.field(CSRF_FIELD))
        })
    }
}

impl FromRequest<Site> for SameSiteForm {
    type Rejection = StatusCode;

    async fn from_request(request: Request<Body>, site: &Site) -> Result<Self, Self::Rejection> {
        let headers = request.headers();
        let origin = request.extensions().get::<Origin>().ok_or(StatusCode::NOT_FOUND)?;
        if !is_form(headers) || !is_same_site(headers, origin) {
            return Err(StatusCode::FORBIDDEN);
        }
        let body = Bytes::from_request(request, site).await.map_err(|refused| refused.status())?;
        if body.len() > FORM_LIMIT {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        Ok(Self(form_urlencoded::parse(&body).into_owned().collect()))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Browsers say where a request comes from: `Sec-Fetch-Site` by all of today's, `Origin` by older ones.
/// What says neither is no browser and brings no cookie of a victim.
fn is_same_site(headers: &HeaderMap, origin: &Origin) -> bool {
    let text = |value: &http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    if let Some(site) = headers.get("sec-fetch-site").map(text) {
        return site == "same-origin" || site == "none";
    }
    headers.get(ORIGIN).map(text).is_none_or(|sent| sent == origin.base_url.as_str())
}
