//! A body that must arrive in time, however it is dripped.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::HttpBody;
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::Sleep;

/// A request's body, and when its sender has had time enough.
pub(super) struct InTime {
    body: Incoming,
    limit: Duration,
    /// Set when the body is first waited for: most have arrived with their head.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// The body did not arrive in time, or broke off.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyEnded {
    /// It took too long.
    #[error("the body did not arrive in time")]
    TooLate,
    /// The connection failed.
    #[error(transparent)]
    Broken(#[from] hyper::Error),
}

impl InTime {
    /// Gives a body so long.
    pub(super) fn new(body: Incoming, limit: Duration) -> Self {
        Self { body, limit, deadline: None }
    }
}

impl HttpBody for InTime {
    type Data = Bytes;
    type Error = BodyEnded;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyEnded>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyEnded::Broken)));
        }
        let limit = self.limit;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        deadline.as_mut().poll(context).map(|()| Some(Err(BodyEnded::TooLate)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
