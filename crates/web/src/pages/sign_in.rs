//! `/login`: email and password, and on whose behalf.

use askama::Template;
use domain::Lifetime;

use super::parts::{App, Form, Layout, lifetime_in_words};

/// The sign-in page. Its form posts `username` and `password`.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/sign_in.html")]
pub struct SignIn {
    /// What surrounds the page.
    pub layout: Layout,
    /// Posts to `/login`.
    pub form: Form,
    /// The app that the person is on the way to.
    pub app: Option<App>,
    /// The email address that was typed before.
    pub email: String,
    /// Why the person sees this page, where that is not plain.
    pub notice: Option<SignInNotice>,
    /// Why the last attempt was refused.
    pub refused: Option<SignInRefused>,
}

/// Why a person is asked to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInNotice {
    /// He is signed in, but the app wants to be sure (`prompt=login`, `max_age`).
    ConfirmIdentity,
    /// He wants to go on as somebody else ("Not you?").
    SwitchUser,
    /// His session ended while a page was open.
    SessionEnded,
    /// He has just made the first admin.
    SetUpDone,
}

impl SignInNotice {
    fn sentence(self) -> &'static str {
        match self {
            Self::ConfirmIdentity => "Sign in again to confirm that it is you.",
            Self::SwitchUser => "Sign in as the person who should go on.",
            Self::SessionEnded => "Your session has ended. Sign in again to go on.",
            Self::SetUpDone => "Your admin account is ready. Sign in to start.",
        }
    }
}

/// Why a sign-in was refused. It never says whether the user exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefused {
    /// A field is empty.
    Incomplete,
    /// No such user, wrong password, or a suspended user: all alike.
    WrongCredentials,
    /// Too many attempts; the next one is possible after this time.
    Limited(Lifetime),
    /// The form is too old, or not ours.
    FormExpired,
    /// The server has too much to do.
    Busy,
}

impl SignInRefused {
    fn sentence(self) -> String {
        match self {
            Self::Incomplete => "Enter your email and your password.".to_owned(),
            Self::WrongCredentials => {
                "The email or the password is wrong. Check both and try again.".to_owned()
            }
            Self::Limited(wait) => {
                format!("Too many attempts. Try again in {}.", lifetime_in_words(wait))
            }
            Self::FormExpired => "This page was open for too long. Sign in again.".to_owned(),
            Self::Busy => "The server is busy. Try again in a moment.".to_owned(),
        }
    }

    fn concerns_fields(self) -> bool {
        matches!(self, Self::Incomplete | Self::WrongCredentials)
    }
}

impl SignIn {
    fn fields_are_wrong(&self) -> bool {
        self.refused.is_some_and(SignInRefused::concerns_fields)
    }
}
