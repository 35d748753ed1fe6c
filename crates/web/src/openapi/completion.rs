//! What follows from a route's guard and path, added to its operation.

use http::Method;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr, Required, Schema};

use super::refusals;
use crate::api::{Audience, Route};

/// The names of the two ways to say who calls.
const BEARER: &str = "bearer";
const API_TOKEN: &str = "api_token";

/// Completes every operation of the administration APIs, and names all of them.
pub(super) fn complete(document: &mut OpenApi, routes: &[Route]) {
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER, scheme(HttpAuthScheme::Bearer));
    components.add_security_scheme(API_TOKEN, scheme(HttpAuthScheme::Basic));
    for route in routes {
        let item = document.paths.paths.get_mut(&route.path);
        let operation = item.and_then(|item| operation_of(item, &route.method));
        if let Some(operation) = operation {
            admit(operation, route);
            name_parameters(operation, &route.path);
            let_body_out(operation, route);
            refuse(operation, route);
        }
    }
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations_of(item) {
            operation.operation_id = Some(identifier(method, path));
        }
    }
}

fn scheme(scheme: HttpAuthScheme) -> SecurityScheme {
    SecurityScheme::Http(Http::new(scheme))
}

fn operation_of<'a>(item: &'a mut PathItem, method: &Method) -> Option<&'a mut Operation> {
    match *method {
        Method::GET => item.get.as_mut(),
        Method::POST => item.post.as_mut(),
        Method::PUT => item.put.as_mut(),
        Method::DELETE => item.delete.as_mut(),
        _ => None,
    }
}

fn operations_of(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, post, put, delete, .. } = item;
    let all = [("get", get), ("post", post), ("put", put), ("delete", delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// `get_api_v2_oauth_clients_id`.
fn identifier(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |name, word| name + "_" + word)
}

/// The credentials: a Bearer token with one of the scopes, or an API token.
fn admit(operation: &mut Operation, route: &Route) {
    let scopes = route.policy.scopes;
    let each = |scope: &&str| SecurityRequirement::new(BEARER, [*scope]);
    let mut accepted: Vec<_> = scopes.iter().map(each).collect();
    if accepted.is_empty() {
        accepted.push(SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, []));
    }
    accepted.push(SecurityRequirement::new::<_, [&str; 0], &str>(API_TOKEN, []));
    if route.policy.audience == Audience::Anybody {
        accepted.push(SecurityRequirement::default());
    }
    operation.security = Some(accepted);
}

/// An update without a body changes nothing (zendesk-wire §1.3).
fn let_body_out(operation: &mut Operation, route: &Route) {
    if let (&Method::PUT, Some(RefOr::T(body))) = (&route.method, &mut operation.request_body) {
        body.required = Some(Required::False);
    }
}

/// What stands in braces in the path, unless the operation describes it itself.
fn name_parameters(operation: &mut Operation, path: &str) {
    let parameters = operation.parameters.get_or_insert_default();
    for name in path.split(['{', '}']).skip(1).step_by(2) {
        let is_described = parameters.iter().any(|parameter| match parameter {
            RefOr::T(it) => it.name == name && it.parameter_in == ParameterIn::Path,
            RefOr::Ref(_) => false,
        });
        if !is_described {
            parameters.push(RefOr::T(in_path(name)));
        }
    }
}

fn in_path(name: &str) -> Parameter {
    let schema = if name.ends_with("id") {
        let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
        ObjectBuilder::new().schema_type(Type::Integer).format(Some(format)).minimum(Some(1))
    } else {
        ObjectBuilder::new().schema_type(Type::String)
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(RefOr::T(Schema::Object(schema.build()))))
        .build()
}

/// The refusals that the guard and the reading of path and body can come to.
fn refuse(operation: &mut Operation, route: &Route) {
    let mut refusals = Vec::from(refusals::of_any_route());
    if route.path.contains('{') {
        refusals.extend(refusals::of_records());
    }
    if route.method == Method::POST || route.method == Method::PUT {
        refusals.extend(refusals::of_bodies());
    }
    for (status, response) in refusals {
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_owned()).or_insert(RefOr::T(response));
    }
}
