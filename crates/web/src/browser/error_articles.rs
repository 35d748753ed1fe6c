//! `/docs/errors/{code}`: what an error code means and what to do.

use axum::response::Response;
use http::StatusCode;

use super::Visitor;
use crate::pages::{self, ErrorArticlePage};
use crate::respond;
use crate::segment::Segment;

/// Shows the article of a code.
pub(crate) async fn show(visitor: Visitor, Segment(code): Segment) -> Response {
    match ErrorArticlePage::new(visitor.bare_layout(), &code) {
        Some(page) => pages::respond(StatusCode::OK, &page),
        None => respond::not_found(&visitor.origin),
    }
}
