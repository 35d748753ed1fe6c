//! `/oauth/authorizations/new` (RFC 6749 §3.1): the authorization endpoint.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use protocol::authorization::{
    self, Arrived, Delivery, Mismatch, Next, PageRefused, PostedResponse,
};
use store::Failure;

use crate::browser::{Visitor, account_choice, consent};
use crate::origin::Origin;
use crate::pages::{self, Difference, ErrorPage, FormPost, Layout};
use crate::request_id::RequestId;
use crate::respond;
use crate::site::Site;

/// The parameter of ours that names a stored request.
const RESUME: &str = "resume";

/// Answers an authorization request of a browser.
pub(crate) async fn authorize(
    State(site): State<Site>,
    mut visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let arrived = match arrived(&site, &visitor, query).await {
        Ok(arrived) => arrived,
        Err(response) => return response,
    };
    let origin = visitor.origin.clone();
    let signed_in = visitor.signed_in.clone();
    let account = origin.account.clone();
    let parameters = arrived.parameters.clone();
    let decision = site
        .complete(move |ctx| async move {
            authorization::authorize(&ctx, &account, arrived, signed_in.as_ref()).await
        })
        .await;
    match decision {
        Ok(Next::SignIn(handle)) => {
            respond::see_other(&format!("/login?request={}", handle.expose()))
        }
        Ok(Next::Ask(prompt)) => consent::show(&site, &mut visitor, &prompt),
        Ok(Next::Choose(choice)) => account_choice::show(&site, &mut visitor, &choice),
        Ok(Next::Deliver(delivery)) => deliver(&site, &visitor, delivery),
        Err(Failure::Refused(PageRefused::RedirectUriUnregistered)) => {
            unregistered(&site, &visitor, &parameters).await
        }
        Err(failure) => respond::flow_fault(&origin, failure, |reason| refused(&visitor, reason)),
    }
}

/// Takes the answer to the client.
pub(crate) fn deliver(site: &Site, visitor: &Visitor, delivery: Delivery) -> Response {
    let response = match delivery {
        Delivery::Redirect(location) => respond::see_other(&location),
        Delivery::FormPost(PostedResponse { redirect_uri, redirect_host, fields }) => {
            let layout = visitor.bare_layout();
            let page = FormPost { layout, redirect_uri, redirect_host, fields };
            pages::respond(StatusCode::OK, &page)
        }
    };
    visitor.show_state(site, response)
}

/// The page for a redirect URI that is not registered; the app's owner sees what differs.
async fn unregistered(site: &Site, visitor: &Visitor, parameters: &str) -> Response {
    let reason = PageRefused::RedirectUriUnregistered;
    let Some(signed_in) = &visitor.signed_in else { return refused(visitor, reason) };
    let (account, user_id) = (&visitor.origin.account, signed_in.user.id);
    match authorization::mismatch(site.ctx(), account, parameters, user_id).await {
        Ok(mismatch) => {
            let differences = mismatch.map(difference).into_iter().collect();
            page(visitor.bare_layout(), reason, differences)
        }
        Err(fault) => respond::fault_page(&visitor.origin, &fault),
    }
}

fn difference(mismatch: Mismatch) -> Difference {
    let Mismatch { presented, registered } = mismatch;
    Difference { parameter: "redirect_uri".to_owned(), presented, registered }
}

async fn arrived(site: &Site, visitor: &Visitor, query: String) -> Result<Arrived, Response> {
    let now = site.ctx().now();
    let Some(handle) = resumed_handle(&query) else {
        return Ok(Arrived { parameters: query, at: now, resumed: None });
    };
    let origin = &visitor.origin;
    let pending = authorization::pending(site.ctx(), &origin.account, &handle)
        .await
        .map_err(|fault| respond::fault_page(origin, &fault))?;
    let pending = pending.ok_or_else(|| refused(visitor, PageRefused::Ended))?;
    Ok(Arrived {
        parameters: pending.parameters.clone(),
        at: pending.created_at,
        resumed: Some(pending),
    })
}

/// The handle, where the query is nothing but `resume=…`.
fn resumed_handle(query: &str) -> Option<String> {
    let (name, value) = query.split_once('=')?;
    (name == RESUME && !value.contains('&')).then(|| value.to_owned())
}

/// Where a stored request goes on.
pub(crate) fn resume_url(handle: &str) -> String {
    format!("/oauth/authorizations/new?{RESUME}={handle}")
}

/// Stores a posted request and answers with a same-site GET. No cookie is looked at: this may come
/// from any site.
pub(crate) async fn authorize_posted(
    State(site): State<Site>,
    origin: Origin,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else { return too_large(&origin) };
    let Ok(form) = String::from_utf8(body.to_vec()) else {
        return refused_plainly(&origin, PageRefused::Malformed);
    };
    // What stands in the query counts too, so that a repeated parameter is seen.
    let parameters = match query {
        Some(query) if !query.is_empty() => format!("{query}&{form}"),
        _ => form,
    };
    let account = origin.account.clone();
    let decision = site
        .complete(move |ctx| async move {
            authorization::remember_posted(&ctx, &account, &parameters).await
        })
        .await;
    match decision {
        Ok(handle) => respond::see_other(&resume_url(handle.expose())),
        Err(failure) => {
            respond::flow_fault(&origin, failure, |reason| refused_plainly(&origin, reason))
        }
    }
}

fn too_large(origin: &Origin) -> Response {
    let layout = respond::plain_layout(origin);
    respond::error_page(layout, StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", None)
}

/// The page for a request that cannot be answered at the client; never a redirect.
pub(crate) fn refused(visitor: &Visitor, reason: PageRefused) -> Response {
    page(visitor.bare_layout(), reason, Vec::new())
}

fn refused_plainly(origin: &Origin, reason: PageRefused) -> Response {
    page(respond::plain_layout(origin), reason, Vec::new())
}

fn page(layout: Layout, reason: PageRefused, differences: Vec<Difference>) -> Response {
    metrics::counter!("consentry_authorization_pages_refused_total").increment(1);
    let detail = Some(format!("invalid_request: {reason}"));
    let page = ErrorPage::new(layout, code(reason), RequestId::current_text());
    pages::respond(StatusCode::BAD_REQUEST, &ErrorPage { detail, differences, ..page })
}

/// The code that the docs explain.
fn code(reason: PageRefused) -> &'static str {
    match reason {
        PageRefused::Malformed => "repeated_parameter",
        PageRefused::ClientMissing | PageRefused::ClientUnknown => "unknown_client",
        PageRefused::ClientUnavailable => "client_suspended",
        PageRefused::RedirectUriMissing => "redirect_uri_missing",
        PageRefused::RedirectUriUnregistered => "redirect_uri_mismatch",
        PageRefused::StateTooLong => "parameter_too_long",
        PageRefused::Ended => "request_expired",
    }
}
