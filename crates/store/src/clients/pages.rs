//! Pages of an account's clients by key, in both directions, each read from an index. Global clients are
//! in none of them.

use domain::{AccountId, Client, UserId};

use super::{ClientRow, with_secrets};
use crate::engine::{Source, Statement, Value};
use crate::page::{Page, Shape, Side};
use crate::{Fault, statements};

statements! {
    AFTER_ID: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND global_at IS NULL AND id > $2
  ORDER BY id
  LIMIT $3)
ORDER BY c.id, s.id";
    BEFORE_ID: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND global_at IS NULL AND id < $2
  ORDER BY id DESC
  LIMIT $3)
ORDER BY c.id DESC, s.id";
    AFTER_ID_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id = $2 AND global_at IS NULL AND id > $3
  ORDER BY id
  LIMIT $4)
ORDER BY c.id, s.id";
    BEFORE_ID_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id = $2 AND global_at IS NULL AND id < $3
  ORDER BY id DESC
  LIMIT $4)
ORDER BY c.id DESC, s.id";
    AFTER_NAME: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND global_at IS NULL AND (name, id) > ($2, $3)
  ORDER BY name, id
  LIMIT $4)
ORDER BY c.name, c.id, s.id";
    BEFORE_NAME: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND global_at IS NULL AND (name, id) < ($2, $3)
  ORDER BY name DESC, id DESC
  LIMIT $4)
ORDER BY c.name DESC, c.id DESC, s.id";
    AFTER_NAME_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id = $2 AND global_at IS NULL AND (name, id) > ($3, $4)
  ORDER BY name, id
  LIMIT $5)
ORDER BY c.name, c.id, s.id";
    BEFORE_NAME_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id = $2 AND global_at IS NULL AND (name, id) < ($3, $4)
  ORDER BY name DESC, id DESC
  LIMIT $5)
ORDER BY c.name DESC, c.id DESC, s.id";
    AFTER_CREATED_AT: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND global_at IS NULL AND (created_at, id) > ($2, $3)
  ORDER BY created_at, id
  LIMIT $4)
ORDER BY c.created_at, c.id, s.id";
    BEFORE_CREATED_AT: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND global_at IS NULL AND (created_at, id) < ($2, $3)
  ORDER BY created_at DESC, id DESC
  LIMIT $4)
ORDER BY c.created_at DESC, c.id DESC, s.id";
    AFTER_CREATED_AT_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id = $2 AND global_at IS NULL AND (created_at, id) > ($3, $4)
  ORDER BY created_at, id
  LIMIT $5)
ORDER BY c.created_at, c.id, s.id";
    BEFORE_CREATED_AT_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id = $2 AND global_at IS NULL AND (created_at, id) < ($3, $4)
  ORDER BY created_at DESC, id DESC
  LIMIT $5)
ORDER BY c.created_at DESC, c.id DESC, s.id";
    AFTER_UPDATED_AT: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND global_at IS NULL AND (updated_at, id) > ($2, $3)
  ORDER BY updated_at, id
  LIMIT $4)
ORDER BY c.updated_at, c.id, s.id";
    BEFORE_UPDATED_AT: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND global_at IS NULL AND (updated_at, id) < ($2, $3)
  ORDER BY updated_at DESC, id DESC
  LIMIT $4)
ORDER BY c.updated_at DESC, c.id DESC, s.id";
    AFTER_UPDATED_AT_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id = $2 AND global_at IS NULL AND (updated_at, id) > ($3, $4)
  ORDER BY updated_at, id
  LIMIT $5)
ORDER BY c.updated_at, c.id, s.id";
    BEFORE_UPDATED_AT_OF_OWNER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id = $2 AND global_at IS NULL AND (updated_at, id) < ($3, $4)
  ORDER BY updated_at DESC, id DESC
  LIMIT $5)
ORDER BY c.updated_at DESC, c.id DESC, s.id";
}

/// What an account's clients can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientSort {
    /// By id.
    Id,
    /// By name, bytewise.
    Name,
    /// By the time of making.
    CreatedAt,
    /// By the time of the last change.
    UpdatedAt,
}

impl ClientSort {
    /// What places of a list in this order are made of.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Id => Shape::Id,
            Self::Name => Shape::Text,
            Self::CreatedAt | Self::UpdatedAt => Shape::At,
        }
    }

    const fn statement(self, of_owner: bool, side: Side) -> &'static Statement {
        match (self, of_owner, side) {
            (Self::Id, false, Side::After) => &AFTER_ID,
            (Self::Id, false, Side::Before) => &BEFORE_ID,
            (Self::Id, true, Side::After) => &AFTER_ID_OF_OWNER,
            (Self::Id, true, Side::Before) => &BEFORE_ID_OF_OWNER,
            (Self::Name, false, Side::After) => &AFTER_NAME,
            (Self::Name, false, Side::Before) => &BEFORE_NAME,
            (Self::Name, true, Side::After) => &AFTER_NAME_OF_OWNER,
            (Self::Name, true, Side::Before) => &BEFORE_NAME_OF_OWNER,
            (Self::CreatedAt, false, Side::After) => &AFTER_CREATED_AT,
            (Self::CreatedAt, false, Side::Before) => &BEFORE_CREATED_AT,
            (Self::CreatedAt, true, Side::After) => &AFTER_CREATED_AT_OF_OWNER,
            (Self::CreatedAt, true, Side::Before) => &BEFORE_CREATED_AT_OF_OWNER,
            (Self::UpdatedAt, false, Side::After) => &AFTER_UPDATED_AT,
            (Self::UpdatedAt, false, Side::Before) => &BEFORE_UPDATED_AT,
            (Self::UpdatedAt, true, Side::After) => &AFTER_UPDATED_AT_OF_OWNER,
            (Self::UpdatedAt, true, Side::Before) => &BEFORE_UPDATED_AT_OF_OWNER,
        }
    }
}

/// A page of the account's clients, or of those of one user of it; the nearest to its place first.
pub async fn page(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    owner: Option<UserId>,
    sort: ClientSort,
    page: &Page,
) -> Result<Vec<Client>, Fault> {
    let mut values: Vec<Value<'_>> = vec![account_id.into()];
    values.extend(owner.map(Value::from));
    values.extend(page.place.values());
    values.push(page.limit.into());
    let statement = sort.statement(owner.is_some(), page.side);
    let rows: Vec<ClientRow> = source.into().all(statement, &values).await?;
    Ok(with_secrets(rows))
}
