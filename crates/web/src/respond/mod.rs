//! How replies look: a redirect, an error in JSON, an error as a page.

mod oauth;
mod page;

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use store::Fault;

use crate::request_id::RequestId;

pub(crate) use oauth::{
    bearer_error, bearer_wanted, json, jwt, oauth_error, oauth_failure, throttled,
    with_status as oauth_status,
};
pub(crate) use page::{error_page, fault_page, flow_fault, not_found, plain_layout};

/// Seconds to wait before a request that met a fault is worth repeating.
pub(crate) const RETRY_AFTER_FAULT: &str = "1";

/// A redirect after which the method is GET (RFC 9110 §15.4.4; never 307, RFC 9700 §4.12).
pub(crate) fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let headers = [(LOCATION, location), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// The status of a fault: it passes, or it does not.
pub(crate) fn fault_status(fault: &Fault) -> StatusCode {
    if let Fault::Busy(_) = fault {
        // Not a line for each: there are as many as the overload is great.
        metrics::counter!("consentry_shed_total").increment(1);
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    tracing::error!(request_id = %RequestId::current_text(), %fault, "a request met a fault");
    metrics::counter!("consentry_faults_total").increment(1);
    match fault {
        Fault::Corrupt(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A fault before anything is known of the caller.
pub(crate) fn fault(fault: &Fault) -> Response {
    let status = fault_status(fault);
    let body = match status {
        StatusCode::SERVICE_UNAVAILABLE => r#"{"error":"temporarily_unavailable"}"#,
        _ => r#"{"error":"server_error"}"#,
    };
    let mut response =
        (status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response();
    retry_later(&mut response);
    response
}

/// Says when to try again, if that can help.
pub(crate) fn retry_later(response: &mut Response) {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_FAULT));
    }
}
