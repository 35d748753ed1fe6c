//! A call as presented. Its parts are judged when the handler asks for them, so that what comes
//! first in the order of checks is refused first (zendesk-wire §1.3, §1.5).

use std::error::Error as _;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, RawPathParams};
use domain::Id;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http_body_util::LengthLimitError;
use percent_encoding::percent_decode_str;
use wire::BodyFormat;
use wire::zendesk::ApiError;

/// What a handler may ask of a call.
pub(crate) struct Call {
    segments: Vec<String>,
    query: String,
    content_type: String,
    body: Body,
    body_limit: usize,
}

impl Call {
    pub(crate) async fn new(parts: &mut Parts, body: Body, body_limit: usize) -> Self {
        let segments = variable_segments(parts).await;
        let content_type = parts.headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            segments,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            content_type: content_type.to_owned(),
            body,
            body_limit,
        }
    }

    /// The first id in the path; anything but a positive integer is the id of nothing.
    pub(crate) fn id<T>(&self) -> Result<Id<T>, ApiError> {
        self.id_at(0)
    }

    /// The second id in the path: that of something of the first.
    pub(crate) fn second_id<T>(&self) -> Result<Id<T>, ApiError> {
        self.id_at(1)
    }

    fn id_at<T>(&self, place: usize) -> Result<Id<T>, ApiError> {
        let id = self.segments.get(place).and_then(|segment| parse_id(segment));
        id.map(Id::new).ok_or(ApiError::RecordNotFound)
    }

    /// The name in the path, where things have no ids.
    pub(crate) fn name(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }

    /// The query without its question mark.
    pub(crate) fn into_query(self) -> Vec<u8> {
        self.query.into_bytes()
    }

    /// What the body is said to be.
    pub(crate) fn content_type(&self) -> &str {
        &self.content_type
    }

    /// A body of another type than JSON, of at most so many bytes.
    pub(crate) async fn binary_body(self, limit: usize) -> Result<Bytes, ApiError> {
        axum::body::to_bytes(self.body, limit).await.map_err(|error| unread(&error))
    }

    /// The body. None at all is good, whatever type it is said to be of.
    pub(crate) async fn body(self) -> Result<Bytes, ApiError> {
        let is_json = BodyFormat::of(&self.content_type) == Some(BodyFormat::Json);
        match (axum::body::to_bytes(self.body, self.body_limit).await, is_json) {
            (Ok(body), _) if body.is_empty() => Ok(body),
            (_, false) => Err(ApiError::UnsupportedMediaType),
            (Err(error), true) => Err(unread(&error)),
            (Ok(body), true) => Ok(body),
        }
    }

    /// A body of which nothing is asked but that it can be read.
    pub(crate) async fn ignore_body(self) -> Result<(), ApiError> {
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

/// What stands in the path where it is variable. The suffix comes last, so only a segment at the end
/// of the path has one.
async fn variable_segments(parts: &mut Parts) -> Vec<String> {
    let Ok(params) = RawPathParams::from_request_parts(parts, &()).await else { return Vec::new() };
    let last = parts.uri.path().rsplit('/').next().unwrap_or_default();
    let last = percent_decode_str(last).decode_utf8_lossy();
    let bare = |segment: &str| {
        let bare = segment.strip_suffix(".json").filter(|_| segment == last);
        bare.unwrap_or(segment).to_owned()
    };
    params.iter().map(|(_, segment)| bare(segment)).collect()
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
        Call {
            segments: Vec::new(),
            query: String::new(),
            content_type: "application/json".to_owned(),
            body,
            body_limit: 4,
        }
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
