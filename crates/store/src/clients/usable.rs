//! Clients that an account's people and programs may use: its own, and the global ones that it has not
//! blocked. What memory keeps of clients comes from here, so that nobody who authorizes, authenticates or
//! shows a token has to think of blocks.

use domain::{AccountId, Client, ClientId};

use super::with_secrets;
use crate::engine::Source;
use crate::{Fault, statements};

statements! {
    BY_ID: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id = $2 AND (c.account_id = $1 OR c.global_at IS NOT NULL)
AND NOT EXISTS (
  SELECT 1 FROM client_blocks AS b WHERE b.account_id = $1 AND b.client_id = c.id)
ORDER BY s.id";
    BY_IDENTIFIER: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
  SELECT id FROM clients WHERE identifier_folded = $2 AND account_id = $1
  UNION ALL
  SELECT id FROM clients WHERE identifier_folded = $2 AND global_at IS NOT NULL)
AND NOT EXISTS (
  SELECT 1 FROM client_blocks AS b WHERE b.account_id = $1 AND b.client_id = c.id)
ORDER BY s.id";
}

/// The client with this id, if the account may use it.
pub async fn usable(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    id: ClientId,
) -> Result<Option<Client>, Fault> {
    let rows = source.into().all(&BY_ID, &[account_id.into(), id.into()]).await?;
    Ok(with_secrets(rows).pop())
}

/// The client with this folded identifier, if the account may use it.
pub async fn usable_by_identifier(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    folded: &str,
) -> Result<Option<Client>, Fault> {
    let rows = source.into().all(&BY_IDENTIFIER, &[account_id.into(), folded.into()]).await?;
    Ok(with_secrets(rows).pop())
}
