//! Tokens that never end, all of one bucket. They leave once they are revoked, or dead for whatever else that nothing
//! undoes.
//!
//! No index leads to the dead ones: of a family, grant, client or user that ended, the tokens' own rows know nothing. So
//! all are looked at in the order of the key, a part at a time, and whatever is dead is revoked by itself first.

use domain::{ExpiryBucket, SecretHash, Timestamp};

use super::TokenPlace;
use crate::engine::{Source, Value};
use crate::{Fault, Transaction, statements};

statements! {
    PLACE: "
SELECT bucket, hash FROM tokens
WHERE bucket = $1 AND hash > $2
ORDER BY hash
LIMIT 1 OFFSET $3";
    // The lists hold the same for dead, see `pages`.
    REVOKE_DEAD: "
UPDATE tokens
SET revoked_at = $4
WHERE bucket = $1 AND hash > $2 AND hash <= $3 AND revoked_at IS NULL
AND NOT EXISTS (
  SELECT 1
  FROM accounts AS a
  JOIN clients AS c ON c.id = tokens.client_id
  JOIN users AS u ON u.id = tokens.user_id
  WHERE a.id = tokens.account_id AND tokens.created_at > COALESCE(a.not_before, 0)
  AND tokens.created_at > COALESCE(c.not_before, 0)
  AND tokens.created_at > COALESCE(u.not_before, 0)
  AND (tokens.family_id IS NULL OR EXISTS (
    SELECT 1
    FROM token_families AS f
    JOIN grants AS g ON g.id = f.grant_id
    WHERE f.id = tokens.family_id AND f.revoked_at IS NULL AND g.revoked_at IS NULL)))";
    END_FAMILIES: "
UPDATE token_families
SET expires_at = $5
WHERE expires_at > $5
AND id IN (
  SELECT family_id FROM tokens
  WHERE bucket = $1 AND hash > $2 AND hash <= $3 AND revoked_at <= $4)";
    DELETE_REVOKED: "
DELETE FROM tokens
WHERE bucket = $1 AND hash > $2 AND hash <= $3 AND revoked_at <= $4";
}

const FIRST: SecretHash = SecretHash::from_bytes([0; 32]);
const LAST: SecretHash = SecretHash::from_bytes([0xFF; 32]);

/// Some of them that follow one another in the order of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndlessPart {
    after: SecretHash,
    to: SecretHash,
}

impl EndlessPart {
    /// None of them, and before every other part.
    pub const BEFORE_ALL: Self = Self { after: FIRST, to: FIRST };

    /// Whether no part follows.
    pub fn is_last(&self) -> bool {
        self.to == LAST
    }

    fn values(&self) -> [Value<'_>; 3] {
        [ExpiryBucket::NEVER.into(), (&self.after).into(), (&self.to).into()]
    }
}

/// The part of so many tokens that follows a part; the last one has fewer.
pub async fn part_after(
    source: impl Into<Source<'_>>,
    part: &EndlessPart,
    count: i64,
) -> Result<EndlessPart, Fault> {
    let values = [ExpiryBucket::NEVER.into(), (&part.to).into(), count.saturating_sub(1).into()];
    let last: Option<TokenPlace> = source.into().optional(&PLACE, &values).await?;
    Ok(EndlessPart { after: part.to, to: last.map_or(LAST, |place| place.hash) })
}

/// Revokes the dead ones of a part by themselves; how many there were.
pub async fn revoke_dead(
    tx: &mut Transaction,
    part: &EndlessPart,
    at: Timestamp,
) -> Result<u64, Fault> {
    tx.execute(&REVOKE_DEAD, &[&part.values()[..], &[at.into()]].concat()).await
}

/// Deletes those of a part that were revoked before, and ends their families; how many there were.
pub async fn delete_revoked(
    tx: &mut Transaction,
    part: &EndlessPart,
    before: Timestamp,
    at: Timestamp,
) -> Result<u64, Fault> {
    let values = [&part.values()[..], &[before.into()]].concat();
    tx.write(&END_FAMILIES, &[&values[..], &[at.into()]].concat()).await?;
    tx.execute(&DELETE_REVOKED, &values).await
}
