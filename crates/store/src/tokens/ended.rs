//! Tokens that have ended leave in the order of their key, and end the families whose live leaf they were.
//!
//! A family whose newest issue has ended can never be refreshed again, long before its own time is up. So
//! it ends with that row, which costs the refreshing nothing.

use domain::{ExpiryBucket, SecretHash, Timestamp};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    PLACE: "
SELECT bucket, hash FROM tokens
WHERE bucket < $1 AND (bucket, hash) > ($2, $3)
ORDER BY bucket, hash
LIMIT 1 OFFSET $4";
    END_FAMILIES: "
UPDATE token_families
SET expires_at = $5
WHERE expires_at > $5
AND id IN (
  SELECT CASE WHEN rotated_at IS NULL THEN family_id END
  FROM tokens
  WHERE bucket < $1 AND (bucket, hash) > ($2, $3)
  ORDER BY bucket, hash
  LIMIT $4)";
    DELETE_BEFORE: "
DELETE FROM tokens
WHERE bucket < $1
AND (bucket, hash) IN (
  SELECT bucket, hash FROM tokens WHERE bucket < $1 ORDER BY bucket, hash LIMIT $2)";
}

/// A place in the order of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenPlace {
    bucket: ExpiryBucket,
    pub(super) hash: SecretHash,
}

impl TokenPlace {
    /// Before every token.
    pub const FIRST: Self =
        Self { bucket: ExpiryBucket::from_stored(i64::MIN), hash: SecretHash::from_bytes([0; 32]) };
}

/// The last of so many tokens after a place, in the buckets before this one; none: there are fewer.
pub async fn place_after(
    source: impl Into<Source<'_>>,
    bucket: ExpiryBucket,
    after: &TokenPlace,
    count: i64,
) -> Result<Option<TokenPlace>, Fault> {
    let values =
        [bucket.into(), after.bucket.into(), (&after.hash).into(), count.saturating_sub(1).into()];
    source.into().optional(&PLACE, &values).await
}

/// Ends the families whose live leaf is among the first so many tokens after a place, in the buckets
/// before this one.
pub async fn end_families(
    tx: &mut Transaction,
    (bucket, after): (ExpiryBucket, &TokenPlace),
    count: i64,
    at: Timestamp,
) -> Result<(), Fault> {
    let values =
        [bucket.into(), after.bucket.into(), (&after.hash).into(), count.into(), at.into()];
    tx.write(&END_FAMILIES, &values).await
}

/// Deletes so many tokens of the buckets before this one, the first ones. Their families are to be ended
/// first.
pub async fn delete_before(
    tx: &mut Transaction,
    bucket: ExpiryBucket,
    at_most: i64,
) -> Result<u64, Fault> {
    tx.execute(&DELETE_BEFORE, &[bucket.into(), at_most.into()]).await
}

impl FromRow for TokenPlace {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self { bucket: columns.take()?, hash: columns.take()? })
    }
}
