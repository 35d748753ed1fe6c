//! The management listener: health and metrics, for the operator's own network only.

use axum::Router;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::health;
use crate::site::Site;

/// The metrics of this process, in Prometheus's text format.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Begins to record. Once per process; a second call records nothing.
    pub fn install() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::debug!("metrics are recorded already");
        }
        Self(handle)
    }
}

/// The router of the management listener.
pub fn management_routes(site: Site, metrics: Metrics) -> Router {
    let show = move || {
        let text = metrics.0.render();
        async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text) }
    };
    Router::new()
        .route("/metrics", get(show))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(site)
}
