//! The limit of a request's head: 431 beyond it (RFC 6585 §5), before anything reads it.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};

use crate::site::Site;

/// What separates a header's name and value, and ends its line.
const PUNCTUATION: usize = ": \r\n".len();

/// Refuses a request whose target and headers are longer than the policy allows.
pub(crate) async fn enforce(State(site): State<Site>, request: Request, next: Next) -> Response {
    let length = |(name, value): (&HeaderName, &HeaderValue)| {
        name.as_str().len() + value.len() + PUNCTUATION
    };
    let headers: usize = request.headers().iter().map(length).sum();
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if headers + target > site.ctx().policy.header_limit {
        return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
    }
    next.run(request).await
}
