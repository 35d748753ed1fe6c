//! What answers at a path: guarded handlers only, so that a route without a policy does not compile.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter};
use store::Failure;
use wire::zendesk::ApiError;

use super::call::Call;
use super::guard::{self, Guard};
use super::reply::{self, Answer};
use crate::site::Site;

/// The methods of one path.
#[derive(Default)]
pub(super) struct Endpoint(MethodRouter<Site>);

/// A path whose first method is GET (and HEAD).
pub(super) fn get<G: Guard, F: Answering>(handler: impl Handler<G, F>) -> Endpoint {
    Endpoint::default().on(MethodFilter::GET, handler)
}

/// A path whose first method is PUT.
pub(super) fn put<G: Guard, F: Answering>(handler: impl Handler<G, F>) -> Endpoint {
    Endpoint::default().put(handler)
}

impl Endpoint {
    /// Answers POST too.
    pub(super) fn post<G: Guard, F: Answering>(self, handler: impl Handler<G, F>) -> Self {
        self.on(MethodFilter::POST, handler)
    }

    /// Answers PUT too.
    pub(super) fn put<G: Guard, F: Answering>(self, handler: impl Handler<G, F>) -> Self {
        self.on(MethodFilter::PUT, handler)
    }

    /// Answers DELETE too.
    pub(super) fn delete<G: Guard, F: Answering>(self, handler: impl Handler<G, F>) -> Self {
        self.on(MethodFilter::DELETE, handler)
    }

    fn on<G: Guard, F: Answering>(self, method: MethodFilter, handler: impl Handler<G, F>) -> Self {
        let serve = move |State(site): State<Site>, request: Request| serve(site, request, handler);
        Self(self.0.on(method, serve))
    }
}

/// What a handler is: whom it admits, and the call, to an answer.
pub(super) trait Handler<G, F>: Fn(G, Call) -> F + Copy + Send + Sync + 'static {}

impl<G, F, H: Fn(G, Call) -> F + Copy + Send + Sync + 'static> Handler<G, F> for H {}

/// An answer on its way.
pub(super) trait Answering: Future<Output = Answer> + Send + 'static {}

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

/// The paths of the API.
#[derive(Default)]
pub(super) struct Routes(Router<Site>);

impl Routes {
    /// A path, with and without `.json`. An id takes its suffix off itself.
    pub(super) fn at(self, path: &str, endpoint: Endpoint) -> Self {
        let methods = endpoint.0.fallback(method_not_allowed);
        let router = if path.ends_with('}') {
            self.0
        } else {
            self.0.route(&format!("{path}.json"), methods.clone())
        };
        Self(router.route(path, methods))
    }

    /// All of them; any other path is no endpoint.
    pub(super) fn into_router(self) -> Router<Site> {
        self.0.fallback(unknown_path)
    }
}

pub(crate) async fn unknown_path() -> Response {
    reply::render(Err(Failure::Refused(ApiError::InvalidEndpoint)), None)
}

/// The router adds `Allow`.
async fn method_not_allowed() -> Response {
    reply::render(Err(Failure::Refused(ApiError::MethodNotAllowed)), None)
}
