//! The body and headers of a call to an OAuth endpoint: form or JSON, never a query.

use std::error::Error as _;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http_body_util::LengthLimitError;
use protocol::client_authentication::Caller;
use wire::{BodyFormat, ErrorCode, OauthError};

use crate::origin::Origin;
use crate::respond;
use crate::site::Site;

/// A call as presented.
pub(crate) struct Presented {
    pub(crate) origin: Origin,
    pub(crate) caller: Caller,
    pub(crate) format: BodyFormat,
    pub(crate) body: Bytes,
}

impl FromRequest<Site> for Presented {
    type Rejection = Response;

    /// In the order of the Zendesk wire (§6.7): query, then type, then size.
    async fn from_request(request: Request<Body>, site: &Site) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        let origin = parts.extensions.get::<Origin>().cloned();
        let origin = origin.ok_or_else(|| StatusCode::NOT_FOUND.into_response())?;
        if parts.uri.query().is_some_and(|query| !query.is_empty()) {
            return Err(refuse(
                StatusCode::BAD_REQUEST,
                "parameters belong in the body, not the query",
            ));
        }
        let format = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(BodyFormat::of)
            .ok_or_else(|| {
                let reason =
                    "the body must be application/x-www-form-urlencoded or application/json";
                refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason)
            })?;
        let authorization = parts.headers.get_all(AUTHORIZATION).iter();
        let caller = Caller {
            authorization: authorization.map(|value| value.as_bytes().to_vec()).collect(),
            source: origin.source,
        };
        let body = read(body, site.ctx().policy.oauth_body_limit).await?;
        Ok(Self { origin, caller, format, body })
    }
}

async fn read(body: Body, limit: usize) -> Result<Bytes, Response> {
    axum::body::to_bytes(body, limit).await.map_err(|error| {
        if matches!(error.source(), Some(cause) if cause.is::<LengthLimitError>()) {
            refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large")
        } else {
            refuse(StatusCode::BAD_REQUEST, "the body broke off, or did not arrive in time")
        }
    })
}

fn refuse(status: StatusCode, reason: &'static str) -> Response {
    let error = OauthError::new(ErrorCode::InvalidRequest, reason);
    respond::oauth_status(status, &error)
}
