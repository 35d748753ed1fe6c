//! The headers that every reply carries (ASVS V3.4), and the stricter ones of pages.

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::framing::Framing;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// What a page may load: our own stylesheet, script and pictures; nothing may frame it.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// No address of ours reaches anybody, a code in it least of all (RFC 9700 §4.2). Browsers then send
/// `Origin: null` with our own forms; `form.rs` knows.
const REFERRERS: &str = "no-referrer";

/// Marks the reply to a request that came by https.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OverHttps;

/// Sets the headers of a reply; `on_the_way` as `is_on_the_way` says of the request.
pub(crate) fn set(response: &mut Response, on_the_way: bool) {
    let https = response.extensions().get::<OverHttps>().is_some();
    let framing = response.extensions_mut().remove::<Framing>();
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static(REFERRERS));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if https {
        let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(STRICT_TRANSPORT_SECURITY, two_years);
    }
    if is_page(headers) {
        set_page_headers(headers, on_the_way);
        if framing == Some(Framing::Anywhere) {
            headers.remove(X_FRAME_OPTIONS);
        }
        let framed = framing.and_then(|framing| framing.extend(PAGE_POLICY));
        if let Some(policy) = framed {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
    } else {
        let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(nothing);
    }
}

/// Pages of the authorization chain: their forms end at a client, and they may be pop-ups of one.
pub(crate) fn is_on_the_way(path: &str) -> bool {
    ["/login", "/oauth/", "/logout"].iter().any(|prefix| path.starts_with(prefix))
}

fn is_page(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("text/html"))
}

fn set_page_headers(headers: &mut HeaderMap, on_the_way: bool) {
    let policy = if on_the_way {
        HeaderValue::from_static(PAGE_POLICY)
    } else {
        HeaderValue::from_str(&format!("{PAGE_POLICY}; form-action 'self'"))
            .expect("a policy is printable ASCII")
    };
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    let nothing = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(nothing));
    if !on_the_way {
        headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    }
}
