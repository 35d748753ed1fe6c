//! A call as presented. Its parts are judged when the handler asks for them, so that what comes
//! first in the order of checks is refused first (zendesk-wire §1.3, §1.5).

use std::error::Error as _;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, RawPathParams};
use domain::Id;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http_body_util::LengthLimitError;
use wire::BodyFormat;
use wire::zendesk::ApiError;

/// What a handler may ask of a call.
pub(super) struct Call {
    id: Option<String>,
    query: String,
    is_json: bool,
    body: Body,
    body_limit: usize,
}

impl Call {
    pub(super) async fn new(parts: &mut Parts, body: Body, body_limit: usize) -> Self {
        let id = presented_id(parts).await;
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Self {
            id,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            is_json: content_type.and_then(BodyFormat::of) == Some(BodyFormat::Json),
            body,
            body_limit,
        }
    }

    /// The id in the path; anything but a positive integer is the id of nothing.
    pub(super) fn id<T>(&self) -> Result<Id<T>, ApiError> {
        let id = self.id.as_deref().and_then(parse_id);
        id.map(Id::new).ok_or(ApiError::RecordNotFound)
    }

    /// The query without its question mark.
    pub(super) fn into_query(self) -> Vec<u8> {
        self.query.into_bytes()
    }

    /// The body. None at all is good, whatever type it is said to be of.
    pub(super) async fn body(self) -> Result<Bytes, ApiError> {
        match (axum::body::to_bytes(self.body, self.body_limit).await, self.is_json) {
            (Ok(body), _) if body.is_empty() => Ok(body),
            (_, false) => Err(ApiError::UnsupportedMediaType),
            (Err(error), true) => Err(unread(&error)),
            (Ok(body), true) => Ok(body),
        }
    }

    /// A body of which nothing is asked but that it can be read.
    pub(super) async fn ignore_body(self) -> Result<(), ApiError> {
        wire::read_object(&self.body().await?)?;
        Ok(())
    }
}

/// A body is too large, broke off, or did not arrive in time.
fn unread(error: &axum::Error) -> ApiError {
    if matches!(error.source(), Some(cause) if cause.is::<LengthLimitError>()) {
        ApiError::PayloadTooLarge
    } else {
        ApiError::InvalidRequest("The body broke off, or did not arrive in time.".to_owned())
    }
}

/// The suffix comes last, so only an id at the end of the path has one.
async fn presented_id(parts: &mut Parts) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let (_, id) = params.iter().next()?;
    let bare = id.strip_suffix(".json").filter(|_| parts.uri.path().ends_with(id));
    Some(bare.unwrap_or(id).to_owned())
}

fn parse_id(text: &str) -> Option<i64> {
    let id: i64 = text.parse().ok()?;
    // One spelling per id: neither `+1` nor `01`.
    (id > 0 && id.to_string() == text).then_some(id)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use axum::body::HttpBody;
    use hyper::body::Frame;

    use super::*;

    /// A body whose connection fails.
    struct Broken;

    impl HttpBody for Broken {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
            Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
        }
    }

    fn call(body: Body) -> Call {
        Call { id: None, query: String::new(), is_json: true, body, body_limit: 4 }
    }

    #[tokio::test]
    async fn a_body_that_broke_off_is_not_too_large() {
        let large = call(Body::from("12345")).body().await;
        assert!(matches!(large, Err(ApiError::PayloadTooLarge)));
        let broken = call(Body::new(Broken)).body().await;
        assert!(matches!(broken, Err(ApiError::InvalidRequest(_))));
    }

    #[test]
    fn an_id_has_one_spelling() {
        assert_eq!(parse_id("4302177"), Some(4_302_177));
        for other in ["", "0", "-1", "+1", "01", "1.0", "1e3", " 1", "9223372036854775808", "acme"]
        {
            assert_eq!(parse_id(other), None, "{other}");
        }
    }
}
