//! `/`: says where one is and leads on to what exists.

use askama::Template;

use super::parts::Layout;

/// The home page, for the signed-in and for everybody else.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/home.html")]
pub struct Home {
    /// What surrounds the page; its user decides what is offered.
    pub layout: Layout,
    /// The account's issuer (RFC 8414 §2), for developers.
    pub issuer: String,
}
