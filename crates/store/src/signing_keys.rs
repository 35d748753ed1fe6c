//! Signing keys of an account, their private parts sealed. One per algorithm is current.

use domain::{AccountId, KeyState, SigningAlgorithm, SigningKey};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO signing_keys
  (id, account_id, kid, algorithm, state, sealed_private_key, public_jwk, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING";
    LIST: "
SELECT id, account_id, kid, algorithm, state, sealed_private_key, public_jwk, created_at
FROM signing_keys
WHERE account_id = $1
ORDER BY id
LIMIT 1000";
}

/// Stores a key; false: the account has its `kid`, or another node has just made the current key of
/// that algorithm.
pub async fn create(tx: &mut Transaction, key: &SigningKey) -> Result<bool, Fault> {
    let values = [
        key.id.into(),
        key.account_id.into(),
        key.kid.as_str().into(),
        key.algorithm.as_str().into(),
        key.state.as_str().into(),
        key.sealed_private_key.as_slice().into(),
        key.public_jwk.as_str().into(),
        key.created_at.into(),
    ];
    tx.announce();
    Ok(tx.execute(&CREATE, &values).await? == 1)
}

/// The account's keys, oldest first, retired ones included.
pub async fn list(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
) -> Result<Vec<SigningKey>, Fault> {
    source.into().all(&LIST, &[account_id.into()]).await
}

impl FromRow for SigningKey {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            account_id: columns.take()?,
            kid: columns.take()?,
            algorithm: columns.parsed(SigningAlgorithm::parse)?,
            state: columns.parsed(KeyState::parse)?,
            sealed_private_key: columns.take()?,
            public_jwk: columns.take()?,
            created_at: columns.take()?,
        })
    }
}
