//! Our own administration API: what Zendesk's does not have. Its contents page.

mod logos;

use utoipa::OpenApi;

use crate::api::{Routes, put};

/// Every path below `/api/v1`.
pub(crate) fn routes() -> Routes {
    Routes::below("/api/v1").at("/clients/{id}/logo", put(logos::update).delete(logos::delete))
}

/// The same for the OpenAPI document.
#[derive(OpenApi)]
#[openapi(paths(logos::update, logos::delete))]
pub(crate) struct Document;
