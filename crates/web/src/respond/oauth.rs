//! Replies of the OAuth endpoints: JSON that no cache keeps (RFC 6749 §5.1, §5.2).

use axum::response::{IntoResponse, Response};
use domain::Lifetime;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use store::{Failure, Fault};
use wire::{ErrorCode, OauthError};

use super::{fault_status, retry_later};

/// Asks for Basic credentials (RFC 6749 §5.2, RFC 7617).
const BASIC_CHALLENGE: &str = r#"Basic realm="Consentry""#;

/// Asks for an access token (RFC 6750 §3).
const BEARER_CHALLENGE: &str = r#"Bearer realm="Consentry""#;

/// A JSON reply with credentials in it.
pub(crate) fn json(status: StatusCode, body: &impl serde::Serialize) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    (status, headers, wire::to_bytes(body)).into_response()
}

/// A reply that is a signed JWT (OpenID Connect Core 1.0 §5.3.2).
pub(crate) fn jwt(jwt: String) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/jwt")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::OK, headers, jwt).into_response()
}

/// Asks for an access token, and says nothing else (RFC 6750 §3.1, last paragraph).
pub(crate) fn bearer_wanted() -> Response {
    let headers = [
        (WWW_AUTHENTICATE, HeaderValue::from_static(BEARER_CHALLENGE)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::UNAUTHORIZED, headers).into_response()
}

/// An error of a resource that an access token protects: in the challenge, and in the body too.
pub(crate) fn bearer_error(error: &OauthError) -> Response {
    let mut response = oauth_error(error);
    let OauthError { error: code, error_description } = error;
    let mut challenge = format!(
        r#"{BEARER_CHALLENGE}, error="{}", error_description="{error_description}""#,
        code.as_str()
    );
    if *code == ErrorCode::InsufficientScope {
        challenge.push_str(r#", scope="openid""#);
    }
    let challenge = HeaderValue::from_str(&challenge).expect("a description is printable ASCII");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

/// An error with the status of its code.
pub(crate) fn oauth_error(error: &OauthError) -> Response {
    let status = StatusCode::from_u16(error.error.status()).expect("codes have valid statuses");
    with_status(status, error)
}

/// An error with another status than its code has: 405, 413, 415, 429.
pub(crate) fn with_status(status: StatusCode, error: &OauthError) -> Response {
    let mut response = json(status, error);
    if error.error == ErrorCode::InvalidClient {
        let challenge = HeaderValue::from_static(BASIC_CHALLENGE);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    retry_later(&mut response);
    response
}

/// Too many failures: 429, and when to try again.
pub(crate) fn throttled(retry_after: Lifetime, error: &OauthError) -> Response {
    let mut response = with_status(StatusCode::TOO_MANY_REQUESTS, error);
    let seconds = retry_after.as_seconds().max(1);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// A failed decision: what was refused is told, a fault is not.
pub(crate) fn oauth_failure<R>(
    failure: Failure<R>,
    refused: impl FnOnce(R) -> Response,
) -> Response {
    match failure {
        Failure::Refused(reason) => refused(reason),
        Failure::Fault(fault) => of_fault(&fault),
    }
}

fn of_fault(fault: &Fault) -> Response {
    let status = fault_status(fault);
    let code = match status {
        StatusCode::SERVICE_UNAVAILABLE => ErrorCode::TemporarilyUnavailable,
        _ => ErrorCode::ServerError,
    };
    with_status(status, &OauthError::new(code, "the server met a fault; try again"))
}
