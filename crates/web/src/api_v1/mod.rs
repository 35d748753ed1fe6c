//! Our own administration API: what Zendesk's does not have. Its contents page.

use utoipa::OpenApi;

use crate::api::Routes;

/// Every path below `/api/v1`.
pub(crate) fn routes() -> Routes {
    Routes::below("/api/v1")
}

/// The same for the OpenAPI document.
#[derive(OpenApi)]
#[openapi()]
pub(crate) struct Document;
