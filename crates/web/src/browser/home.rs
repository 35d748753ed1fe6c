//! `/`: where somebody lands who typed the address.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::Visitor;
use crate::pages::{self, Home};
use crate::site::Site;

/// Shows what there is.
pub(crate) async fn show(State(site): State<Site>, mut visitor: Visitor) -> Response {
    let issuer = visitor.origin.account.issuer().as_str().to_owned();
    let page = Home { layout: visitor.layout(&site), issuer };
    visitor.remember(pages::respond(StatusCode::OK, &page))
}
