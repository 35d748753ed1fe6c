//! Forms: where they go, the token that proves they are ours, and what was wrong the last time.

/// The name of the field that carries the CSRF token.
pub const CSRF_FIELD: &str = "csrf_token";

/// Where a form is sent and what it carries unseen.
#[derive(Clone, Debug)]
pub struct Form {
    /// The path that the form posts to.
    pub action: String,
    /// The token bound to the session, or to the visit before there is one.
    pub csrf_token: String,
    /// Further hidden fields.
    pub hidden: Vec<HiddenField>,
}

impl Form {
    /// A form without further hidden fields.
    pub fn new(action: impl Into<String>, csrf_token: impl Into<String>) -> Self {
        Self { action: action.into(), csrf_token: csrf_token.into(), hidden: Vec::new() }
    }

    /// The same form with one more hidden field.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push(HiddenField { name, value: value.into() });
        self
    }
}

/// A hidden field of a form.
#[derive(Clone, Debug)]
pub struct HiddenField {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// What was wrong with the fields of a form, in the order of the page.
#[derive(Clone, Debug, Default)]
pub struct FormErrors(Vec<FormError>);

/// What was wrong with one field.
#[derive(Clone, Debug)]
pub(crate) struct FormError {
    /// The id of the field on the page.
    pub(crate) field: &'static str,
    /// What is wrong, and what would be right.
    pub(crate) message: String,
}

impl FormErrors {
    /// Adds what is wrong with the field of this id.
    pub fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.push(FormError { field, message: message.into() });
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything that is wrong, for the summary on top.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &FormError> {
        self.0.iter()
    }

    /// What is wrong with the field of this id.
    pub(crate) fn on(&self, field: &str) -> Option<&str> {
        self.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }
}
