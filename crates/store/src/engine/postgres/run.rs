//! Running one registered statement on one connection.

use std::pin::pin;

use deadpool_postgres::ClientWrapper;
use futures_util::TryStreamExt;
use tokio_postgres::types::BorrowToSql;

use super::super::{Row, Statement, Value};
use super::error::{fault, is_changed_plan};
use crate::Fault;

/// Why a statement did not run.
pub(super) struct Failed {
    pub(super) fault: Fault,
    /// Its prepared handle has outlived the schema that it was planned for.
    pub(super) changed_plan: bool,
}

impl From<Failed> for Fault {
    fn from(failed: Failed) -> Self {
        failed.fault
    }
}

impl Failed {
    fn new(statement: &Statement, error: &tokio_postgres::Error) -> Self {
        let changed_plan = error.as_db_error().is_some_and(is_changed_plan);
        Self { fault: fault(statement.name(), error), changed_plan }
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
pub(super) async fn query<F>(
    client: &ClientWrapper,
    statement: &Statement,
    values: &[Value<'_>],
    each: F,
) -> Result<u64, Failed>
where
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
        return Err(Failed { fault, changed_plan: false });
    }
    let failed = |error: tokio_postgres::Error| Failed::new(statement, &error);
    let mut rows = pin!(client.query_raw(prepared, values).await.map_err(failed)?);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        each(&Row::Postgres(&row)).map_err(|fault| Failed { fault, changed_plan: false })?;
    }
    Ok(rows.rows_affected().unwrap_or_default())
}
