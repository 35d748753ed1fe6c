//! What the API answers, and what every reply carries (zendesk-wire §1.4, §1.7, §1.8).

use axum::response::{IntoResponse, Response};
use domain::Lifetime;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use protocol::Usage;
use serde::Serialize;
use store::{Decision, Failure, Fault};
use wire::zendesk::ApiError;

use crate::respond;

/// What a handler comes to.
pub(crate) type Answer = Decision<Reply, ApiError>;

/// A success.
pub(crate) enum Reply {
    /// 200.
    Shown(Vec<u8>),
    /// 201, and where it is.
    Created { body: Vec<u8>, url: HeaderValue },
    /// 204.
    Deleted,
}

impl Reply {
    /// Shows a message.
    pub(crate) fn shown(message: &impl Serialize) -> Self {
        Self::Shown(wire::to_bytes(message))
    }

    /// Shows what was made, and tells its URL.
    pub(crate) fn created(message: &impl Serialize, url: &str) -> Self {
        let url = HeaderValue::from_str(url).expect("base URLs and ids are printable ASCII");
        Self::Created { body: wire::to_bytes(message), url }
    }
}

/// Writes an answer, with what the caller's account has used of its volume.
pub(crate) fn render(answer: Answer, usage: Option<Usage>) -> Response {
    let mut response = match answer {
        Ok(reply) => success(reply),
        Err(Failure::Refused(error)) => refusal(&error),
        Err(Failure::Fault(fault)) => refusal(&of_fault(&fault)),
    };
    let is_refused = response.status() == StatusCode::TOO_MANY_REQUESTS;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(usage) = usage {
        tell_usage(headers, usage, is_refused);
    }
    respond::retry_later(&mut response);
    response
}

/// A refusal before any guard was asked.
pub(crate) fn refused(error: ApiError) -> Response {
    render(Err(Failure::Refused(error)), None)
}

/// Says when a caller who guessed too often may try again.
pub(crate) fn tell_wait(response: &mut Response, wait: Lifetime) {
    let seconds = HeaderValue::from(wait.as_seconds().max(1));
    response.headers_mut().insert(RETRY_AFTER, seconds);
}

fn success(reply: Reply) -> Response {
    match reply {
        Reply::Shown(body) => json(StatusCode::OK, body),
        Reply::Created { body, url } => {
            let mut response = json(StatusCode::CREATED, body);
            response.headers_mut().insert(LOCATION, url);
            response
        }
        // No body, so no type: clients look at the reason phrase alone.
        Reply::Deleted => StatusCode::NO_CONTENT.into_response(),
    }
}

fn refusal(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status()).expect("errors have valid statuses");
    let mut response = json(status, wire::to_bytes(error));
    if let Some(challenge) = challenge(error) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(CONTENT_TYPE, content_type)], body).into_response()
}

/// What the caller lacks (RFC 6750 §3).
fn challenge(error: &ApiError) -> Option<HeaderValue> {
    let challenge = match error {
        ApiError::NotAuthenticated => r#"Bearer realm="Consentry""#.to_owned(),
        ApiError::InvalidToken => r#"Bearer realm="Consentry", error="invalid_token""#.to_owned(),
        // RFC 9470 §3.
        ApiError::SignInTooOld { max_age } => {
            format!(r#"Bearer error="insufficient_user_authentication", max_age="{max_age}""#)
        }
        ApiError::MissingScopes([specific, ..]) => {
            format!(r#"Bearer error="insufficient_scope", scope="{specific}""#)
        }
        ApiError::ScopesNotHeld(scopes) => {
            format!(r#"Bearer error="insufficient_scope", scope="{}""#, scopes.join(" "))
        }
        _ => return None,
    };
    Some(HeaderValue::from_str(&challenge).expect("scope names are printable ASCII"))
}

fn of_fault(fault: &Fault) -> ApiError {
    match respond::fault_status(fault) {
        StatusCode::SERVICE_UNAVAILABLE => ApiError::ServiceUnavailable,
        _ => ApiError::InternalError,
    }
}

/// The volume under both spellings that clients know. A `Retry-After` on a success would count as
/// a refusal, so only a refusal has it.
fn tell_usage(headers: &mut HeaderMap, usage: Usage, is_refused: bool) {
    let (limit, remaining) = (usage.limit, usage.remaining());
    let seconds = (usage.resets_in.as_millis() + 999) / 1000;
    for (name, value) in [
        ("x-rate-limit", i64::from(limit)),
        ("x-rate-limit-remaining", i64::from(remaining)),
        ("ratelimit-limit", i64::from(limit)),
        ("ratelimit-remaining", i64::from(remaining)),
        ("ratelimit-reset", seconds),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
    if is_refused {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}
