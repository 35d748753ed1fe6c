//! Decisions: refusals commit, faults roll back.

use crate::{Fault, Transaction};
use std::convert::Infallible;

/// How often a unit of work runs before a retryable fault becomes final.
const ATTEMPTS: u32 = 3;

/// What a flow decided inside a unit of work.
pub type Decision<T, R> = Result<T, Failure<R>>;

/// Why a flow did not reach its goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure<R> {
    /// The caller's doing: a decision, which is committed.
    Refused(R),
    /// Our doing: everything is rolled back.
    Fault(Fault),
}

impl<R> Failure<R> {
    /// The same failure, its refusal told in the words of the caller's layer.
    pub fn map_refused<S>(self, translate: impl FnOnce(R) -> S) -> Failure<S> {
        match self {
            Self::Refused(refused) => Failure::Refused(translate(refused)),
            Self::Fault(fault) => Failure::Fault(fault),
        }
    }
}

impl Failure<Infallible> {
    /// The fault of a decision that cannot be refused.
    pub fn into_fault(self) -> Fault {
        match self {
            Self::Refused(never) => match never {},
            Self::Fault(fault) => fault,
        }
    }
}

impl<R> From<Fault> for Failure<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Ends the unit of work: commits what was decided, durable before this returns, or rolls back a fault.
pub async fn settle<T, R>(tx: Transaction, decision: Decision<T, R>) -> Decision<T, R> {
    if let Err(Failure::Fault(fault)) = decision {
        tx.roll_back().await;
        return Err(Failure::Fault(fault));
    }
    tx.commit().await?;
    decision
}

/// Runs a whole unit of work again, twice at most, while the database asks for it.
pub async fn retry<T, R, F, U>(mut unit: F) -> Decision<T, R>
where
    F: FnMut() -> U,
    U: Future<Output = Decision<T, R>>,
{
    for _ in 1..ATTEMPTS {
        match unit().await {
            Err(Failure::Fault(fault)) if fault.is_retryable() => {
                tracing::debug!(%fault, "running a unit of work again");
            }
            decision => return decision,
        }
    }
    unit().await.map_err(|failure| match failure {
        Failure::Fault(fault) => Failure::Fault(fault.given_up()),
        refused @ Failure::Refused(_) => refused,
    })
}
