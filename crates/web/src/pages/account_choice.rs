//! Who goes on: the user who is signed in, or somebody else (`prompt=select_account`).

use askama::Template;

use super::parts::{App, Form, Layout, Person};

/// The question who goes on to an app.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/account_choice.html")]
pub struct AccountChoicePage {
    /// What surrounds the page.
    pub layout: Layout,
    /// Goes on as who is signed in.
    pub form: Form,
    /// The app that the person is on the way to.
    pub app: App,
    /// Who is signed in.
    pub user: Person,
    /// Where somebody else signs in.
    pub other_user_url: String,
}
