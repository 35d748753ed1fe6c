//! Whether the process lives, and whether it can serve.

use axum::extract::State;
use http::StatusCode;

use crate::site::Site;

/// Whether a path is one of these.
pub(crate) fn is_asked_for(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// `GET /healthz`: the process lives. It never touches the database.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers, the clocks agree and nobody asked us to stop.
pub(crate) async fn ready(State(site): State<Site>) -> (StatusCode, &'static str) {
    let ctx = site.ctx();
    if ctx.flows.is_closed() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    if ctx.clock.offset_millis().abs() > ctx.policy.clock_skew_limit.as_millis() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the clock differs from the database's\n");
    }
    match ctx.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(fault) => {
            tracing::warn!(%fault, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
