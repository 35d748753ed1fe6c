//! Lists of an account's clients by another key than the time of their making. Few ask for them, so they have no index
//! of their own: an account has few clients.

use domain::{AccountId, Client, ClientId, Timestamp, UserId};

use super::list::{ClientList, ClientPosition, list};
use super::{ClientRow, with_secrets};
use crate::engine::{Source, Value};
use crate::{Fault, statements};

statements! {
    AFTER_ID: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id BETWEEN $2 AND $3 AND global_at IS NULL
  AND id > $4
  ORDER BY id
  LIMIT $5)
ORDER BY c.id, s.id";
    BEFORE_ID: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id BETWEEN $2 AND $3 AND global_at IS NULL
  AND id < $4
  ORDER BY id DESC
  LIMIT $5)
ORDER BY c.id, s.id";
    AFTER_NAME: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id BETWEEN $2 AND $3 AND global_at IS NULL
  AND (name, id) > ($4, $5)
  ORDER BY name, id
  LIMIT $6)
ORDER BY c.name, c.id, s.id";
    BEFORE_NAME: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id BETWEEN $2 AND $3 AND global_at IS NULL
  AND (name, id) < ($4, $5)
  ORDER BY name DESC, id DESC
  LIMIT $6)
ORDER BY c.name, c.id, s.id";
    AFTER_UPDATED_AT: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id BETWEEN $2 AND $3 AND global_at IS NULL
  AND (updated_at, id) > ($4, $5)
  ORDER BY updated_at, id
  LIMIT $6)
ORDER BY c.updated_at, c.id, s.id";
    BEFORE_UPDATED_AT: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.created_at, c.updated_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients
  WHERE account_id = $1 AND user_id BETWEEN $2 AND $3 AND global_at IS NULL
  AND (updated_at, id) < ($4, $5)
  ORDER BY updated_at DESC, id DESC
  LIMIT $6)
ORDER BY c.updated_at, c.id, s.id";
}

/// A place in a list: the value of the key that it is sorted by, and the id where the keys are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientPlace {
    /// By the time of making.
    CreatedAt(Timestamp, ClientId),
    /// By the time of the last change.
    UpdatedAt(Timestamp, ClientId),
    /// By name, bytewise.
    Name(String, ClientId),
    /// By id.
    Id(ClientId),
}

/// Which side of a place a page holds, in ascending order of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What comes right after it.
    After,
    /// What comes right before it.
    Before,
}

/// Which clients of an account a page holds, of a list by the key of its place.
#[derive(Clone, Debug)]
pub struct SortedClients {
    /// Only the clients of this user.
    pub owner: Option<UserId>,
    /// Where the page stands.
    pub place: ClientPlace,
    /// On which side of it.
    pub side: Side,
    /// How many clients it holds at most.
    pub limit: i64,
}

/// A page of the account's clients, always in ascending order of the key and the id.
pub async fn sorted(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    page: SortedClients,
) -> Result<Vec<Client>, Fault> {
    let SortedClients { owner, place, side, limit } = page;
    let (after, before, key): (_, _, Vec<Value<'_>>) = match &place {
        ClientPlace::CreatedAt(at, id) => {
            let position = match side {
                Side::After => ClientPosition::After(*at, *id),
                Side::Before => ClientPosition::Before(*at, *id),
            };
            return list(source, account_id, ClientList { owner, position, limit }).await;
        }
        ClientPlace::UpdatedAt(at, id) => {
            (&AFTER_UPDATED_AT, &BEFORE_UPDATED_AT, vec![(*at).into(), (*id).into()])
        }
        ClientPlace::Name(name, id) => (&AFTER_NAME, &BEFORE_NAME, vec![name.into(), (*id).into()]),
        ClientPlace::Id(id) => (&AFTER_ID, &BEFORE_ID, vec![(*id).into()]),
    };
    let statement = match side {
        Side::After => after,
        Side::Before => before,
    };
    let (least, greatest) = owner.map_or((0, i64::MAX), |owner| (owner.get(), owner.get()));
    let mut values: Vec<Value<'_>> = vec![account_id.into(), least.into(), greatest.into()];
    values.extend(key);
    values.push(limit.into());
    let rows: Vec<ClientRow> = source.into().all(statement, &values).await?;
    Ok(with_secrets(rows))
}
