//! `/logout`: signing out (OpenID Connect RP-Initiated Logout 1.0). An app that proves the session ends it
//! without a question; everybody else asks the user first.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, RawQuery, Request, State};
use axum::response::Response;
use domain::{LogoutProgress, SignedOutSession};
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use protocol::logout::{self, Farewell, Judged, LogoutRefused, Verdict};
use store::Failure;

use super::Visitor;
use super::visitor::sign_out_purpose;
use crate::cookies::Cookie;
use crate::form::{self, SameSiteForm};
use crate::framing::Framing;
use crate::origin::Origin;
use crate::pages::{self, ErrorPage, Form, Logout, SignedOut, ToldApp, WayBack};
use crate::request_id::RequestId;
use crate::respond;
use crate::site::{Site, unrefused};

/// The parameter of ours that names a remembered request.
const RESUME: &str = "resume";

/// How many seconds the apps have to load what tells them, before the browser goes on.
const SECONDS_FOR_FRAMES: u32 = 3;

/// Answers a logout request, or goes on with one that is remembered.
pub(crate) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let Some(handle) = resumed_handle(&query) else { return answer(&site, visitor, &query).await };
    let account = visitor.origin.account.clone();
    match logout::remembered(site.ctx(), &account, handle).await {
        Ok(Some(LogoutProgress::Posted { parameters })) => {
            answer(&site, visitor, &parameters).await
        }
        Ok(Some(LogoutProgress::Done(done))) => farewell_page(&site, &visitor, &done).await,
        Ok(None) => answer(&site, visitor, "").await,
        Err(fault) => respond::fault_page(&visitor.origin, &fault),
    }
}

/// The handle, where the query is nothing but `resume=…`.
fn resumed_handle(query: &str) -> Option<&str> {
    let (name, value) = query.split_once('=')?;
    (name == RESUME && !value.contains('&')).then_some(value)
}

async fn answer(site: &Site, visitor: Visitor, parameters: &str) -> Response {
    let (ctx, account) = (site.ctx(), &visitor.origin.account);
    let judged = logout::judge(ctx, account, parameters, visitor.signed_in.as_ref()).await;
    let judged = match judged {
        Ok(judged) => judged,
        Err(failure) => {
            return respond::flow_fault(&visitor.origin, failure, |it| refused(&visitor, it));
        }
    };
    match judged.verdict {
        Verdict::SignOut => sign_out(site, &visitor, judged).await,
        Verdict::Ask => ask(site, visitor, &judged),
        Verdict::GoBack => go_back(&judged),
        Verdict::NobodyThere => signed_out(&visitor, way_back(&judged)),
    }
}

fn refused(visitor: &Visitor, reason: LogoutRefused) -> Response {
    let code = match reason {
        LogoutRefused::Malformed => "repeated_parameter",
        LogoutRefused::StateTooLong => "parameter_too_long",
        LogoutRefused::ClientMismatch => "logout_client_mismatch",
    };
    let page = ErrorPage::new(visitor.bare_layout(), code, RequestId::current_text());
    let detail = Some(format!("invalid_request: {reason}"));
    pages::respond(StatusCode::BAD_REQUEST, &ErrorPage { detail, ..page })
}

/// Asks whether to sign out: a link or picture of another site must not be able to do it. The form carries
/// what is proven of the way back, and no hint: the answer of the user is worth more.
fn ask(site: &Site, mut visitor: Visitor, judged: &Judged) -> Response {
    let Some(user) = visitor.person() else { return signed_out(&visitor, None) };
    let token = visitor.form_token(site, sign_out_purpose());
    let mut form = Form::new("/logout", token);
    if let (Some(client), Some(way_back)) = (&judged.client, &judged.way_back) {
        form = form
            .with("client_id", client.identifier.as_str())
            .with("post_logout_redirect_uri", &*way_back.uri);
        if let Some(state) = &way_back.state {
            form = form.with("state", &**state);
        }
    }
    let app_name = judged.client.as_ref().map(|client| client.name.clone());
    let page = Logout { layout: visitor.bare_layout(), form, user, app_name };
    pages::respond(StatusCode::OK, &page)
}

fn go_back(judged: &Judged) -> Response {
    respond::see_other(&judged.way_back.as_ref().map(logout::WayBack::url).unwrap_or_default())
}

fn way_back(judged: &Judged) -> Option<WayBack> {
    let (client, way_back) = (judged.client.as_ref()?, judged.way_back.as_ref()?);
    Some(WayBack { app_name: client.name.clone(), url: way_back.url() })
}

/// Signs out as the user has answered; or, where the request comes from elsewhere, remembers it.
pub(crate) async fn submit(
    State(site): State<Site>,
    visitor: Visitor,
    request: Request<Body>,
) -> Response {
    if !form::is_from_own_page(request.headers(), &visitor.origin) {
        return remember(&site, &visitor.origin, request).await;
    }
    let form = match SameSiteForm::from_request(request, &site).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    if visitor.signed_in.is_none() {
        return signed_out(&visitor, None);
    }
    if !form.is_ours(&site, sign_out_purpose(), visitor.form_cookie()) {
        return form_expired(visitor.bare_layout());
    }
    confirmed(&site, &visitor, &form.encoded()).await
}

fn form_expired(layout: pages::Layout) -> Response {
    respond::error_page(layout, StatusCode::FORBIDDEN, "form_expired", None)
}

/// The user said yes. What the form says of the way back is judged as any other request is.
async fn confirmed(site: &Site, visitor: &Visitor, parameters: &str) -> Response {
    let (ctx, account) = (site.ctx(), &visitor.origin.account);
    match logout::judge(ctx, account, parameters, visitor.signed_in.as_ref()).await {
        Ok(judged) => sign_out(site, visitor, judged).await,
        Err(failure) => respond::flow_fault(&visitor.origin, failure, |it| refused(visitor, it)),
    }
}

/// Stores a posted request and answers with a same-site GET. No cookie is looked at: this may come from any
/// site. A form of our own that came from elsewhere is nobody's request.
async fn remember(site: &Site, origin: &Origin, request: Request<Body>) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let layout = || respond::plain_layout(origin);
    let Ok(body) = Bytes::from_request(request, site).await else {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return respond::error_page(layout(), status, "request_too_large", None);
    };
    let Ok(form) = String::from_utf8(body.to_vec()) else {
        return respond::error_page(layout(), StatusCode::BAD_REQUEST, "bad_request", None);
    };
    if form::carries_token(&form) {
        return form_expired(layout());
    }
    // What stands in the query counts too, so that a repeated parameter is seen.
    let parameters = if query.is_empty() { form } else { format!("{query}&{form}") };
    let account = origin.account.clone();
    let decision = site
        .complete(
            move |ctx| async move { logout::remember_posted(&ctx, &account, &parameters).await },
        )
        .await;
    match decision {
        Ok(Some(handle)) => respond::see_other(&resume_url(handle.expose())),
        Ok(None) => respond::see_other("/logout"),
        Err(Failure::Refused(reason)) => refused_plainly(origin, reason),
        Err(Failure::Fault(fault)) => respond::fault_page(origin, &fault),
    }
}

fn refused_plainly(origin: &Origin, reason: LogoutRefused) -> Response {
    let detail = Some(format!("invalid_request: {reason}"));
    let layout = respond::plain_layout(origin);
    respond::error_page(layout, StatusCode::BAD_REQUEST, "bad_request", detail)
}

fn resume_url(handle: &str) -> String {
    format!("/logout?{RESUME}={handle}")
}

/// Ends the session, and sends the browser on.
async fn sign_out(site: &Site, visitor: &Visitor, judged: Judged) -> Response {
    let Some(signed_in) = visitor.signed_in.clone() else { return signed_out(visitor, None) };
    let account = visitor.origin.account.clone();
    let decision = site
        .complete(
            move |ctx| async move { logout::sign_out(&ctx, &account, &signed_in, &judged).await },
        )
        .await;
    let mut response = match unrefused(decision) {
        Ok(Farewell::Plain) => respond::see_other("/logout"),
        Ok(Farewell::Page(handle)) => respond::see_other(&resume_url(handle.expose())),
        Ok(Farewell::Back(url)) => respond::see_other(&url),
        Err(fault) => return respond::fault_page(&visitor.origin, &fault),
    };
    let removed = Cookie::Session.remove(&visitor.origin);
    response.headers_mut().append(SET_COOKIE, removed);
    visitor.hide_state(site, &mut response);
    response
}

fn signed_out(visitor: &Visitor, way_back: Option<WayBack>) -> Response {
    let layout = visitor.bare_layout();
    pages::respond(StatusCode::OK, &SignedOut { way_back, ..SignedOut::plain(layout) })
}

/// The page after signing out: it loads what tells the apps, and goes on when they had time for it.
async fn farewell_page(site: &Site, visitor: &Visitor, done: &SignedOutSession) -> Response {
    let account = &visitor.origin.account;
    let shown = match logout::farewell_page(site.ctx(), account, done).await {
        Ok(shown) => shown,
        Err(fault) => return respond::fault_page(&visitor.origin, &fault),
    };
    let way_back = shown.way_back.map(|(app_name, url)| WayBack { app_name, url });
    let refresh = way_back.as_ref().and_then(|it| refresh(&it.url));
    let page = SignedOut {
        layout: visitor.bare_layout(),
        told: shown.told.into_iter().map(ToldApp::from).collect(),
        frames: shown.frames.iter().map(|frame| frame.url.clone()).collect(),
        way_back,
    };
    let mut response = pages::respond(StatusCode::OK, &page);
    if let Some(refresh) = refresh {
        response.headers_mut().insert(http::header::REFRESH, refresh);
    }
    let origins = shown.frames.into_iter().map(|frame| frame.origin);
    response.extensions_mut().insert(Framing::frames(origins));
    response
}

fn refresh(url: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{SECONDS_FOR_FRAMES}; url={url}")).ok()
}
