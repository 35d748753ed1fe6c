//! The deny list of JWT access tokens (RFC 9068) that were revoked before their expiry.

use domain::{AccountId, SecretHash, Timestamp};

use crate::engine::Source;
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO denied_jtis (account_id, jti_hash, expires_at)
VALUES ($1, $2, $3)
ON CONFLICT (account_id, jti_hash) DO NOTHING";
    EXISTS: "SELECT expires_at FROM denied_jtis WHERE account_id = $1 AND jti_hash = $2";
    DELETE_EXPIRED: "
DELETE FROM denied_jtis
WHERE expires_at <= $1
AND (account_id, jti_hash) IN (
  SELECT account_id, jti_hash FROM denied_jtis WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// Puts a token on the list until it would have expired; false: it is there already.
pub async fn create(
    tx: &mut Transaction,
    account_id: AccountId,
    jti_hash: &SecretHash,
    expires_at: Timestamp,
) -> Result<bool, Fault> {
    let values = [account_id.into(), jti_hash.into(), expires_at.into()];
    Ok(tx.execute(&CREATE, &values).await? == 1)
}

/// Whether a token is on the list.
pub async fn exists(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    jti_hash: &SecretHash,
) -> Result<bool, Fault> {
    let found: Option<i64> =
        source.into().optional(&EXISTS, &[account_id.into(), jti_hash.into()]).await?;
    Ok(found.is_some())
}

/// Deletes so many that have expired by themselves.
pub async fn delete_expired(
    tx: &mut Transaction,
    before: Timestamp,
    at_most: i64,
) -> Result<u64, Fault> {
    tx.execute(&DELETE_EXPIRED, &[before.into(), at_most.into()]).await
}
