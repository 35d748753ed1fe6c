//! The question who goes on to an app, and the answer that it is who is signed in.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use protocol::authorization::{self, AccountChoice};

use super::Visitor;
use super::sign_in::switch_user_url;
use crate::form::SameSiteForm;
use crate::oauth::authorization::{refused, resume_url};
use crate::pages::{self, AccountChoicePage, App, Form};
use crate::respond;
use crate::segment::Segment;
use crate::site::Site;

/// The answer's form belongs to one request.
fn purpose(handle: &str) -> String {
    format!("account choice {handle}")
}

/// Asks who goes on.
pub(crate) fn show(site: &Site, visitor: &mut Visitor, choice: &AccountChoice) -> Response {
    let handle = choice.handle.expose();
    let token = visitor.form_token(site, &purpose(handle));
    let page = AccountChoicePage {
        layout: visitor.bare_layout(),
        form: Form::new(format!("/oauth/authorizations/{handle}/account"), token),
        app: App::from(&*choice.client),
        user: visitor.person().unwrap_or_default(),
        other_user_url: switch_user_url(handle),
    };
    pages::respond(StatusCode::OK, &page)
}

/// Goes on as who is signed in.
pub(crate) async fn choose(
    State(site): State<Site>,
    visitor: Visitor,
    Segment(handle): Segment,
    form: SameSiteForm,
) -> Response {
    if !form.is_ours(&site, &purpose(&handle), visitor.form_cookie()) {
        let layout = visitor.bare_layout();
        return respond::error_page(layout, StatusCode::FORBIDDEN, "form_expired", None);
    }
    let Some(signed_in) = visitor.signed_in.clone() else {
        return respond::see_other(&format!("/login?request={handle}"));
    };
    let account = visitor.origin.account.clone();
    let decision = site
        .complete(move |ctx| async move {
            authorization::choose(&ctx, &account, &signed_in, &handle).await
        })
        .await;
    match decision {
        Ok(next) => respond::see_other(&resume_url(next.expose())),
        Err(failure) => {
            respond::flow_fault(&visitor.origin, failure, |reason| refused(&visitor, reason))
        }
    }
}
