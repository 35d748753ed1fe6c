//! Lists of an account's clients, a page at a time: by key in both directions, or by offset.
//! Global clients are in none of them.

use domain::{AccountId, Client, ClientId, Timestamp, UserId};

use super::{ClientRow, with_secrets};
use crate::engine::{Source, Value};
use crate::{Fault, statements};

statements! {
    AFTER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND global_at IS NULL AND (created_at, id) > ($2, $3)
  ORDER BY created_at, id
  LIMIT $4)
ORDER BY c.created_at, c.id, s.id";
    BEFORE: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND global_at IS NULL AND (created_at, id) < ($2, $3)
  ORDER BY created_at DESC, id DESC
  LIMIT $4)
ORDER BY c.created_at, c.id, s.id";
    OFFSET: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND global_at IS NULL
  ORDER BY created_at, id
  LIMIT $3 OFFSET $2)
ORDER BY c.created_at, c.id, s.id";
    COUNT: "SELECT COUNT(*) FROM clients WHERE account_id = $1 AND global_at IS NULL";
    AFTER_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id = $5 AND global_at IS NULL AND (created_at, id) > ($2, $3)
  ORDER BY created_at, id
  LIMIT $4)
ORDER BY c.created_at, c.id, s.id";
    BEFORE_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id = $5 AND global_at IS NULL AND (created_at, id) < ($2, $3)
  ORDER BY created_at DESC, id DESC
  LIMIT $4)
ORDER BY c.created_at, c.id, s.id";
    OFFSET_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id = $4 AND global_at IS NULL
  ORDER BY created_at, id
  LIMIT $3 OFFSET $2)
ORDER BY c.created_at, c.id, s.id";
    COUNT_OF_OWNER: "
SELECT COUNT(*) FROM clients WHERE account_id = $1 AND user_id = $2 AND global_at IS NULL";
}

/// Which clients of an account a page holds.
#[derive(Clone, Copy, Debug)]
pub struct ClientList {
    /// Only the clients of this user.
    pub owner: Option<UserId>,
    /// Where the page stands.
    pub position: ClientPosition,
    /// How many clients it holds at most.
    pub limit: i64,
}

/// Where a page stands in the order of creation.
#[derive(Clone, Copy, Debug)]
pub enum ClientPosition {
    /// Right after the client made then, with this id.
    After(Timestamp, ClientId),
    /// Right before the client made then, with this id.
    Before(Timestamp, ClientId),
    /// After this many clients; the first page is `Offset(0)`.
    Offset(i64),
}

/// A page of the account's clients, always in ascending order of `(created_at, id)`.
pub async fn list(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    page: ClientList,
) -> Result<Vec<Client>, Fault> {
    let account: Value<'_> = account_id.into();
    let limit = page.limit.into();
    let (everybodys, owners, mut values) = match page.position {
        ClientPosition::After(at, id) => {
            (&AFTER, &AFTER_OF_OWNER, vec![account, at.into(), id.into(), limit])
        }
        ClientPosition::Before(at, id) => {
            (&BEFORE, &BEFORE_OF_OWNER, vec![account, at.into(), id.into(), limit])
        }
        ClientPosition::Offset(offset) => {
            (&OFFSET, &OFFSET_OF_OWNER, vec![account, offset.into(), limit])
        }
    };
    values.extend(page.owner.map(Value::from));
    let statement = if page.owner.is_some() { owners } else { everybodys };
    let rows: Vec<ClientRow> = source.into().all(statement, &values).await?;
    Ok(with_secrets(rows))
}

/// How many clients the account has, or this user of it.
pub async fn count(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    owner: Option<UserId>,
) -> Result<i64, Fault> {
    let mut values = vec![account_id.into()];
    values.extend(owner.map(Value::from));
    let statement = if owner.is_some() { &COUNT_OF_OWNER } else { &COUNT };
    Ok(source.into().optional(statement, &values).await?.unwrap_or(0))
}
