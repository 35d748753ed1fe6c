//! Forms of our own pages: read, and proven to come from them (CSRF).

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, HeaderName, StatusCode};

use crate::origin::Origin;
use crate::pages::parts::CSRF_FIELD;
use crate::respond;
use crate::site::Site;

/// Where a browser says that a request comes from (Fetch Metadata).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

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

    /// The fields, form-encoded.
    pub(crate) fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// Whether the form brought back the token of this purpose and cookie.
    pub(crate) fn is_ours(&self, site: &Site, purpose: &str, cookie: Option<&str>) -> bool {
        cookie.is_some_and(|cookie| {
            site.ctx().keyring.form_token_fits(purpose, cookie, self.field(CSRF_FIELD))
        })
    }
}

impl FromRequest<Site> for SameSiteForm {
    type Rejection = Response;

    async fn from_request(request: Request<Body>, site: &Site) -> Result<Self, Self::Rejection> {
        let headers = request.headers();
        let origin = request.extensions().get::<Origin>().cloned();
        let origin = origin.ok_or_else(|| StatusCode::NOT_FOUND.into_response())?;
        let refused =
            |status, code| respond::error_page(respond::plain_layout(&origin), status, code, None);
        if !is_form(headers) || !is_same_site(headers, &origin) {
            return Err(refused(StatusCode::FORBIDDEN, "forbidden"));
        }
        let too_large = || refused(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large");
        let body = Bytes::from_request(request, site).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                return too_large();
            }
            // It broke off, or did not arrive in time.
            refused(StatusCode::BAD_REQUEST, "bad_request")
        })?;
        if body.len() > FORM_LIMIT {
            return Err(too_large());
        }
        let field_limit = site.ctx().policy.form_field_limit;
        let fields: Vec<(String, String)> =
            form_urlencoded::parse(&body).into_owned().take(field_limit + 1).collect();
        // No database keeps a NUL.
        if fields.len() > field_limit || fields.iter().any(|(_, value)| value.contains('\0')) {
            return Err(refused(StatusCode::BAD_REQUEST, "bad_request"));
        }
        Ok(Self(fields))
    }
}

/// Whether a browser says that a request comes from a page of ours.
pub(crate) fn is_from_own_page(headers: &HeaderMap, origin: &Origin) -> bool {
    let says_so = headers.get(FETCH_SITE).is_some_and(|site| site == "same-origin")
        || headers.get(ORIGIN).is_some_and(|from| from == origin.base_url.as_str());
    says_so && is_same_site(headers, origin)
}

/// Whether a posted form has the field of our own forms.
pub(crate) fn carries_token(form: &str) -> bool {
    form_urlencoded::parse(form.as_bytes()).any(|(name, _)| name == CSRF_FIELD)
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Browsers say where a request comes from: `Sec-Fetch-Site` and `Origin`, older ones the latter only.
/// What says neither is no browser and brings no cookie of a victim.
fn is_same_site(headers: &HeaderMap, origin: &Origin) -> bool {
    let each_is = |name: HeaderName, allowed: &[&str]| {
        headers.get_all(name).iter().all(|value| allowed.iter().any(|it| value == it))
    };
    let own = origin.base_url.as_str();
    if headers.get(FETCH_SITE).is_some_and(|site| site == "same-origin") {
        // Our pages send no referrer, so their own forms have no origin either (Fetch §3.2).
        return each_is(FETCH_SITE, &["same-origin"]) && each_is(ORIGIN, &[own, "null"]);
    }
    each_is(FETCH_SITE, &["none"]) && each_is(ORIGIN, &[own])
}
