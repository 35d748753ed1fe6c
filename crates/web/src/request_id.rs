//! The request id: in every reply, every error page and every log line about a request.

use std::fmt;

use axum::response::Response;
use http::{HeaderName, HeaderValue};
use protocol::Entropy;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const DIGITS: &[u8; 16] = b"0123456789abcdef";

tokio::task_local! {
    static CURRENT: RequestId;
}

/// The id of a request: sixteen hexadecimal digits. Ids of callers are not taken over: they end up in
/// logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestId([u8; 16]);

impl RequestId {
    /// A new one.
    pub(crate) fn draw(entropy: &Entropy) -> Self {
        let mut digits = [0; 16];
        for (byte, pair) in entropy.request_number().iter().zip(digits.chunks_exact_mut(2)) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Self(digits)
    }

    /// The id of the request that is being answered; none outside of one.
    fn current() -> Option<Self> {
        CURRENT.try_with(|id| *id).ok()
    }

    /// The same as a text; empty outside of a request.
    pub(crate) fn current_text() -> String {
        Self::current().map(|id| id.to_string()).unwrap_or_default()
    }

    /// The work of answering this request.
    pub(crate) fn scope<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    /// The same work, as part of the request being answered, in whatever task it runs.
    pub(crate) fn carried_into<F: Future>(work: F) -> impl Future<Output = F::Output> {
        let id = Self::current();
        async move {
            match id {
                Some(id) => id.scope(work).await,
                None => work.await,
            }
        }
    }

    /// Puts it into the reply.
    pub(crate) fn tell(self, response: &mut Response) {
        let header = HeaderValue::from_bytes(&self.0).expect("hexadecimal digits make a header");
        response.headers_mut().insert(HEADER, header);
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).expect("hexadecimal digits are text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_id_is_carried_into_another_task() {
        let id = RequestId(*b"0123456789abcdef");
        let seen = id.scope(async {
            let work = RequestId::carried_into(async { RequestId::current_text() });
            tokio::spawn(work).await.expect("ends")
        });
        assert_eq!(seen.await, "0123456789abcdef");
        assert_eq!(RequestId::current_text(), "");
    }
}
