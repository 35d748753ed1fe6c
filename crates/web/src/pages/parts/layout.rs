//! What surrounds every page: the account, who is signed in, the colour scheme.

use super::{Form, Person, initials};

/// The cookie that keeps the chosen colour scheme: `light` or `dark`. `app.js` sets it.
pub const THEME_COOKIE: &str = "consentry_theme";

/// What surrounds every page.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The name of the account that was asked.
    pub account_name: String,
    /// The colour scheme that the person chose.
    pub theme: Theme,
    /// Who is signed in. Pages on the way to an app show no header for him: they hold one form only.
    pub user: Option<SignedInUser>,
}

impl Layout {
    /// Stands in for the account's logo.
    pub(crate) fn initials(&self) -> String {
        initials(&self.account_name)
    }
}

/// The signed-in user in the header, with his way out.
#[derive(Clone, Debug)]
pub struct SignedInUser {
    /// Who it is.
    pub person: Person,
    /// Posts to `/logout`.
    pub sign_out: Form,
}

/// The colour scheme of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device says.
    #[default]
    Device,
    /// Light, whatever the device says.
    Light,
    /// Dark, whatever the device says.
    Dark,
}

impl Theme {
    /// The theme that the value of [`THEME_COOKIE`] names; anything else is the device's.
    pub fn from_cookie(value: &str) -> Self {
        match value {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Device,
        }
    }

    /// The value of the attribute on the root element.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}
