//! Failed guesses at credentials, counted once for all nodes.
//!
//! A count that reaches its limit moves the epoch of guesses on, which every node polls: until then
//! nodes may remember an older count, since none of them refuses anybody.

use domain::{AccountId, FailureCount, SecretHash, Timestamp};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    SHOW: "SELECT failures, ends_at FROM guesses WHERE account_id = $1 AND hash = $2";
    FAILED: "
INSERT INTO guesses (account_id, hash, failures, ends_at)
VALUES ($1, $2, 1, $4)
ON CONFLICT (account_id, hash) DO UPDATE SET
  failures = CASE WHEN guesses.ends_at > $3 THEN guesses.failures + 1 ELSE 1 END,
  ends_at = CASE WHEN guesses.ends_at > $3 THEN guesses.ends_at ELSE excluded.ends_at END
RETURNING failures, ends_at";
    REACHED: "
INSERT INTO epochs (name, value)
VALUES ('guesses', 1)
ON CONFLICT (name) DO UPDATE SET value = epochs.value + 1";
    FORGET: "DELETE FROM guesses WHERE account_id = $1 AND hash = $2 AND failures < $3";
    DELETE_ENDED: "
DELETE FROM guesses
WHERE ends_at <= $1
AND (account_id, hash) IN (
  SELECT account_id, hash FROM guesses WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)";
}

/// What was guessed at, and from where: all of it in one keyed hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GuessKey {
    /// The account whose credential it is.
    pub account_id: AccountId,
    /// The keyed hash.
    pub hash: SecretHash,
}

/// The failures so far.
pub async fn show(source: impl Into<Source<'_>>, key: &GuessKey) -> Result<FailureCount, Fault> {
    let found = source.into().optional(&SHOW, &[key.account_id.into(), (&key.hash).into()]).await?;
    Ok(found.unwrap_or(FailureCount::NONE))
}

/// Counts a failure, in the open window or in a new one that ends then, and returns the count.
pub async fn failed(
    tx: &mut Transaction,
    key: &GuessKey,
    limit: u32,
    now: Timestamp,
    ends_at: Timestamp,
) -> Result<FailureCount, Fault> {
    let values = [key.account_id.into(), (&key.hash).into(), now.into(), ends_at.into()];
    let counted: Option<FailureCount> = tx.optional(&FAILED, &values).await?;
    let counted =
        counted.ok_or_else(|| Fault::Corrupt("a counted failure was not returned".into()))?;
    if counted.count == i64::from(limit) {
        tx.write(&REACHED, &[]).await?;
    }
    Ok(counted)
}

/// Forgets the failures, unless they have reached this limit: what is closed stays closed.
pub async fn forget(tx: &mut Transaction, key: &GuessKey, limit: u32) -> Result<(), Fault> {
    let values = [key.account_id.into(), (&key.hash).into(), limit.into()];
    tx.write(&FORGET, &values).await
}

/// Deletes so many rows of ended windows.
pub async fn delete_ended(
    tx: &mut Transaction,
    now: Timestamp,
    at_most: i64,
) -> Result<u64, Fault> {
    tx.execute(&DELETE_ENDED, &[now.into(), at_most.into()]).await
}

impl FromRow for FailureCount {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self { count: columns.take()?, ends_at: columns.take()? })
    }
}
