//! The request id: in every reply, every error page and every log line about a request.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};

use crate::site::Site;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being answered.
pub(crate) struct RequestId;

impl RequestId {
    /// The id; empty outside a request.
    pub(crate) fn current() -> String {
        CURRENT.try_with(Clone::clone).unwrap_or_default()
    }

    /// The same work, as part of the request being answered, in whatever task it runs.
    pub(crate) fn carried_into<F: Future>(work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(Self::current(), work)
    }
}

/// Gives a request its id. Ids of callers are not taken over: they end up in logs.
pub(crate) async fn assign(State(site): State<Site>, request: Request, next: Next) -> Response {
    let bytes = site.ctx().entropy.bytes();
    let id =
        bytes[..8].iter().fold(String::with_capacity(16), |id, byte| format!("{id}{byte:02x}"));
    let header = HeaderValue::from_str(&id).expect("hexadecimal digits make a header");
    let mut response = CURRENT.scope(id, next.run(request)).await;
    response.headers_mut().insert(HEADER, header);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_id_is_carried_into_another_task() {
        let seen = CURRENT.scope("0123".to_owned(), async {
            let work = RequestId::carried_into(async { RequestId::current() });
            tokio::spawn(work).await.expect("ends")
        });
        assert_eq!(seen.await, "0123");
        assert_eq!(RequestId::current(), "");
    }
}
