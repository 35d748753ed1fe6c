//! What an error of PostgreSQL means.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::Fault;

/// The fault that an error is.
pub(crate) fn fault(statement: &'static str, error: &Error) -> Fault {
    if let Some(error) = error.as_db_error() {
        return refused(statement, error);
    }
    if error.is_closed() {
        return Fault::Unavailable("the connection to PostgreSQL was closed".into());
    }
    match error.source() {
        Some(source) if source.is::<std::io::Error>() || is_connecting(error) => {
            Fault::Unavailable(format!("PostgreSQL: {error}: {source}"))
        }
        None if is_connecting(error) => Fault::Unavailable(format!("PostgreSQL: {error}")),
        source => {
            let cause = source.map(|source| format!(": {source}")).unwrap_or_default();
            Fault::Statement { statement, message: format!("{error}{cause}") }
        }
    }
}

fn is_connecting(error: &Error) -> bool {
    let message = error.to_string();
    [
        "error connecting",
        "error performing TLS",
        "timeout",
        "authentication",
        "invalid configuration",
    ]
    .iter()
    .any(|start| message.starts_with(start))
}

/// An answer of the server (PostgreSQL documentation, appendix A).
fn refused(statement: &'static str, error: &DbError) -> Fault {
    let code = error.code();
    let message = error.message();
    if is_changed_plan(error)
        || [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code)
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
    {
        return Fault::Retryable(message.to_owned());
    }
    match (code.code().get(..2).unwrap_or_default(), error.constraint()) {
        ("23", constraint) => Fault::Conflict(constraint.unwrap_or(message).to_owned()),
        // Connection, authorization, unknown database, resources, intervention (also a timeout), system.
        ("08" | "28" | "3D" | "53" | "57" | "58", _) => {
            Fault::Unavailable(format!("PostgreSQL: {message}"))
        }
        ("XX", _) => Fault::Corrupt(message.to_owned()),
        _ if *code == SqlState::UNDEFINED_TABLE => {
            Fault::Unavailable(format!("{message}: it is not migrated, run `consentry migrate up`"))
        }
        _ => Fault::Statement { statement, message: message.to_owned() },
    }
}

/// Whether a prepared statement has outlived the schema that it was planned for.
pub(super) fn is_changed_plan(error: &DbError) -> bool {
    *error.code() == SqlState::FEATURE_NOT_SUPPORTED && error.message().contains("cached plan")
}
