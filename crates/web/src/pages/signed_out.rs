//! The page after a session has ended, or where there was none.

use askama::Template;

use super::parts::Layout;

/// Says that nobody is signed in any more.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/signed_out.html")]
pub struct SignedOut {
    /// What surrounds the page; without a user.
    pub layout: Layout,
    /// The way back to the app, if it has proven one.
    pub way_back: Option<WayBack>,
}

/// A registered post-logout redirect URI.
#[derive(Clone, Debug)]
pub struct WayBack {
    /// The name of the app.
    pub app_name: String,
    /// The registered URI.
    pub url: String,
}
