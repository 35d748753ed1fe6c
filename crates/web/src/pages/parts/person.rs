//! A person, as shown to himself.

use super::initials;

/// Who is signed in.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// The full name.
    pub name: String,
    /// The email address.
    pub email: String,
}

impl Person {
    /// Stands in for the picture.
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}
