//! Lanes: a connection for each kind of write that is batched. A batch is one statement, which is a transaction by
//! itself; one at a time goes on each lane.

use tokio::time::timeout;

use super::super::{Row, Statement, Value};
use super::connector::Connector;
use super::run::{self, Cause, Failed};
use super::shared::Shared;
use super::{STATEMENT_PATIENCE, no_answer};
use crate::Fault;

/// Planned once, as planning for fifteen partitions takes five times as long as doing it; and so that a plan which was made
/// while a table was small may stay: every row is found by its index.
/// A row that somebody holds spoils a batch only for a moment: then each write is tried by itself.
const SESSION: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; SET lock_timeout = '100ms'";

/// The kinds of lanes.
#[derive(Clone, Copy)]
pub(crate) enum LaneOf {
    Issues,
    Rotations,
    Redemptions,
}

/// Why a batch was not written.
pub(crate) enum Unwritten {
    /// The server refused it, and nothing of it is there.
    Undone(Fault),
    /// Nothing came back: some day somebody may find it there.
    Unknown(Fault),
}

pub(super) struct Lanes([Shared; 3]);

impl Lanes {
    /// Each connects when it is used for the first time.
    pub(super) fn new(connector: &Connector) -> Self {
        Self(std::array::from_fn(|_| Shared::new(connector.clone(), SESSION)))
    }

    /// For each row, whether the statement did not return its number.
    pub(super) async fn write(
        &self,
        lane: LaneOf,
        statement: &Statement,
        rows: &[Vec<Value<'_>>],
    ) -> Result<Vec<bool>, Unwritten> {
        let shared = &self.0[lane as usize];
        let writing = write(shared, statement, rows);
        timeout(STATEMENT_PATIENCE, writing).await.unwrap_or_else(|_| {
            shared.discard();
            Err(Unwritten::Unknown(no_answer()))
        })
    }
}

async fn write(
    shared: &Shared,
    statement: &Statement,
    rows: &[Vec<Value<'_>>],
) -> Result<Vec<bool>, Unwritten> {
    let client = shared.get().await.map_err(Unwritten::Unknown)?;
    let mut held = vec![true; rows.len()];
    let each = |row: &Row<'_>| {
        let number: i64 = row.get(0)?;
        let index = usize::try_from(number - 1).ok();
        if let Some(held) = index.and_then(|index| held.get_mut(index)) {
            *held = false;
        }
        Ok(())
    };
    let prepared = run::prepare(&client, statement).await;
    let written = match &prepared {
        Ok(prepared) => {
            let arrays = arrays(rows, prepared.params().len());
            run::query_prepared(&client, statement, prepared, arrays.iter(), each).await
        }
        Err(failed) => Err(Failed { fault: failed.fault.clone(), cause: failed.cause }),
    };
    let Err(failed) = written else { return Ok(held) };
    match failed.cause {
        Cause::ChangedPlan(sql) => drop(client.statement_cache.remove(sql, &[])),
        Cause::Demoted => shared.discard(),
        Cause::Refused | Cause::Stuck | Cause::Other => {}
    }
    Err(match failed.cause {
        Cause::ChangedPlan(_) | Cause::Demoted | Cause::Refused => Unwritten::Undone(failed.fault),
        Cause::Stuck | Cause::Other => Unwritten::Unknown(failed.fault.given_up()),
    })
}

/// The values of all rows, one array for each placeholder.
pub(super) fn arrays<'a>(rows: &[Vec<Value<'a>>], count: usize) -> Vec<Vec<Value<'a>>> {
    (0..count).map(|index| rows.iter().map(|row| row[index]).collect()).collect()
}
