//! `/docs/errors/{code}`: what an error code means and what to do.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;

use super::Visitor;
use crate::pages::{self, ErrorArticlePage};
use crate::respond;

/// Shows the article of a code.
pub(crate) async fn show(visitor: Visitor, Path(code): Path<String>) -> Response {
    match ErrorArticlePage::new(visitor.bare_layout(), &code) {
        Some(page) => pages::respond(StatusCode::OK, &page),
        None => respond::not_found(&visitor.origin),
    }
}
