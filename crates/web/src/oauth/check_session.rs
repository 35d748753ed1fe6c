//! `/oauth/session` (OpenID Connect Session Management 1.0 §3.2): the frame that tells an app whether its user's
//! session is the same as before. The one page that others may frame; it shows nothing.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use protocol::session_management;

use crate::assets;
use crate::cookies::Cookie;
use crate::framing::Framing;
use crate::origin::Origin;
use crate::respond;
use crate::site::Site;

/// The frame, where it is offered. It is the same for everybody: the script looks at the cookie.
pub(crate) async fn show(State(site): State<Site>, origin: Origin) -> Response {
    if !session_management::is_offered(site.ctx(), &origin.account) {
        return respond::not_found(&origin);
    }
    let script = assets::url("check_session.js");
    let cookie = Cookie::BrowserState.name_at(&origin);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Session</title>\
         <script src=\"{script}\" data-cookie=\"{cookie}\"></script></head><body></body></html>\n"
    );
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    let mut response = (headers, html).into_response();
    response.extensions_mut().insert(Framing::Anywhere);
    response
}
