//! The limit of a request's head: 431 beyond it (RFC 6585 §5), before anything reads it.

use http::request::Parts;
use http::{HeaderName, HeaderValue};

use crate::site::Site;

/// What separates a header's name and value, and ends its line.
const PUNCTUATION: usize = ": \r\n".len();

/// Whether a request's target and headers are longer than the policy allows.
pub(crate) fn is_exceeded(site: &Site, parts: &Parts) -> bool {
    let length = |(name, value): (&HeaderName, &HeaderValue)| {
        name.as_str().len() + value.len() + PUNCTUATION
    };
    let headers: usize = parts.headers.iter().map(length).sum();
    let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    headers + target > site.ctx().policy.header_limit
}
