//! Initial access tokens (RFC 7591 §1.2), found by keyed hash and used as often as they may be.

mod pages;

use domain::{AccountId, RegistrationToken, RegistrationTokenId, SecretHash, Timestamp, UserId};

pub(crate) use self::pages::ALL as PAGES_ALL;
pub use self::pages::{RegistrationTokenSort, by_number, count, page};
use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO registration_tokens
  (id, account_id, user_id, label, hash, hint, use_limit, use_count, created_at, expires_at, used_at,
   revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    BY_HASH: "
SELECT id, account_id, user_id, label, hash, hint, use_limit, use_count, created_at, expires_at,
  used_at, revoked_at
FROM registration_tokens
WHERE account_id = $1 AND hash = $2";
    SHOW: "
SELECT id, account_id, user_id, label, hash, hint, use_limit, use_count, created_at, expires_at,
  used_at, revoked_at
FROM registration_tokens
WHERE id = $2 AND account_id = $1 AND revoked_at IS NULL";
    SPEND: "
UPDATE registration_tokens
SET use_count = use_count + 1, used_at = $3
WHERE id = $2 AND account_id = $1 AND revoked_at IS NULL
AND (expires_at IS NULL OR expires_at > $3)
AND (use_limit IS NULL OR use_count < use_limit)";
    REVOKE: "
UPDATE registration_tokens
SET revoked_at = $3
WHERE id = $2 AND account_id = $1 AND revoked_at IS NULL";
    REVOKE_ALL_OF_USER: "
UPDATE registration_tokens
SET revoked_at = $3
WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL";
    DELETE_ALL_OF_USER: "DELETE FROM registration_tokens WHERE account_id = $1 AND user_id = $2";
}

/// Creates an initial access token.
pub async fn create(tx: &mut Transaction, token: &RegistrationToken) -> Result<(), Fault> {
    let values = [
        token.id.into(),
        token.account_id.into(),
        token.user_id.into(),
        token.label.as_str().into(),
        (&token.hash).into(),
        token.hint.as_str().into(),
        token.use_limit.into(),
        token.use_count.into(),
        token.created_at.into(),
        token.expires_at.into(),
        token.used_at.into(),
        token.revoked_at.into(),
    ];
    tx.write(&CREATE, &values).await
}

/// The initial access token with this hash, whatever became of it.
pub async fn by_hash(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    hash: &SecretHash,
) -> Result<Option<RegistrationToken>, Fault> {
    source.into().optional(&BY_HASH, &[account_id.into(), hash.into()]).await
}

/// The initial access token with this id, if it was not revoked.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    id: RegistrationTokenId,
) -> Result<Option<RegistrationToken>, Fault> {
    source.into().optional(&SHOW, &[account_id.into(), id.into()]).await
}

/// Uses an initial access token for one client; false: it was used up, has ended or was revoked.
pub async fn spend(
    tx: &mut Transaction,
    account_id: AccountId,
    id: RegistrationTokenId,
    at: Timestamp,
) -> Result<bool, Fault> {
    Ok(tx.execute(&SPEND, &[account_id.into(), id.into(), at.into()]).await? == 1)
}

/// Revokes an initial access token, once.
pub async fn revoke(
    tx: &mut Transaction,
    account_id: AccountId,
    id: RegistrationTokenId,
    at: Timestamp,
) -> Result<bool, Fault> {
    Ok(tx.execute(&REVOKE, &[account_id.into(), id.into(), at.into()]).await? == 1)
}

/// Revokes every initial access token of a user.
pub async fn revoke_all_of_user(
    tx: &mut Transaction,
    account_id: AccountId,
    user_id: UserId,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.write(&REVOKE_ALL_OF_USER, &[account_id.into(), user_id.into(), at.into()]).await
}

/// Deletes the initial access tokens of a user who is being deleted.
pub(crate) async fn delete_all_of_user(
    tx: &mut Transaction,
    account_id: AccountId,
    user_id: UserId,
) -> Result<(), Fault> {
    tx.write(&DELETE_ALL_OF_USER, &[account_id.into(), user_id.into()]).await
}

impl FromRow for RegistrationToken {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            account_id: columns.take()?,
            user_id: columns.take()?,
            label: columns.take()?,
            hash: columns.take()?,
            hint: columns.take()?,
            use_limit: columns.take()?,
            use_count: columns.take()?,
            created_at: columns.take()?,
            expires_at: columns.take()?,
            used_at: columns.take()?,
            revoked_at: columns.take()?,
        })
    }
}
