//! The error page: for what cannot or must not be sent back to the app (RFC 6749 §4.1.2.1).

use askama::Template;

use super::error_article::ErrorArticle;
use super::parts::Layout;

/// The error page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    /// What surrounds the page.
    pub layout: Layout,
    /// The code, a key of the error articles.
    pub code: String,
    /// What happened here, in one sentence, where more can be said than the article says.
    pub detail: Option<String>,
    /// The id under which the log has the cause.
    pub request_id: String,
    /// What differs from the registration. Only the app's owner may see it.
    pub differences: Vec<Difference>,
}

/// A parameter that differs from what is registered.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Its name.
    pub parameter: String,
    /// The value that was sent.
    pub presented: String,
    /// The values that would pass.
    pub registered: Vec<String>,
}

impl ErrorPage {
    /// The page for this code, without further detail.
    pub fn new(layout: Layout, code: &str, request_id: impl Into<String>) -> Self {
        Self {
            layout,
            code: code.to_owned(),
            detail: None,
            request_id: request_id.into(),
            differences: Vec::new(),
        }
    }

    fn article(&self) -> &'static ErrorArticle {
        ErrorArticle::find(&self.code).unwrap_or(ErrorArticle::server_error())
    }
}
