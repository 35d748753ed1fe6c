//! The administration API of the Zendesk wire.

use axum::Router;

use crate::site::Site;

/// Every path below `/api/v2`.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
}
