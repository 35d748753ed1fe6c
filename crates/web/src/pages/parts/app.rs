//! How an app presents itself to people. All of it was written by its developer.

use super::initials;

/// An app, as people see it.
#[derive(Clone, Debug)]
pub struct App {
    /// Its name.
    pub name: String,
    /// Its OAuth `client_id` (RFC 6749 §2.2).
    pub identifier: String,
    /// Who makes it, as the developer says.
    pub company: Option<String>,
    /// What it does, as the developer says.
    pub description: Option<String>,
}

impl App {
    /// Stands in for the logo.
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}
