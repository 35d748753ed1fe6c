//! Users of an account, found by id or by folded e-mail address.

mod pages;

use domain::{AccountId, EmailAddress, Role, Timestamp, User, UserId};

pub(crate) use self::pages::ALL as PAGES_ALL;
pub use self::pages::{UserFilter, UserSort, by_number, count, page};
use crate::columns::{Columns, json};
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, api_tokens, grants, registration_tokens, statements};

statements! {
    CREATE: "
INSERT INTO users
  (id, account_id, email, email_folded, name, role, operator_at, permissions, password_hash, claims,
   created_at, updated_at, last_login_at, suspended_at, not_before)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (account_id, email_folded) DO NOTHING";
    UPDATE: "
UPDATE users
SET email = $3, email_folded = $4, name = $5, role = $6, operator_at = $7, permissions = $8,
  claims = $9, updated_at = $10, suspended_at = $11
WHERE account_id = $1 AND id = $2
AND NOT EXISTS (
  SELECT 1 FROM users AS other
  WHERE other.account_id = $1 AND other.email_folded = $4 AND other.id <> $2)";
    SHOW: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE id = $2 AND account_id = $1";
    BY_EMAIL: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1 AND email_folded = $2";
    LIST: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
    SIGNED_IN: "
UPDATE users
SET last_login_at = $3
WHERE account_id = $1 AND id = $2 AND suspended_at IS NULL AND COALESCE(password_hash, '') = $4";
    SET_PASSWORD: "
UPDATE users SET password_hash = $3, updated_at = $4 WHERE account_id = $1 AND id = $2";
    SUSPEND: "
UPDATE users SET suspended_at = $3, not_before = $4 WHERE account_id = $1 AND id = $2";
    ANOTHER_ACTIVE_ADMIN: "
SELECT id FROM users
WHERE account_id = $1 AND role = 'admin' AND suspended_at IS NULL AND id <> $2
LIMIT 1";
    FIRST_ADMIN: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1 AND role = 'admin' AND suspended_at IS NULL
ORDER BY id
LIMIT 1";
    TAKE: "UPDATE users SET updated_at = updated_at WHERE account_id = $1 AND id = $2";
    DELETE: "DELETE FROM users WHERE account_id = $1 AND id = $2";
}

/// Creates a user; false: the e-mail address is taken, in any case.
pub async fn create(tx: &mut Transaction, user: &User) -> Result<bool, Fault> {
    let folded = user.email.folded();
    let permissions = json(user.permissions.iter().map(String::as_str));
    let values = [
        user.id.into(),
        user.account_id.into(),
        user.email.as_str().into(),
        folded.as_str().into(),
        user.name.as_str().into(),
        user.role.as_str().into(),
        user.operator_at.into(),
        permissions.as_str().into(),
        user.password_hash.as_deref().into(),
        user.claims.as_str().into(),
        user.created_at.into(),
        user.updated_at.into(),
        user.last_login_at.into(),
        user.suspended_at.into(),
        user.not_before.into(),
    ];
    let created = tx.execute(&CREATE, &values).await? == 1;
    tx.announce();
    Ok(created)
}

/// Replaces what an administrator may change, not the password; false: the user is gone, or the
/// e-mail address is taken.
pub async fn update(tx: &mut Transaction, user: &User) -> Result<bool, Fault> {
    let folded = user.email.folded();
    let permissions = json(user.permissions.iter().map(String::as_str));
    let values = [
        user.account_id.into(),
        user.id.into(),
        user.email.as_str().into(),
        folded.as_str().into(),
        user.name.as_str().into(),
        user.role.as_str().into(),
        user.operator_at.into(),
        permissions.as_str().into(),
        user.claims.as_str().into(),
        user.updated_at.into(),
        user.suspended_at.into(),
    ];
    let updated = tx.execute(&UPDATE, &values).await? == 1;
    tx.announce();
    Ok(updated)
}

/// The user of this account with this id.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    id: UserId,
) -> Result<Option<User>, Fault> {
    source.into().optional(&SHOW, &[account_id.into(), id.into()]).await
}

/// The user of this account with this folded e-mail address.
pub async fn by_email(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    folded: &str,
) -> Result<Option<User>, Fault> {
    source.into().optional(&BY_EMAIL, &[account_id.into(), folded.into()]).await
}

/// The users of the account after this one, in the order of their ids.
pub async fn list(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<User>, Fault> {
    let after = after.map_or(0, UserId::get);
    source.into().all(&LIST, &[account_id.into(), after.into(), limit.into()]).await
}

/// Records a sign-in of a user as he was when his password was proved; false: he is gone, suspended, or
/// has another password since. It is not announced: nothing is decided by the time of the last one.
pub async fn signed_in(tx: &mut Transaction, user: &User, at: Timestamp) -> Result<bool, Fault> {
    let proved = user.password_hash.as_deref().unwrap_or_default();
    let values = [user.account_id.into(), user.id.into(), at.into(), proved.into()];
    Ok(tx.execute(&SIGNED_IN, &values).await? == 1)
}

/// Sets the password's hash; false: there is no such user.
pub async fn set_password(
    tx: &mut Transaction,
    account_id: AccountId,
    id: UserId,
    hash: &str,
    at: Timestamp,
) -> Result<bool, Fault> {
    let values = [account_id.into(), id.into(), hash.into(), at.into()];
    let set = tx.execute(&SET_PASSWORD, &values).await? == 1;
    tx.announce();
    Ok(set)
}

/// Suspends a user, or with no time lets him in again; what was issued to him until `now` is dead either
/// way. False: there is no such user.
pub async fn suspend(
    tx: &mut Transaction,
    (account_id, id): (AccountId, UserId),
    suspended_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, Fault> {
    let values = [account_id.into(), id.into(), suspended_at.into(), now.into()];
    let suspended = tx.execute(&SUSPEND, &values).await? == 1;
    tx.announce();
    Ok(suspended)
}

/// Whether the account has an active admin besides this user. Who decides by it has taken the
/// account's row first.
pub async fn has_another_active_admin(
    tx: &mut Transaction,
    account_id: AccountId,
    id: UserId,
) -> Result<bool, Fault> {
    let values = [account_id.into(), id.into()];
    Ok(tx.optional::<i64>(&ANOTHER_ACTIVE_ADMIN, &values).await?.is_some())
}

/// The first active admin of the account; none: it has none.
pub async fn first_admin(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
) -> Result<Option<User>, Fault> {
    source.into().optional(&FIRST_ADMIN, &[account_id.into()]).await
}

/// Takes the user's row until the unit of work is settled; false: there is no such user.
pub async fn take(tx: &mut Transaction, account_id: AccountId, id: UserId) -> Result<bool, Fault> {
    Ok(tx.execute(&TAKE, &[account_id.into(), id.into()]).await? == 1)
}

/// Deletes a user with his API tokens, his initial access tokens and what he allowed; false: there is no such user. His
/// sessions, codes and tokens are worth nothing from then on, and go when they expire.
pub async fn delete(
    tx: &mut Transaction,
    account_id: AccountId,
    id: UserId,
) -> Result<bool, Fault> {
    tx.announce();
    if tx.execute(&DELETE, &[account_id.into(), id.into()]).await? == 0 {
        return Ok(false);
    }
    api_tokens::delete_all_of_user(tx, account_id, id).await?;
    registration_tokens::delete_all_of_user(tx, account_id, id).await?;
    grants::delete_all_of_user(tx, account_id, id).await?;
    Ok(true)
}

impl FromRow for User {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            account_id: columns.take()?,
            email: columns.parsed(|email| EmailAddress::parse(email).ok())?,
            name: columns.take()?,
            role: columns.parsed(Role::parse)?,
            operator_at: columns.take()?,
            permissions: columns.list()?,
            password_hash: columns.take()?,
            claims: columns.take()?,
            created_at: columns.take()?,
            updated_at: columns.take()?,
            last_login_at: columns.take()?,
            suspended_at: columns.take()?,
            not_before: columns.take()?,
        })
    }
}
