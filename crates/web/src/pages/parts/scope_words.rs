//! A scope in words.

use domain::Risk;

/// A scope that was granted, as people see it.
#[derive(Clone, Debug)]
pub struct ScopeWords {
    /// Its name on the wire.
    pub name: String,
    /// A few words that say what it allows.
    pub title: String,
    /// How much harm it could do.
    pub risk: Risk,
}

impl ScopeWords {
    /// Whether people are warned of it.
    pub(crate) fn is_high_risk(&self) -> bool {
        self.risk == Risk::High
    }
}
