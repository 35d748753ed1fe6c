//! Exit codes, and the errors that choose one.

use std::fmt;
use std::io;

use store::{Failure, Fault};

use crate::document::Faults;

/// How a command ended. Success is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It failed.
    Failure = 1,
    /// It was called wrongly, or with wrong settings.
    Usage = 2,
    /// What was named is not there.
    NotFound = 3,
    /// What was given is in conflict with what is there, or not valid.
    Invalid = 5,
    /// The database does not answer, is not there or is full.
    Unavailable = 6,
}

/// An error with an exit code of its own.
#[derive(Debug)]
pub(crate) struct Refusal {
    exit: Exit,
    message: String,
}

impl Refusal {
    /// Called wrongly, or with wrong settings.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    /// What was named is not there.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self { exit: Exit::NotFound, message: message.into() }
    }

    /// In conflict with what is there, or not valid.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { exit: Exit::Invalid, message: message.into() }
    }

    /// The database does not answer, is not there or is full.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self { exit: Exit::Unavailable, message: message.into() }
    }

    /// Anything else.
    pub(crate) fn failure(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failure, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

/// A refusal by a rule is invalid input; a fault of the database is its unavailability.
pub(crate) fn refused<R: fmt::Display>(failure: Failure<R>) -> anyhow::Error {
    match failure {
        Failure::Refused(refused) => Refusal::invalid(refused.to_string()).into(),
        Failure::Fault(fault) => fault.into(),
    }
}

/// The code for an error.
pub(crate) fn code(error: &anyhow::Error) -> Exit {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return refusal.exit;
    }
    if error.is::<Faults>() {
        return Exit::Usage;
    }
    match error.downcast_ref::<Fault>() {
        Some(Fault::Setting(_)) => Exit::Usage,
        Some(_) => Exit::Unavailable,
        None => Exit::Failure,
    }
}

/// Whether nobody reads our output any more, which is no failure.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
