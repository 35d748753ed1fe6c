//! `/login`: signing in.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use domain::Secret;
use http::header::{RETRY_AFTER, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use protocol::PASSWORD_MAX_BYTES;
use protocol::authorization::{self, Pending};
use protocol::sessions::{self, PresentedPassword, SignInCookies};
use store::Failure;

use super::Visitor;
use crate::cookies::Cookie;
use crate::form::SameSiteForm;
use crate::oauth::authorization::resume_url;
use crate::pages::{self, App, Form, SignIn, SignInNotice, SignInRefused};
use crate::respond;
use crate::site::Site;

const PURPOSE: &str = "sign-in";

/// Where somebody goes who signed in for nothing in particular.
const HOME: &str = "/account/apps";

/// The field and parameter that names the stored authorization request.
const REQUEST: &str = "request";

/// The parameter that says that somebody else is to sign in.
const SWITCH: &str = "switch";

/// Shows the sign-in page.
pub(crate) async fn show(
    State(site): State<Site>,
    mut visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let handle = parameter(&query, REQUEST);
    if handle.is_empty() && visitor.signed_in.is_some() {
        return respond::see_other(HOME);
    }
    let waiting = match waiting(&site, &visitor, &handle).await {
        Ok(waiting) => waiting,
        Err(response) => return response,
    };
    let email = waiting.as_ref().map(|waiting| waiting.login_hint.clone()).unwrap_or_default();
    let page = Shown { waiting, email, notice: notice(&visitor, &query), refused: None };
    page.respond(&site, &mut visitor, StatusCode::OK)
}

fn parameter(query: &str, wanted: &str) -> String {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn notice(visitor: &Visitor, query: &str) -> Option<SignInNotice> {
    visitor.signed_in.as_ref()?;
    let switches = !parameter(query, SWITCH).is_empty();
    Some(if switches { SignInNotice::SwitchUser } else { SignInNotice::ConfirmIdentity })
}

/// Where somebody else signs in who goes on with this request.
pub(crate) fn switch_user_url(handle: &str) -> String {
    format!("/login?{REQUEST}={handle}&{SWITCH}=user")
}

/// The authorization request that the user is on the way to.
struct Waiting {
    handle: String,
    app: App,
    /// Who is expected; empty: nobody in particular.
    login_hint: String,
}

async fn waiting(
    site: &Site,
    visitor: &Visitor,
    handle: &str,
) -> Result<Option<Waiting>, Response> {
    if handle.is_empty() {
        return Ok(None);
    }
    let origin = &visitor.origin;
    let pending: Option<Pending> = authorization::pending(site.ctx(), &origin.account, handle)
        .await
        .map_err(|fault| respond::fault_page(origin, &fault))?;
    let ended = || {
        let layout = visitor.bare_layout();
        respond::error_page(layout, StatusCode::BAD_REQUEST, "request_expired", None)
    };
    let pending = pending.ok_or_else(ended)?;
    match authorization::waiting(site.ctx(), &origin.account, &pending).await {
        Ok(authorization::Waiting { client, login_hint }) => Ok(Some(Waiting {
            handle: handle.to_owned(),
            app: App::from(&*client),
            login_hint: login_hint.map(|hint| hint.as_str().to_owned()).unwrap_or_default(),
        })),
        Err(Failure::Fault(fault)) => Err(respond::fault_page(origin, &fault)),
        Err(Failure::Refused(_)) => Err(ended()),
    }
}

/// What the page shows beside its frame.
struct Shown {
    waiting: Option<Waiting>,
    email: String,
    notice: Option<SignInNotice>,
    refused: Option<SignInRefused>,
}

impl Shown {
    fn respond(self, site: &Site, visitor: &mut Visitor, status: StatusCode) -> Response {
        let token = visitor.form_token(site, PURPOSE);
        let mut form = Form::new("/login", token);
        if let Some(waiting) = &self.waiting {
            form = form.with(REQUEST, waiting.handle.clone());
        }
        let page = SignIn {
            layout: visitor.bare_layout(),
            form,
            app: self.waiting.map(|waiting| waiting.app),
            email: self.email,
            notice: self.notice,
            refused: self.refused,
        };
        visitor.remember(pages::respond(status, &page))
    }
}

/// Signs in and goes on to where the user was going.
pub(crate) async fn submit(
    State(site): State<Site>,
    mut visitor: Visitor,
    form: SameSiteForm,
) -> Response {
    let waiting = match waiting(&site, &visitor, form.field(REQUEST)).await {
        Ok(waiting) => waiting,
        Err(response) => return response,
    };
    let email = form.field("username").to_owned();
    let again = |waiting, refused| Shown { waiting, email, notice: None, refused: Some(refused) };
    if !form.is_ours(&site, PURPOSE, visitor.form_cookie()) {
        let page = again(waiting, SignInRefused::FormExpired);
        return page.respond(&site, &mut visitor, StatusCode::FORBIDDEN);
    }
    if form.field("username").is_empty() || form.field("password").is_empty() {
        let page = again(waiting, SignInRefused::Incomplete);
        return page.respond(&site, &mut visitor, StatusCode::UNPROCESSABLE_ENTITY);
    }
    if form.field("password").len() > PASSWORD_MAX_BYTES {
        let page = again(waiting, SignInRefused::WrongCredentials);
        return page.respond(&site, &mut visitor, StatusCode::BAD_REQUEST);
    }
    match sign_in(&site, &visitor, &form).await {
        Ok(cookies) => signed_in(&site, &visitor, waiting.as_ref(), &cookies),
        Err(Failure::Refused(reason)) => {
            let (status, refused) = shown(reason);
            let mut response = again(waiting, refused).respond(&site, &mut visitor, status);
            tell_wait(&mut response, refused);
            response
        }
        Err(Failure::Fault(fault)) => respond::fault_page(&visitor.origin, &fault),
    }
}

async fn sign_in(
    site: &Site,
    visitor: &Visitor,
    form: &SameSiteForm,
) -> store::Decision<SignInCookies, sessions::SignInRefused> {
    let account = visitor.origin.account.clone();
    let previous = visitor.signed_in.as_ref().map(|signed_in| signed_in.session.clone());
    let presented = PresentedPassword {
        email: form.field("username").to_owned(),
        password: Secret::new(form.field("password")),
        source: visitor.origin.source,
        device: visitor.device_cookie.clone(),
    };
    site.complete(move |ctx| async move {
        sessions::sign_in(&ctx, &account, presented, previous.as_ref()).await
    })
    .await
}

fn signed_in(
    site: &Site,
    visitor: &Visitor,
    waiting: Option<&Waiting>,
    cookies: &SignInCookies,
) -> Response {
    let next = waiting.map_or_else(|| HOME.to_owned(), |waiting| resume_url(&waiting.handle));
    let mut response = respond::see_other(&next);
    let headers = response.headers_mut();
    headers.append(SET_COOKIE, Cookie::Session.set(&visitor.origin, &cookies.session));
    headers.append(SET_COOKIE, Cookie::Device.set(&visitor.origin, &cookies.device));
    headers.append(SET_COOKIE, Cookie::Visit.remove(&visitor.origin));
    visitor.hide_state(site, &mut response);
    response
}

/// Programs read the header, people the page.
fn tell_wait(response: &mut Response, refused: SignInRefused) {
    if let SignInRefused::Limited(wait) = refused {
        let seconds = HeaderValue::from(wait.as_seconds().max(1));
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    respond::retry_later(response);
}

fn shown(reason: sessions::SignInRefused) -> (StatusCode, SignInRefused) {
    match reason {
        sessions::SignInRefused::WrongPassword => {
            (StatusCode::UNPROCESSABLE_ENTITY, SignInRefused::WrongCredentials)
        }
        sessions::SignInRefused::Throttled(wait) => {
            (StatusCode::TOO_MANY_REQUESTS, SignInRefused::Limited(wait))
        }
        sessions::SignInRefused::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, SignInRefused::Busy),
    }
}
