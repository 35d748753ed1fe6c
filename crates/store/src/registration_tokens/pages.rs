//! Pages of an account's initial access tokens that were not revoked, by key in both directions or by
//! number, each read from an index.

use domain::{AccountId, RegistrationToken};

use crate::engine::{Source, Statement};
use crate::page::{Page, Place, Shape, Side};
use crate::{Fault, statements};

statements! {
    AFTER_ID: "
SELECT id, account_id, user_id, label, hash, hint, use_limit, use_count, created_at, expires_at,
  used_at, revoked_at
FROM registration_tokens
WHERE account_id = $1 AND revoked_at IS NULL
AND id > $2
ORDER BY id
LIMIT $3";
    BEFORE_ID: "
SELECT id, account_id, user_id, label, hash, hint, use_limit, use_count, created_at, expires_at,
  used_at, revoked_at
FROM registration_tokens
WHERE account_id = $1 AND revoked_at IS NULL
AND id < $2
ORDER BY id DESC
LIMIT $3";
    AFTER_CREATED_AT: "
SELECT id, account_id, user_id, label, hash, hint, use_limit, use_count, created_at, expires_at,
  used_at, revoked_at
FROM registration_tokens
WHERE account_id = $1 AND revoked_at IS NULL
AND (created_at, id) > ($2, $3)
ORDER BY created_at, id
LIMIT $4";
    BEFORE_CREATED_AT: "
SELECT id, account_id, user_id, label, hash, hint, use_limit, use_count, created_at, expires_at,
  used_at, revoked_at
FROM registration_tokens
WHERE account_id = $1 AND revoked_at IS NULL
AND (created_at, id) < ($2, $3)
ORDER BY created_at DESC, id DESC
LIMIT $4";
    OFFSET: "
SELECT id, account_id, user_id, label, hash, hint, use_limit, use_count, created_at, expires_at,
  used_at, revoked_at
FROM registration_tokens
WHERE account_id = $1 AND revoked_at IS NULL
ORDER BY created_at, id
LIMIT $3 OFFSET $2";
    COUNT: "SELECT COUNT(*) FROM registration_tokens WHERE account_id = $1 AND revoked_at IS NULL";
}

/// What initial access tokens can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationTokenSort {
    /// By id.
    Id,
    /// By the time of making.
    CreatedAt,
}

impl RegistrationTokenSort {
    /// What places of a list in this order are made of.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Id => Shape::Id,
            Self::CreatedAt => Shape::At,
        }
    }

    /// The place of an initial access token in this order.
    pub const fn place(self, token: &RegistrationToken) -> Place {
        match self {
            Self::Id => Place::Id(token.id.get()),
            Self::CreatedAt => Place::At(token.created_at, token.id.get()),
        }
    }

    const fn statement(self, side: Side) -> &'static Statement {
        match (self, side) {
            (Self::Id, Side::After) => &AFTER_ID,
            (Self::Id, Side::Before) => &BEFORE_ID,
            (Self::CreatedAt, Side::After) => &AFTER_CREATED_AT,
            (Self::CreatedAt, Side::Before) => &BEFORE_CREATED_AT,
        }
    }
}

/// A page of the account's initial access tokens, the nearest to its place first.
pub async fn page(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    sort: RegistrationTokenSort,
    page: &Page,
) -> Result<Vec<RegistrationToken>, Fault> {
    let mut values = vec![account_id.into()];
    values.extend(page.place.values());
    values.push(page.limit.into());
    source.into().all(sort.statement(page.side), &values).await
}

/// The account's initial access tokens after this many, in the order of their making.
pub async fn by_number(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    skipped: i64,
    limit: i64,
) -> Result<Vec<RegistrationToken>, Fault> {
    source.into().all(&OFFSET, &[account_id.into(), skipped.into(), limit.into()]).await
}

/// How many initial access tokens the account has.
pub async fn count(source: impl Into<Source<'_>>, account_id: AccountId) -> Result<i64, Fault> {
    Ok(source.into().optional(&COUNT, &[account_id.into()]).await?.unwrap_or(0))
}
