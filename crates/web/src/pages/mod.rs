//! What people see: each page is a struct that holds exactly what is shown, and a template of the
//! same name in `templates/pages`. Nothing here decides, reads a database or a clock.

pub mod account_choice;
pub mod authorized_apps;
pub mod consent;
pub mod error;
pub mod error_article;
pub mod form_post;
pub mod home;
pub mod logout;
pub mod parts;
pub mod set_up;
pub mod sign_in;
pub mod signed_out;

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

pub use account_choice::AccountChoicePage;
pub use authorized_apps::{AuthorizedApp, AuthorizedApps};
pub use consent::{AccessSpan, Consent, ConsentScope, Identity, Standing};
pub use error::{Difference, ErrorPage};
pub use error_article::ErrorArticlePage;
pub use form_post::FormPost;
pub use home::Home;
pub use logout::Logout;
pub use parts::{App, Form, FormErrors, Layout, Moment, Person, ScopeWords, SignedInUser, Theme};
pub use set_up::SetUp;
pub use sign_in::{SignIn, SignInNotice, SignInRefused};
pub use signed_out::{SignedOut, ToldApp, WayBack};

/// Renders a page as a response that no cache keeps.
pub fn respond(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            (status, headers, html).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page did not render");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
