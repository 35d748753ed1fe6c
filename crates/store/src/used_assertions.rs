//! Assertions that were used (RFC 7523 §3): each opens something once, at whichever node.

use domain::{AccountId, ClientId, SecretHash, Timestamp};

use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO used_assertions (account_id, client_id, jti_hash, expires_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, client_id, jti_hash) DO NOTHING";
    DELETE_EXPIRED: "
DELETE FROM used_assertions
WHERE expires_at <= $1
AND (account_id, client_id, jti_hash) IN (
  SELECT account_id, client_id, jti_hash
  FROM used_assertions
  WHERE expires_at <= $1
  ORDER BY expires_at
  LIMIT $2)";
}

/// An assertion of a client, by what makes it the only one of its kind.
#[derive(Clone, Copy, Debug)]
pub struct UsedAssertion {
    /// The account where it was presented.
    pub account_id: AccountId,
    /// Who signed it.
    pub client_id: ClientId,
    /// The keyed hash of its `jti`.
    pub jti_hash: SecretHash,
    /// Until when it could be presented again.
    pub expires_at: Timestamp,
}

/// Uses an assertion up; false: it was used before.
pub async fn create(tx: &mut Transaction, assertion: &UsedAssertion) -> Result<bool, Fault> {
    let values = [
        assertion.account_id.into(),
        assertion.client_id.into(),
        (&assertion.jti_hash).into(),
        assertion.expires_at.into(),
    ];
    Ok(tx.execute(&CREATE, &values).await? == 1)
}

/// Deletes so many that nobody could present again.
pub async fn delete_expired(
    tx: &mut Transaction,
    now: Timestamp,
    at_most: i64,
) -> Result<u64, Fault> {
    tx.execute(&DELETE_EXPIRED, &[now.into(), at_most.into()]).await
}
