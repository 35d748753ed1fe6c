//! Pages of an account's users, by key in both directions or by number, each read from an index.

use domain::{AccountId, Role, User};

use super::by_email;
use crate::engine::{Source, Statement, Value};
use crate::page::{Page, Place, Shape, Side};
use crate::{Fault, Store, statements};

statements! {
    AFTER_ID: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1
AND id > $2
AND (CAST($3 AS TEXT) IS NULL OR role = $3)
ORDER BY id
LIMIT $4";
    BEFORE_ID: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1
AND id < $2
AND (CAST($3 AS TEXT) IS NULL OR role = $3)
ORDER BY id DESC
LIMIT $4";
    AFTER_NAME: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1
AND (name, id) > ($2, $3)
AND (CAST($4 AS TEXT) IS NULL OR role = $4)
ORDER BY name, id
LIMIT $5";
    BEFORE_NAME: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1
AND (name, id) < ($2, $3)
AND (CAST($4 AS TEXT) IS NULL OR role = $4)
ORDER BY name DESC, id DESC
LIMIT $5";
    AFTER_EMAIL: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1
AND email_folded > $2
AND (CAST($3 AS TEXT) IS NULL OR role = $3)
ORDER BY email_folded
LIMIT $4";
    BEFORE_EMAIL: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1
AND email_folded < $2
AND (CAST($3 AS TEXT) IS NULL OR role = $3)
ORDER BY email_folded DESC
LIMIT $4";
    AFTER_CREATED_AT: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1
AND (created_at, id) > ($2, $3)
AND (CAST($4 AS TEXT) IS NULL OR role = $4)
ORDER BY created_at, id
LIMIT $5";
    BEFORE_CREATED_AT: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1
AND (created_at, id) < ($2, $3)
AND (CAST($4 AS TEXT) IS NULL OR role = $4)
ORDER BY created_at DESC, id DESC
LIMIT $5";
    OFFSET: "
SELECT id, account_id, email, name, role, operator_at, permissions, password_hash, claims,
  created_at, updated_at, last_login_at, suspended_at, not_before
FROM users
WHERE account_id = $1 AND (CAST($2 AS TEXT) IS NULL OR role = $2)
ORDER BY created_at, id
LIMIT $4 OFFSET $3";
    COUNT: "
SELECT COUNT(*) FROM users WHERE account_id = $1 AND (CAST($2 AS TEXT) IS NULL OR role = $2)";
}

/// What an account's users can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserSort {
    /// By id.
    Id,
    /// By name, bytewise.
    Name,
    /// By folded e-mail address.
    Email,
    /// By the time of making.
    CreatedAt,
}

impl UserSort {
    /// What places of a list in this order are made of.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Id => Shape::Id,
            Self::Name | Self::Email => Shape::Text,
            Self::CreatedAt => Shape::At,
        }
    }

    /// The place of a user in this order.
    pub fn place(self, user: &User) -> Place {
        let id = user.id.get();
        match self {
            Self::Id => Place::Id(id),
            Self::Name => Place::Text(user.name.clone(), id),
            Self::Email => Place::Text(user.email.folded(), id),
            Self::CreatedAt => Place::At(user.created_at, id),
        }
    }

    const fn statement(self, side: Side) -> &'static Statement {
        match (self, side) {
            (Self::Id, Side::After) => &AFTER_ID,
            (Self::Id, Side::Before) => &BEFORE_ID,
            (Self::Name, Side::After) => &AFTER_NAME,
            (Self::Name, Side::Before) => &BEFORE_NAME,
            (Self::Email, Side::After) => &AFTER_EMAIL,
            (Self::Email, Side::Before) => &BEFORE_EMAIL,
            (Self::CreatedAt, Side::After) => &AFTER_CREATED_AT,
            (Self::CreatedAt, Side::Before) => &BEFORE_CREATED_AT,
        }
    }
}

/// Which users a list has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only the one with this folded e-mail address.
    pub email: Option<String>,
}

impl UserFilter {
    fn role(&self) -> Value<'static> {
        self.role.map(Role::as_str).into()
    }
}

/// A page of the account's users, the nearest to its place first.
pub async fn page(
    store: &Store,
    account_id: AccountId,
    filter: &UserFilter,
    sort: UserSort,
    page: &Page,
) -> Result<Vec<User>, Fault> {
    if filter.email.is_some() {
        // A list of one at most: beside its own place there is nothing.
        let is_whole = page.place == Place::end(sort.shape(), page.side);
        return if is_whole { only(store, account_id, filter).await } else { Ok(Vec::new()) };
    }
    let mut values: Vec<Value<'_>> = vec![account_id.into()];
    match &page.place {
        // No two users have the same address, so it is a place by itself.
        Place::Text(address, _) if sort == UserSort::Email => values.push(address.into()),
        place => values.extend(place.values()),
    }
    values.push(filter.role());
    values.push(page.limit.into());
    Source::from(store).all(sort.statement(page.side), &values).await
}

/// The account's users after this many, in the order of their making.
pub async fn by_number(
    store: &Store,
    account_id: AccountId,
    filter: &UserFilter,
    skipped: i64,
    limit: i64,
) -> Result<Vec<User>, Fault> {
    if filter.email.is_some() {
        return if skipped == 0 { only(store, account_id, filter).await } else { Ok(Vec::new()) };
    }
    let values = [account_id.into(), filter.role(), skipped.into(), limit.into()];
    Source::from(store).all(&OFFSET, &values).await
}

/// How many users the account has.
pub async fn count(
    store: &Store,
    account_id: AccountId,
    filter: &UserFilter,
) -> Result<i64, Fault> {
    if filter.email.is_some() {
        let users = only(store, account_id, filter).await?;
        return Ok(i64::from(!users.is_empty()));
    }
    let values = [account_id.into(), filter.role()];
    Ok(Source::from(store).optional(&COUNT, &values).await?.unwrap_or(0))
}

/// The user with the address that is asked for, if he has the role too.
async fn only(
    store: &Store,
    account_id: AccountId,
    filter: &UserFilter,
) -> Result<Vec<User>, Fault> {
    let address = filter.email.as_deref().unwrap_or_default();
    let user = by_email(store, account_id, address).await?;
    let has_role = |user: &User| filter.role.is_none_or(|role| user.role == role);
    Ok(user.filter(has_role).into_iter().collect())
}
