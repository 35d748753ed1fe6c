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
