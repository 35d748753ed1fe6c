//! Pages of API tokens that were not revoked, an account's or one user's, by key in both directions or
//! by number, each read from an index.

use domain::{AccountId, ApiToken, UserId};

use crate::engine::{Source, Statement, Value};
use crate::page::{Page, Place, Shape, Side};
use crate::{Fault, statements};

statements! {
    AFTER_ID: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND revoked_at IS NULL
AND id > $2
ORDER BY id
LIMIT $3";
    BEFORE_ID: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND revoked_at IS NULL
AND id < $2
ORDER BY id DESC
LIMIT $3";
    AFTER_CREATED_AT: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND revoked_at IS NULL
AND (created_at, id) > ($2, $3)
ORDER BY created_at, id
LIMIT $4";
    BEFORE_CREATED_AT: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND revoked_at IS NULL
AND (created_at, id) < ($2, $3)
ORDER BY created_at DESC, id DESC
LIMIT $4";
    AFTER_ID_OF_USER: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL
AND id > $3
ORDER BY id
LIMIT $4";
    BEFORE_ID_OF_USER: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL
AND id < $3
ORDER BY id DESC
LIMIT $4";
    AFTER_CREATED_AT_OF_USER: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL
AND (created_at, id) > ($3, $4)
ORDER BY created_at, id
LIMIT $5";
    BEFORE_CREATED_AT_OF_USER: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL
AND (created_at, id) < ($3, $4)
ORDER BY created_at DESC, id DESC
LIMIT $5";
    OFFSET: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND revoked_at IS NULL
ORDER BY created_at, id
LIMIT $3 OFFSET $2";
    OFFSET_OF_USER: "
SELECT id, account_id, user_id, label, hash, hint, created_at, used_at, revoked_at
FROM api_tokens
WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL
ORDER BY created_at, id
LIMIT $4 OFFSET $3";
    COUNT: "SELECT COUNT(*) FROM api_tokens WHERE account_id = $1 AND revoked_at IS NULL";
    COUNT_OF_USER: "
SELECT COUNT(*) FROM api_tokens WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL";
}

/// What API tokens can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiTokenSort {
    /// By id.
    Id,
    /// By the time of making.
    CreatedAt,
}

impl ApiTokenSort {
    /// What places of a list in this order are made of.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Id => Shape::Id,
            Self::CreatedAt => Shape::At,
        }
    }

    /// The place of an API token in this order.
    pub const fn place(self, token: &ApiToken) -> Place {
        match self {
            Self::Id => Place::Id(token.id.get()),
            Self::CreatedAt => Place::At(token.created_at, token.id.get()),
        }
    }

    const fn statement(self, of_user: bool, side: Side) -> &'static Statement {
        match (self, of_user, side) {
            (Self::Id, false, Side::After) => &AFTER_ID,
            (Self::Id, false, Side::Before) => &BEFORE_ID,
            (Self::Id, true, Side::After) => &AFTER_ID_OF_USER,
            (Self::Id, true, Side::Before) => &BEFORE_ID_OF_USER,
            (Self::CreatedAt, false, Side::After) => &AFTER_CREATED_AT,
            (Self::CreatedAt, false, Side::Before) => &BEFORE_CREATED_AT,
            (Self::CreatedAt, true, Side::After) => &AFTER_CREATED_AT_OF_USER,
            (Self::CreatedAt, true, Side::Before) => &BEFORE_CREATED_AT_OF_USER,
        }
    }
}

/// A page of the account's API tokens, or of one user's, the nearest to its place first.
pub async fn page(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    user_id: Option<UserId>,
    sort: ApiTokenSort,
    page: &Page,
) -> Result<Vec<ApiToken>, Fault> {
    let mut values = whose(account_id, user_id);
    values.extend(page.place.values());
    values.push(page.limit.into());
    source.into().all(sort.statement(user_id.is_some(), page.side), &values).await
}

/// The account's API tokens after this many, or one user's, in the order of their making.
pub async fn by_number(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    user_id: Option<UserId>,
    skipped: i64,
    limit: i64,
) -> Result<Vec<ApiToken>, Fault> {
    let mut values = whose(account_id, user_id);
    values.extend([Value::from(skipped), Value::from(limit)]);
    let statement = if user_id.is_some() { &OFFSET_OF_USER } else { &OFFSET };
    source.into().all(statement, &values).await
}

/// How many API tokens the account has, or one user of it.
pub async fn count(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    user_id: Option<UserId>,
) -> Result<i64, Fault> {
    let statement = if user_id.is_some() { &COUNT_OF_USER } else { &COUNT };
    let values = whose(account_id, user_id);
    Ok(source.into().optional(statement, &values).await?.unwrap_or(0))
}

fn whose(account_id: AccountId, user_id: Option<UserId>) -> Vec<Value<'static>> {
    let mut values = vec![account_id.into()];
    values.extend(user_id.map(Value::from));
    values
}
