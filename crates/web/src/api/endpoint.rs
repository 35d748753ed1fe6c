//! What answers at a path: guarded handlers only, so that a route without a policy does not compile.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter};
use http::Method;
use wire::zendesk::ApiError;

use super::call::Call;
use super::guard::{self, Guard};
use super::policy::{Policy, Route};
use super::reply::{self, Answer};
use crate::site::Site;

/// The methods of one path.
#[derive(Default)]
pub(crate) struct Endpoint {
    router: MethodRouter<Site>,
    policies: Vec<(Method, Policy)>,
}

/// A path whose first method is GET (and HEAD).
pub(crate) fn get<G: Guard, F: Answering>(handler: impl Handler<G, F>) -> Endpoint {
    Endpoint::default().on(Method::GET, handler)
}

/// A path whose first method is PUT.
pub(crate) fn put<G: Guard, F: Answering>(handler: impl Handler<G, F>) -> Endpoint {
    Endpoint::default().put(handler)
}

impl Endpoint {
    /// Answers POST too.
    pub(crate) fn post<G: Guard, F: Answering>(self, handler: impl Handler<G, F>) -> Self {
        self.on(Method::POST, handler)
    }

    /// Answers PUT too.
    pub(crate) fn put<G: Guard, F: Answering>(self, handler: impl Handler<G, F>) -> Self {
        self.on(Method::PUT, handler)
    }

    /// Answers DELETE too.
    pub(crate) fn delete<G: Guard, F: Answering>(self, handler: impl Handler<G, F>) -> Self {
        self.on(Method::DELETE, handler)
    }

    fn on<G: Guard, F: Answering>(mut self, method: Method, handler: impl Handler<G, F>) -> Self {
        let serve = move |State(site): State<Site>, request: Request| serve(site, request, handler);
        let filter = MethodFilter::try_from(method.clone()).expect("each of the four is a filter");
        self.policies.push((method, G::POLICY));
        Self { router: self.router.on(filter, serve), ..self }
    }
}

/// What a handler is: whom it admits, and the call, to an answer.
pub(crate) trait Handler<G, F>: Fn(G, Call) -> F + Copy + Send + Sync + 'static {}

impl<G, F, H: Fn(G, Call) -> F + Copy + Send + Sync + 'static> Handler<G, F> for H {}

/// An answer on its way.
pub(crate) trait Answering: Future<Output = Answer> + Send + 'static {}

impl<F: Future<Output = Answer> + Send + 'static> Answering for F {}

/// Answers one call: the guard first, whatever the handler is.
async fn serve<G: Guard, F: Answering>(
    site: Site,
    request: Request,
    handler: impl Handler<G, F>,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let limit = site.ctx().policy.api_body_limit;
    let admission = guard::admit::<G>(site, &parts).await;
    let answer = match admission.guard {
        Ok(guard) => handler(guard, Call::new(&mut parts, body, limit).await).await,
        Err(failure) => Err(failure),
    };
    let mut response = reply::render(answer, admission.usage);
    if let Some(wait) = admission.retry_after {
        reply::tell_wait(&mut response, wait);
    }
    response
}

/// The paths of an API.
pub(crate) struct Routes {
    prefix: &'static str,
    router: Router<Site>,
    listed: Vec<Route>,
}

impl Routes {
    /// No path yet.
    pub(crate) fn below(prefix: &'static str) -> Self {
        Self { prefix, router: Router::new(), listed: Vec::new() }
    }

    /// A path, with and without `.json`. What is variable takes its suffix off itself.
    pub(crate) fn at(mut self, path: &str, endpoint: Endpoint) -> Self {
        let methods = endpoint.router.fallback(method_not_allowed);
        let router = if path.ends_with('}') {
            self.router
        } else {
            self.router.route(&format!("{path}.json"), methods.clone())
        };
        let whole_path = format!("{}{path}", self.prefix);
        self.listed.extend(endpoint.policies.into_iter().map(|(method, policy)| Route {
            method,
            path: whole_path.clone(),
            policy,
        }));
        Self { router: router.route(path, methods), ..self }
    }

    /// All of them as a router, to be nested at the prefix; any other path is no endpoint.
    pub(crate) fn into_router(self) -> Router<Site> {
        self.router.fallback(unknown_path)
    }

    /// All of them as data.
    pub(crate) fn into_list(self) -> Vec<Route> {
        self.listed
    }
}

pub(crate) async fn unknown_path() -> Response {
    reply::refused(ApiError::InvalidEndpoint)
}

/// The router adds `Allow`.
async fn method_not_allowed() -> Response {
    reply::refused(ApiError::MethodNotAllowed)
}
