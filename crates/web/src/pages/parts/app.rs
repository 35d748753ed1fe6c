//! How an app presents itself to people. All of it was written by its developer.

use domain::Client;

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
    /// Where its logo is, if it has one.
    pub logo_path: Option<String>,
}

impl From<&Client> for App {
    fn from(client: &Client) -> Self {
        Self {
            name: client.name.clone(),
            identifier: client.identifier.as_str().to_owned(),
            company: client.company.clone(),
            description: client.description.clone(),
            logo_path: client.logo_path(),
        }
    }
}

impl App {
    /// Stands in for the logo where there is none.
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}
