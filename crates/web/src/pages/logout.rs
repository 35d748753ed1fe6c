//! `/logout`: the question before a session ends (OpenID Connect RP-Initiated Logout 1.0 §2).

use askama::Template;

use super::parts::{Form, Layout, Person};

/// The question whether to sign out.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/logout.html")]
pub struct Logout {
    /// What surrounds the page.
    pub layout: Layout,
    /// Posts to `/logout`.
    pub form: Form,
    /// Who is signed in.
    pub user: Person,
    /// The app that sent the person here.
    pub app_name: Option<String>,
}
