//! The answer that the browser posts to an app (OAuth 2.0 Form Post Response Mode §2).

use askama::Template;

use super::parts::Layout;

/// A form that holds the answer. `app.js` sends it at once; without it, the person does.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/form_post.html")]
pub struct FormPost {
    /// What surrounds the page.
    pub layout: Layout,
    /// The app's redirect URI.
    pub redirect_uri: String,
    /// The host that the browser goes to.
    pub redirect_host: String,
    /// The fields of the answer.
    pub fields: Vec<(&'static str, String)>,
}
