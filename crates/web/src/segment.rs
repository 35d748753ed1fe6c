//! A segment of a path, as our error language has it: what cannot be read is not there.

use axum::extract::{FromRequestParts, Path};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::origin::Origin;
use crate::respond;

/// The only variable segment of a path.
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(segment)) => Ok(Self(segment)),
            Err(_) => Err(match parts.extensions.get::<Origin>() {
                Some(origin) => respond::not_found(origin),
                None => StatusCode::NOT_FOUND.into_response(),
            }),
        }
    }
}
