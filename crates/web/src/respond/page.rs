//! Errors as pages.

use axum::response::Response;
use http::StatusCode;
use store::{Failure, Fault};

use super::{fault_status, retry_later};
use crate::origin::Origin;
use crate::pages::{self, ErrorPage, Layout};
use crate::request_id::RequestId;

/// An error page with a code that the docs explain.
pub(crate) fn error_page(
    layout: Layout,
    status: StatusCode,
    code: &str,
    detail: Option<String>,
) -> Response {
    let page = ErrorPage { detail, ..ErrorPage::new(layout, code, RequestId::current_text()) };
    pages::respond(status, &page)
}

/// The page for a fault of ours: no word of its cause.
pub(crate) fn fault_page(origin: &Origin, fault: &Fault) -> Response {
    let status = fault_status(fault);
    let code = match status {
        StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        _ => "server_error",
    };
    let mut response = error_page(plain_layout(origin), status, code, None);
    retry_later(&mut response);
    response
}

/// The page for what is not there.
pub(crate) fn not_found(origin: &Origin) -> Response {
    error_page(plain_layout(origin), StatusCode::NOT_FOUND, "not_found", None)
}

/// The page for a failed decision.
pub(crate) fn flow_fault<R>(
    origin: &Origin,
    failure: Failure<R>,
    refused: impl FnOnce(R) -> Response,
) -> Response {
    match failure {
        Failure::Refused(reason) => refused(reason),
        Failure::Fault(fault) => fault_page(origin, &fault),
    }
}

/// The frame of a page where nothing is known of the browser.
pub(crate) fn plain_layout(origin: &Origin) -> Layout {
    Layout { account_name: origin.account.name.clone(), theme: pages::Theme::default(), user: None }
}
