//! Running one registered statement on one connection.

use std::pin::pin;

use deadpool_postgres::ClientWrapper;
use futures_util::TryStreamExt;
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::{BorrowToSql, ToSql};

use super::super::{Row, Statement};
use super::error::{fault, is_changed_plan};
use crate::Fault;

/// Why a statement did not run.
pub(super) struct Failed {
    pub(super) fault: Fault,
    pub(super) cause: Cause,
}

/// What must be dropped before it can run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The prepared handle of this text: it has outlived the schema that it was planned for.
    ChangedPlan(&'static str),
    /// The connection: its server takes no writes any more.
    Demoted,
    /// The connection: nothing comes back on it.
    Stuck,
    /// Nothing: the server has refused it, and undone what it had done of it.
    Refused,
    /// Nothing, as far as is known.
    Other,
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self { fault, cause: Cause::Other }
    }
}

impl Failed {
    fn new(statement: &Statement, error: &tokio_postgres::Error) -> Self {
        let cause = match error.as_db_error() {
            Some(error) if is_changed_plan(error) => Cause::ChangedPlan(statement.sql()),
            Some(error) if *error.code() == SqlState::READ_ONLY_SQL_TRANSACTION => Cause::Demoted,
            // What ends the connection may come after the commit, while a replica is waited for.
            Some(error) if error.parsed_severity() == Some(Severity::Error) => Cause::Refused,
            _ => Cause::Other,
        };
        Self { fault: fault(statement.name(), error), cause }
    }
}

/// The handle of a statement on this connection; prepared when it is used there for the first time.
pub(super) async fn prepare(
    client: &ClientWrapper,
    statement: &Statement,
) -> Result<tokio_postgres::Statement, Failed> {
    let prepared = client.prepare_cached(statement.sql()).await;
    prepared.map_err(|error| Failed::new(statement, &error))
}

/// Prepares and runs a statement.
pub(super) async fn query<V, F>(
    client: &ClientWrapper,
    statement: &Statement,
    values: &[V],
    each: F,
) -> Result<u64, Failed>
where
    V: ToSql + Sync,
    F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
{
    let prepared = prepare(client, statement).await?;
    query_prepared(client, statement, &prepared, values.iter(), each).await
}

/// Runs a prepared statement; it is on its way when this has been polled once.
pub(super) async fn query_prepared<P, I, F>(
    client: &ClientWrapper,
    statement: &Statement,
    prepared: &tokio_postgres::Statement,
    values: I,
    mut each: F,
) -> Result<u64, Failed>
where
    P: BorrowToSql,
    I: ExactSizeIterator<Item = P>,
    F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
{
    let (given, wanted) = (values.len(), prepared.params().len());
    if given != wanted {
        let message = format!("{given} values for {wanted} placeholders");
        let fault = Fault::Statement { statement: statement.name(), message };
        return Err(fault.into());
    }
    let failed = |error: tokio_postgres::Error| Failed::new(statement, &error);
    let mut rows = pin!(client.query_raw(prepared, values).await.map_err(failed)?);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        each(&Row::Postgres(&row))?;
    }
    Ok(rows.rows_affected().unwrap_or_default())
}
