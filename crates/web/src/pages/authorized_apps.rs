//! `/account/apps`: what a user allowed, and how to take it back.

use askama::Template;

use super::parts::{App, Form, Layout, Moment, ScopeWords};

/// The list of a user's grants.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/authorized_apps.html")]
pub struct AuthorizedApps {
    /// What surrounds the page; with its user.
    pub layout: Layout,
    /// The grants, newest first.
    pub apps: Vec<AuthorizedApp>,
    /// Revokes every grant of this user.
    pub revoke_all: Form,
    /// What has just happened: "Demo Web no longer has access."
    pub notice: Option<String>,
    /// Where the list goes on.
    pub next_page_url: Option<String>,
}

/// One grant.
#[derive(Clone, Debug)]
pub struct AuthorizedApp {
    /// The grant's id; makes the ids of its elements unique.
    pub grant_id: String,
    /// The app.
    pub app: App,
    /// What it may do.
    pub scopes: Vec<ScopeWords>,
    /// When the user allowed it.
    pub granted: Moment,
    /// When a token of it was last used, where that is known.
    pub last_used: Option<Moment>,
    /// Where a sign-in at the app begins, if it said so.
    pub open_url: Option<String>,
    /// Revokes this grant.
    pub revoke: Form,
}
