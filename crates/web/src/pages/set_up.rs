//! `/setup/{token}`: makes the first admin of a new installation.

use askama::Template;

use super::parts::{Form, FormErrors, Layout};

/// The set-up page. Its form posts `name`, `email`, `password` and `password_repeat`; these, with
/// `-` for `_`, are also the ids that [`FormErrors`] refer to.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/set_up.html")]
pub struct SetUp {
    /// What surrounds the page.
    pub layout: Layout,
    /// Posts to `/setup/{token}`.
    pub form: Form,
    /// The name that was typed before.
    pub name: String,
    /// The email address that was typed before.
    pub email: String,
    /// The fewest characters of a password.
    pub password_min_length: usize,
    /// What was wrong with the last attempt.
    pub errors: FormErrors,
}
