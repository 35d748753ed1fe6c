//! The edge: what every request passes before a route is looked for, and every reply on its way out.
//!
//! It stands around the router as one service. A layer of a router is cloned and boxed for each request
//! on each route; six of them cost as much as the rest of a reply from memory.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use tower::Service;

use crate::cors::Shared;
use crate::origin::{self, Origin, Unselected};
use crate::request_id::RequestId;
use crate::site::Site;
use crate::{header_limit, health, respond, security_headers, suspended};

/// The public service: the edge and the routes behind it.
#[derive(Clone)]
pub struct Edge {
    site: Site,
    router: Router,
}

impl Edge {
    pub(crate) fn new(site: Site, router: Router) -> Self {
        Self { site, router }
    }

    async fn answer(self, request: Request) -> Result<Response, Infallible> {
        let id = RequestId::draw(&self.site.ctx().entropy);
        let on_the_way = security_headers::is_on_the_way(request.uri().path());
        let mut response = id.scope(self.pass(request)).await;
        security_headers::set(&mut response, on_the_way);
        id.tell(&mut response);
        Ok(response)
    }

    async fn pass(mut self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        if header_limit::is_exceeded(&self.site, &parts) {
            return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
        }
        // Whoever looks after the process need not know an account.
        if health::is_asked_for(parts.uri.path()) {
            return self.route(parts, body).await;
        }
        let origin = match origin::select(&self.site, &parts).await {
            Ok(origin) => origin,
            Err(Unselected::NoAccount) => return origin::no_account(),
            Err(Unselected::Fault(fault)) => return respond::fault(&fault),
        };
        let https = origin.base_url.is_https();
        let mut response = match suspended::refusal(&origin, &parts) {
            Some(refusal) => refusal,
            None => self.at_account(origin, parts, body).await,
        };
        if https {
            response.extensions_mut().insert(security_headers::OverHttps);
        }
        response
    }

    async fn at_account(&mut self, origin: Origin, mut parts: Parts, body: Body) -> Response {
        let shared = Shared::of(&self.site, &origin, &parts).await;
        let mut response = if shared.as_ref().is_some_and(Shared::is_preflight) {
            StatusCode::NO_CONTENT.into_response()
        } else {
            parts.extensions.insert(origin);
            self.route(parts, body).await
        };
        if let Some(shared) = shared {
            shared.mark(&mut response);
        }
        response
    }

    async fn route(&mut self, parts: Parts, body: Body) -> Response {
        let mut request = Request::from_parts(parts, body);
        if !request.method().is_safe() {
            DefaultBodyLimit::max(self.site.ctx().policy.oauth_body_limit).apply(&mut request);
        }
        match self.router.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl Service<http::Request<Body>> for Edge {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}
