//! What goes into the audit log: administrative changes, consents, revocations, sign-ins, incidents.

use domain::{Actor, Id};
use serde_json::{Value, json};

/// One change to be recorded.
pub(crate) struct Change {
    pub(crate) actor: Actor,
    pub(crate) action: &'static str,
    pub(crate) target: (&'static str, i64),
    pub(crate) details: Value,
}

impl Change {
    /// `actor` did `action` to the `noun` with this id.
    pub(crate) fn new<T>(
        actor: Actor,
        action: &'static str,
        noun: &'static str,
        id: Id<T>,
    ) -> Self {
        Self { actor, action, target: (noun, id.get()), details: json!({}) }
    }

    /// The same with facts for the reader; never a secret.
    pub(crate) fn with(self, details: Value) -> Self {
        Self { details, ..self }
    }
}
