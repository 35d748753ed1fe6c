//! Signing keys of an account, their private parts sealed. Of each algorithm one is current, and at most
//! one is next. A step of a key's life is a conditional update: its row count says who took it.

mod pages;

use domain::{AccountId, KeyState, SigningAlgorithm, SigningKey, SigningKeyId, Timestamp};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

pub(crate) use self::pages::ALL as PAGES_ALL;
pub use self::pages::{by_number, count, page};

statements! {
    CREATE: "
INSERT INTO signing_keys
  (id, account_id, kid, algorithm, state, sealed_private_key, public_jwk, created_at, current_at,
   retiring_at, retired_at, revoked_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT DO NOTHING";
    LIST: "
SELECT id, account_id, kid, algorithm, state, sealed_private_key, public_jwk, created_at, current_at,
  retiring_at, retired_at, revoked_at, due_at
FROM signing_keys
WHERE account_id = $1 AND state <> 'retired'
ORDER BY id
LIMIT 1000";
    SHOW: "
SELECT id, account_id, kid, algorithm, state, sealed_private_key, public_jwk, created_at, current_at,
  retiring_at, retired_at, revoked_at, due_at
FROM signing_keys
WHERE id = $2 AND account_id = $1";
    BY_KID: "
SELECT id, account_id, kid, algorithm, state, sealed_private_key, public_jwk, created_at, current_at,
  retiring_at, retired_at, revoked_at, due_at
FROM signing_keys
WHERE account_id = $1 AND kid = $2";
    DUE: "
SELECT id, account_id, kid, algorithm, state, sealed_private_key, public_jwk, created_at, current_at,
  retiring_at, retired_at, revoked_at, due_at
FROM signing_keys
WHERE due_at <= $1
ORDER BY due_at
LIMIT $2";
    AGED: "
SELECT id, account_id, kid, algorithm, state, sealed_private_key, public_jwk, created_at, current_at,
  retiring_at, retired_at, revoked_at, due_at
FROM signing_keys
WHERE state = 'current' AND created_at <= $1
AND NOT EXISTS (
  SELECT 1 FROM signing_keys AS successor
  WHERE successor.account_id = signing_keys.account_id
  AND successor.algorithm = signing_keys.algorithm AND successor.state = 'next')
ORDER BY created_at
LIMIT $2";
    DEMOTE: "
UPDATE signing_keys
SET state = 'retiring', retiring_at = $4, due_at = $5
WHERE account_id = $1 AND algorithm = $2 AND state = 'current'
AND EXISTS (
  SELECT 1 FROM signing_keys AS successor WHERE successor.id = $3 AND successor.state = 'next')";
    PROMOTE: "
UPDATE signing_keys
SET state = 'current', current_at = $2, due_at = NULL
WHERE id = $1 AND state = 'next'";
    RETIRE: "
UPDATE signing_keys
SET state = 'retired', retired_at = $2, due_at = NULL, sealed_private_key = $3
WHERE id = $1 AND state = 'retiring'";
    REVOKE: "
UPDATE signing_keys
SET state = 'retired', retired_at = COALESCE(retired_at, $3), revoked_at = $3, due_at = NULL,
  sealed_private_key = $4
WHERE id = $1 AND state = $2 AND revoked_at IS NULL";
}

/// What is left of the private part of a key that never signs again.
const ERASED: &[u8] = &[];

/// Stores a key; false: the account has its `kid`, or another node has just made the current or the
/// next key of that algorithm.
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
        key.current_at.into(),
        key.retiring_at.into(),
        key.retired_at.into(),
        key.revoked_at.into(),
        key.due_at.into(),
    ];
    tx.announce();
    Ok(tx.execute(&CREATE, &values).await? == 1)
}

/// The account's keys that are not retired, oldest first.
pub async fn list(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
) -> Result<Vec<SigningKey>, Fault> {
    source.into().all(&LIST, &[account_id.into()]).await
}

/// The account's key with this id.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    id: SigningKeyId,
) -> Result<Option<SigningKey>, Fault> {
    source.into().optional(&SHOW, &[account_id.into(), id.into()]).await
}

/// The account's key of this name, a retired one too.
pub async fn by_kid(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    kid: &str,
) -> Result<Option<SigningKey>, Fault> {
    source.into().optional(&BY_KID, &[account_id.into(), kid.into()]).await
}

/// Keys of all accounts whose next step is due, the longest due first.
pub async fn due(
    source: impl Into<Source<'_>>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<SigningKey>, Fault> {
    source.into().all(&DUE, &[now.into(), limit.into()]).await
}

/// Current keys of all accounts that were made by then and have no successor yet, oldest first.
pub async fn aged(
    source: impl Into<Source<'_>>,
    made_by: Timestamp,
    limit: i64,
) -> Result<Vec<SigningKey>, Fault> {
    source.into().all(&AGED, &[made_by.into(), limit.into()]).await
}

/// Lets the key that a next key succeeds sign no more; false: there is none, or it is not next any
/// more, as another node has promoted it.
pub async fn demote(
    tx: &mut Transaction,
    successor: &SigningKey,
    at: Timestamp,
    due_at: Timestamp,
) -> Result<bool, Fault> {
    let SigningKey { id, account_id, algorithm, .. } = successor;
    let values =
        [(*account_id).into(), algorithm.as_str().into(), (*id).into(), at.into(), due_at.into()];
    tx.announce();
    Ok(tx.execute(&DEMOTE, &values).await? == 1)
}

/// Makes a next key current, after its predecessor was demoted; false: it is not next any more.
pub async fn promote(tx: &mut Transaction, id: SigningKeyId, at: Timestamp) -> Result<bool, Fault> {
    tx.announce();
    Ok(tx.execute(&PROMOTE, &[id.into(), at.into()]).await? == 1)
}

/// Retires a retiring key and erases its private part; false: it is not retiring any more.
pub async fn retire(tx: &mut Transaction, id: SigningKeyId, at: Timestamp) -> Result<bool, Fault> {
    tx.announce();
    Ok(tx.execute(&RETIRE, &[id.into(), at.into(), ERASED.into()]).await? == 1)
}

/// Retires a key before its time, whatever it signed, and erases its private part; false: it is in
/// another state by now, or was revoked before.
pub async fn revoke(tx: &mut Transaction, key: &SigningKey, at: Timestamp) -> Result<bool, Fault> {
    let values = [key.id.into(), key.state.as_str().into(), at.into(), ERASED.into()];
    tx.announce();
    Ok(tx.execute(&REVOKE, &values).await? == 1)
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
            current_at: columns.take()?,
            retiring_at: columns.take()?,
            retired_at: columns.take()?,
            revoked_at: columns.take()?,
            due_at: columns.take()?,
        })
    }
}
