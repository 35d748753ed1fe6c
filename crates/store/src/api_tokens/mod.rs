//! API tokens: a person's static credentials for the administration API, found by keyed hash.

mod pages;

use domain::{AccountId, ApiToken, ApiTokenId, SecretHash, Timestamp, UserId};

pub(crate) use self::pages::ALL as PAGES_ALL;
pub use self::pages::{ApiTokenSort, by_number, count, page};
use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO api_tokens
  (id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (account_id, hash) DO NOTHING";
    BY_HASH: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND hash = $2";
    BY_LABEL: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND user_id = $2 AND label = $3
ORDER BY id
LIMIT 1";
    USED: "
UPDATE api_tokens SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $2)";
    SHOW: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE id = $2 AND account_id = $1 AND revoked_at IS NULL";
    REVOKE: "
UPDATE api_tokens
SET revoked_at = $3
WHERE id = $2 AND account_id = $1 AND revoked_at IS NULL";
    REVOKE_ALL_OF_USER: "
UPDATE api_tokens
SET revoked_at = $3
WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL";
    DELETE_ALL_OF_USER: "DELETE FROM api_tokens WHERE account_id = $1 AND user_id = $2";
}

/// Creates an API token; false: the account has that very token, an imported one.
pub async fn create(tx: &mut Transaction, token: &ApiToken) -> Result<bool, Fault> {
    let values = [
        token.id.into(),
        token.account_id.into(),
        token.user_id.into(),
        token.label.as_str().into(),
        (&token.hash).into(),
        token.hint.as_str().into(),
        token.created_at.into(),
        token.used_at.into(),
        token.revoked_at.into(),
    ];
    Ok(tx.execute(&CREATE, &values).await? == 1)
}

/// The API token with this hash, whatever became of it.
pub async fn by_hash(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    hash: &SecretHash,
) -> Result<Option<ApiToken>, Fault> {
    source.into().optional(&BY_HASH, &[account_id.into(), hash.into()]).await
}

/// The user's first API token with this label, whatever became of it.
pub async fn by_label(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    user_id: UserId,
    label: &str,
) -> Result<Option<ApiToken>, Fault> {
    source.into().optional(&BY_LABEL, &[account_id.into(), user_id.into(), label.into()]).await
}

/// Records that an API token was used then, unless a later use is recorded.
pub async fn used(tx: &mut Transaction, id: ApiTokenId, at: Timestamp) -> Result<(), Fault> {
    tx.write(&USED, &[id.into(), at.into()]).await
}

/// The API token with this id, if it was not revoked.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    id: ApiTokenId,
) -> Result<Option<ApiToken>, Fault> {
    source.into().optional(&SHOW, &[account_id.into(), id.into()]).await
}

/// Revokes an API token, once.
pub async fn revoke(
    tx: &mut Transaction,
    account_id: AccountId,
    id: ApiTokenId,
    at: Timestamp,
) -> Result<bool, Fault> {
    Ok(tx.execute(&REVOKE, &[account_id.into(), id.into(), at.into()]).await? == 1)
}

/// Revokes every API token of a user.
pub async fn revoke_all_of_user(
    tx: &mut Transaction,
    account_id: AccountId,
    user_id: UserId,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.write(&REVOKE_ALL_OF_USER, &[account_id.into(), user_id.into(), at.into()]).await
}

/// Deletes the API tokens of a user who is being deleted.
pub(crate) async fn delete_all_of_user(
    tx: &mut Transaction,
    account_id: AccountId,
    user_id: UserId,
) -> Result<(), Fault> {
    tx.write(&DELETE_ALL_OF_USER, &[account_id.into(), user_id.into()]).await
}

impl FromRow for ApiToken {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            account_id: columns.take()?,
            user_id: columns.take()?,
            label: columns.take()?,
            hash: columns.take()?,
            hint: columns.take()?,
            created_at: columns.take()?,
            used_at: columns.take()?,
            revoked_at: columns.take()?,
        })
    }
}
