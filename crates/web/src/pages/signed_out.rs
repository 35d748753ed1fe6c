//! The page after a session has ended, or where there was none.

use askama::Template;
use protocol::logout::{Told, ToldHow};

use super::parts::Layout;

/// Says that nobody is signed in any more, and which apps are told.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/signed_out.html")]
pub struct SignedOut {
    /// What surrounds the page; without a user.
    pub layout: Layout,
    /// The apps that hear of it.
    pub told: Vec<ToldApp>,
    /// What the browser loads, unseen, so that apps hear of it (Front-Channel Logout 1.0 §3).
    pub frames: Vec<String>,
    /// The way back to the app, if it has proven one.
    pub way_back: Option<WayBack>,
}

impl SignedOut {
    /// The page where no app is told anything.
    pub const fn plain(layout: Layout) -> Self {
        Self { layout, told: Vec::new(), frames: Vec::new(), way_back: None }
    }
}

/// An app that hears that somebody has signed out.
#[derive(Clone, Debug)]
pub struct ToldApp {
    /// Its name.
    pub name: String,
    /// How far that has come.
    pub how: ToldHow,
}

impl ToldApp {
    /// How far that has come, in words.
    pub(crate) const fn words(&self) -> &'static str {
        match self.how {
            ToldHow::Told => "signed out",
            ToldHow::UnderWay => "being told",
            ToldHow::Failed => "could not be told",
        }
    }
}

impl From<Told> for ToldApp {
    fn from(told: Told) -> Self {
        Self { name: told.name, how: told.how }
    }
}

/// A registered post-logout redirect URI.
#[derive(Clone, Debug)]
pub struct WayBack {
    /// The name of the app.
    pub app_name: String,
    /// Where it leads.
    pub url: String,
}
