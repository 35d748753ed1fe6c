//! Faults: what went wrong on our side, told so that an operator understands it.

/// A fault of the store. It leaves no trace in the database and is never the caller's doing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The database setting itself cannot be used.
    #[error("{0}")]
    Setting(String),
    /// The database cannot serve now: not reachable, locked, full, too slow or not migrated.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// So much waits already that this was refused before anything was done for it.
    #[error("the database is busy: {0}")]
    Busy(&'static str),
    /// The database gave up one unit of work in favour of another; the same unit may succeed now.
    #[error("the database asks to try again: {0}")]
    Retryable(String),
    /// An earlier statement of this unit of work failed, so the unit cannot be committed.
    #[error("an earlier statement of this unit of work failed")]
    Poisoned,
    /// A constraint that no statement expects to meet was violated.
    #[error("the constraint {0} was violated")]
    Conflict(String),
    /// What is stored cannot be read.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// A statement is wrong for this database.
    #[error("statement {statement}: {message}")]
    Statement {
        /// The name under which the statement is registered.
        statement: &'static str,
        /// What the database says about it.
        message: String,
    },
    /// A migration cannot be applied.
    #[error("{0}")]
    Migration(String),
}

impl Fault {
    /// Whether the same unit of work may succeed when it is run again.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Retryable(_))
    }

    /// The same fault when trying again is over.
    #[must_use]
    pub fn given_up(self) -> Self {
        match self {
            Self::Retryable(message) => Self::Unavailable(message),
            other => other,
        }
    }
}
