//! The refusals of the APIs as schemas (zendesk-wire §1.6). `wire::zendesk::ApiError` writes them.

use std::collections::BTreeMap;

use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};
use utoipa::{IntoResponses, ToSchema};
use wire::OauthError;

/// A refusal in one word and a sentence.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description")]
pub(super) struct Described {
    error: String,
    description: String,
}

/// Who calls is not known, or his token is not good.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description")]
pub(super) struct Unauthorized {
    error: String,
    error_description: Option<String>,
}

/// The role does not allow it, or a scope is missing.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "a description")]
pub(super) enum Forbidden {
    Role { error: Titled },
    Scope { error: String, description: String },
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "a description")]
pub(super) struct Titled {
    title: String,
    message: String,
}

/// A value of the query is refused, or the body is broken.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "a description")]
pub(super) enum BadRequest {
    Paging { errors: Vec<Coded> },
    Other { error: String, description: String },
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "a description")]
pub(super) struct Coded {
    code: String,
    title: String,
    detail: String,
}

/// Every fault of a record, by field.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description")]
pub(crate) struct RecordInvalid {
    error: String,
    description: String,
    details: BTreeMap<String, Vec<Detail>>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "a description")]
pub(super) struct Detail {
    error: String,
    description: String,
}

/// The refusals of the OAuth endpoints (RFC 6749 §5.2).
pub(crate) enum OauthRefusals {}

impl IntoResponses for OauthRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let refusals = [
            ("400", "The request, the grant or the scope is refused"),
            ("401", "The client did not authenticate"),
            ("413", "The body is too large"),
            ("415", "The body is neither a form nor JSON"),
            ("429", "Too many failures: try again after Retry-After"),
            ("500", "A fault on our side"),
            ("503", "A fault on our side that passes"),
        ];
        let response =
            |(status, why): (&str, &str)| (status.to_owned(), RefOr::T(json::<OauthError>(why)));
        refusals.into_iter().map(response).collect()
    }
}

/// The refusals of a resource that an access token protects (RFC 6750 §3.1).
pub(crate) enum UserinfoRefusals {}

impl IntoResponses for UserinfoRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let refusals = [
            ("400", "The access token is sent twice, or in the query"),
            ("403", "The access token was not granted openid by a user"),
            ("413", "The body is too large"),
            ("500", "A fault on our side"),
            ("503", "A fault on our side that passes"),
        ];
        let response =
            |(status, why): (&str, &str)| (status.to_owned(), RefOr::T(json::<OauthError>(why)));
        refusals.into_iter().map(response).chain([unauthorized()]).collect()
    }
}

/// Whoever sends no access token learns nothing but how to send one (RFC 6750 §3.1), so there may be no body.
fn unauthorized() -> (String, RefOr<Response>) {
    let why = "The access token is missing or not good, as WWW-Authenticate says";
    ("401".to_owned(), RefOr::T(ResponseBuilder::new().description(why).build()))
}

/// The refusals that a caller of any route may meet.
pub(super) fn of_any_route() -> [(&'static str, Response); 6] {
    [
        ("400", json::<BadRequest>("A bad query value or a broken body")),
        ("401", json::<Unauthorized>("Unknown caller")),
        ("403", json::<Forbidden>("The role or the scopes do not allow it")),
        ("429", json::<Described>("Too many requests: try again after Retry-After")),
        ("500", json::<Described>("A fault on our side")),
        ("503", json::<Described>("A fault on our side that passes")),
    ]
}

/// Of routes with an id or a name in their path.
pub(super) fn of_records() -> [(&'static str, Response); 1] {
    [("404", json::<Described>("No such record in this account"))]
}

/// Of routes that read a body.
pub(super) fn of_bodies() -> [(&'static str, Response); 3] {
    [
        ("413", json::<Described>("The body is too large")),
        ("415", json::<Described>("The body is of another type")),
        ("422", json::<RecordInvalid>("Every fault of the record")),
    ]
}

fn json<T: ToSchema>(description: &str) -> Response {
    let schema = RefOr::<Schema>::Ref(Ref::from_schema_name(T::name()));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content("application/json", content).build()
}
