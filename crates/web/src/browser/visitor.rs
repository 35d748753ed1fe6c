//! The visitor: the browser behind a request, signed in or not.

use axum::extract::FromRequestParts;
use axum::response::Response;
use domain::{HandleKind, Secret};
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use protocol::session_management;
use protocol::sessions::{self, SignedIn};

use crate::cookies::Cookie;
use crate::origin::Origin;
use crate::pages::{Form, Layout, Person, SignedInUser, Theme, parts};
use crate::respond;
use crate::site::Site;

/// The browser behind a request.
pub(crate) struct Visitor {
    pub(crate) origin: Origin,
    /// Who is signed in.
    pub(crate) signed_in: Option<SignedIn>,
    /// What says who has signed in with this browser before.
    pub(crate) device_cookie: Option<String>,
    session_cookie: Option<String>,
    visit_cookie: Option<String>,
    theme: Theme,
    issued_visit: Option<Secret>,
}

impl FromRequestParts<Site> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Self::Rejection> {
        let origin = Origin::from_request_parts(parts, site)
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        let session_cookie = Cookie::Session.read(&parts.headers, &origin);
        let signed_in = match &session_cookie {
            Some(cookie) => sessions::resume(site.ctx(), &origin.account, cookie)
                .await
                .map_err(|fault| respond::fault_page(&origin, &fault))?,
            None => None,
        };
        Ok(Self {
            device_cookie: Cookie::Device.read(&parts.headers, &origin),
            visit_cookie: Cookie::Visit.read(&parts.headers, &origin),
            theme: theme(parts),
            session_cookie: session_cookie.filter(|_| signed_in.is_some()),
            signed_in,
            origin,
            issued_visit: None,
        })
    }
}

fn theme(parts: &Parts) -> Theme {
    let cookies = parts.headers.get(COOKIE).and_then(|value| value.to_str().ok());
    let named = |pair: &str| pair.trim().split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned()));
    cookies
        .unwrap_or_default()
        .split(';')
        .filter_map(named)
        .find(|(name, _)| name == parts::THEME_COOKIE)
        .map_or_else(Theme::default, |(_, value)| Theme::from_cookie(&value))
}

impl Visitor {
    /// The cookie that form tokens are bound to: the session's, or the visit's before there is one.
    pub(crate) fn form_cookie(&self) -> Option<&str> {
        self.session_cookie.as_deref().or(self.visit_cookie.as_deref())
    }

    /// The token of a form; begins a visit if the browser has no cookie yet.
    pub(crate) fn form_token(&mut self, site: &Site, purpose: &str) -> String {
        if self.form_cookie().is_none() {
            let ctx = site.ctx();
            let visit = ctx.entropy.handle(&ctx.policy.handle_prefix, HandleKind::Visit);
            self.visit_cookie = Some(visit.expose().to_owned());
            self.issued_visit = Some(visit);
        }
        let cookie = self.form_cookie().unwrap_or_default();
        site.ctx().keyring.form_token(purpose, cookie)
    }

    /// The frame of a page on the way of an authorization: no header of its own.
    pub(crate) fn bare_layout(&self) -> Layout {
        Layout { account_name: self.origin.account.name.clone(), theme: self.theme, user: None }
    }

    /// The frame of a page of the signed-in user.
    pub(crate) fn layout(&mut self, site: &Site) -> Layout {
        let sign_out_token = self.form_token(site, sign_out_purpose());
        let user = self
            .person()
            .map(|person| SignedInUser { person, sign_out: Form::new("/logout", sign_out_token) });
        Layout { user, ..self.bare_layout() }
    }

    /// The signed-in user, as pages show him.
    pub(crate) fn person(&self) -> Option<Person> {
        self.signed_in.as_ref().map(|signed_in| Person {
            name: signed_in.user.name.clone(),
            email: signed_in.user.email.as_str().to_owned(),
        })
    }

    /// Sends what the check-session frame reads, where apps may watch sessions.
    pub(crate) fn show_state(&self, site: &Site, mut response: Response) -> Response {
        let is_offered = session_management::is_offered(site.ctx(), &self.origin.account);
        if let Some(signed_in) = self.signed_in.as_ref().filter(|_| is_offered) {
            let state = session_management::browser_state(site.ctx(), &signed_in.session);
            let cookie = Cookie::BrowserState.set(&self.origin, &state);
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }

    /// Takes back what the check-session frame reads: to apps the session has changed.
    pub(crate) fn hide_state(&self, site: &Site, response: &mut Response) {
        if session_management::is_offered(site.ctx(), &self.origin.account) {
            let removed = Cookie::BrowserState.remove(&self.origin);
            response.headers_mut().append(SET_COOKIE, removed);
        }
    }

    /// Sends the cookie of a visit that this page began.
    pub(crate) fn remember(&self, mut response: Response) -> Response {
        if let Some(visit) = &self.issued_visit {
            response.headers_mut().append(SET_COOKIE, Cookie::Visit.set(&self.origin, visit));
        }
        response
    }
}

/// The purpose of the form that signs out; it stands on every page of a signed-in user.
pub(crate) const fn sign_out_purpose() -> &'static str {
    "sign-out"
}
