//! `/logout`: signing out, after a question.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http::header::SET_COOKIE;
use protocol::sessions;

use super::Visitor;
use super::visitor::sign_out_purpose;
use crate::cookies::Cookie;
use crate::form::SameSiteForm;
use crate::pages::{self, Form, Logout, SignedOut};
use crate::respond;
use crate::site::{Site, unrefused};

/// Asks whether to sign out: a link or picture of another site must not be able to do it.
pub(crate) async fn show(State(site): State<Site>, mut visitor: Visitor) -> Response {
    let Some(user) = visitor.person() else { return signed_out(&visitor) };
    let token = visitor.form_token(&site, sign_out_purpose());
    let layout = visitor.bare_layout();
    let page = Logout { layout, form: Form::new("/logout", token), user, app_name: None };
    pages::respond(StatusCode::OK, &page)
}

/// Signs out.
pub(crate) async fn submit(
    State(site): State<Site>,
    visitor: Visitor,
    form: SameSiteForm,
) -> Response {
    let Some(signed_in) = visitor.signed_in.clone() else { return signed_out(&visitor) };
    if !form.is_ours(&site, sign_out_purpose(), visitor.form_cookie()) {
        let layout = visitor.bare_layout();
        return respond::error_page(layout, StatusCode::FORBIDDEN, "form_expired", None);
    }
    let decision =
        site.complete(move |ctx| async move { sessions::sign_out(&ctx, &signed_in).await }).await;
    match unrefused(decision) {
        Ok(()) => {
            let mut response = respond::see_other("/logout");
            let removed = Cookie::Session.remove(&visitor.origin);
            response.headers_mut().append(SET_COOKIE, removed);
            response
        }
        Err(fault) => respond::fault_page(&visitor.origin, &fault),
    }
}

fn signed_out(visitor: &Visitor) -> Response {
    let page = SignedOut { layout: visitor.bare_layout(), way_back: None };
    pages::respond(StatusCode::OK, &page)
}
