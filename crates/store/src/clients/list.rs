//! An account's clients by number, in the order of their making, and how many there are. Global clients
//! are not among them.

use domain::{AccountId, Client, UserId};

use super::{ClientRow, with_secrets};
use crate::engine::{Source, Value};
use crate::{Fault, statements};

statements! {
    OFFSET: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
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
    OFFSET_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
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

/// Clients of the account, or of this user of it, in the order of creation: after this many, at most
/// `limit`.
pub async fn list(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    owner: Option<UserId>,
    skipped: i64,
    limit: i64,
) -> Result<Vec<Client>, Fault> {
    let mut values: Vec<Value<'_>> = vec![account_id.into(), skipped.into(), limit.into()];
    values.extend(owner.map(Value::from));
    let statement = if owner.is_some() { &OFFSET_OF_OWNER } else { &OFFSET };
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
