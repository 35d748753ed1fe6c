//! Clients, with their secrets: found by id or by identifier, in the account that owns them or
//! everywhere when global.
//!
//! An identifier is unique in its account and different from every global one. An index cannot say
//! the second half, and a look before the insert misses a writer who has not committed. So whoever
//! writes an identifier first takes its row in `client_identifiers`: the next writer of that
//! identifier, local or global, in whatever account, waits there until the first has settled, and
//! only then looks, by a statement of its own that sees what was committed meanwhile. On SQLite
//! there is one writer, and the row costs nothing. Making a client global goes through `update`, so
//! through the same row.

mod list;
pub(crate) mod metadata;
mod origins;
mod pages;
mod usable;

use domain::{
    AccountId, Client, ClientAuthenticationMethod, ClientId, ClientIdentifier, ClientKind,
    ClientSecret, ClientState, GrantType, RedirectUri, ScopeName, ScopeSet, Timestamp, UserId,
};

pub(crate) use self::list::ALL as LIST_ALL;
pub use self::list::{count, list};
pub(crate) use self::origins::ALL as ORIGINS_ALL;
pub(crate) use self::origins::fill as fill_origins;
pub use self::origins::has_origin;
pub(crate) use self::pages::ALL as PAGES_ALL;
pub use self::pages::{ClientSort, page};
pub(crate) use self::usable::ALL as USABLE_ALL;
pub use self::usable::{usable, usable_by_identifier};
use crate::columns::{Columns, json};
use crate::engine::{FromRow, Row, Source, Statement, Value};
use crate::{
    Fault, Transaction, client_blocks, client_logos, client_registrations, client_secrets,
    global_client_requests, grants, statements,
};

statements! {
    TAKE_IDENTIFIER: "
INSERT INTO client_identifiers (identifier_folded) VALUES ($1)
ON CONFLICT (identifier_folded) DO UPDATE SET identifier_folded = EXCLUDED.identifier_folded";
    CREATE: "
INSERT INTO clients
  (id, account_id, identifier, identifier_folded, name, company, description, kind, grant_types,
   scopes, redirect_uris, post_logout_redirect_uris, authentication_method, user_id, state,
   global_at, resource_server_at, metadata, created_at, updated_at, origins_at, registered_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20,
  $21
WHERE NOT EXISTS (
  SELECT 1 FROM clients AS other
  WHERE other.identifier_folded = $4
  AND (other.global_at IS NOT NULL OR CAST($16 AS BIGINT) IS NOT NULL))
ON CONFLICT (identifier_folded, account_id) DO NOTHING";
    // Suspension ends for good what was issued before it; the mark moves at its end too, since a node may
    // issue something until it hears of it.
    UPDATE: "
UPDATE clients
SET identifier = $3, identifier_folded = $4, name = $5, company = $6, description = $7, kind = $8,
  grant_types = $9, scopes = $10, redirect_uris = $11, post_logout_redirect_uris = $12,
  authentication_method = $13, user_id = $14, state = $15, global_at = $16,
  resource_server_at = $17, metadata = $18, updated_at = $19, origins_at = $19,
  not_before = CASE
    WHEN state <> $15 AND 'suspended' IN (state, $15) THEN $19
    ELSE not_before
  END
WHERE id = $1 AND account_id = $2 AND updated_at = $20
AND NOT EXISTS (
  SELECT 1 FROM clients AS other
  WHERE other.identifier_folded = $4 AND other.id <> $1
  AND (other.account_id = $2 OR other.global_at IS NOT NULL OR CAST($16 AS BIGINT) IS NOT NULL))";
    UPDATED_AT: "SELECT updated_at FROM clients WHERE id = $1 AND account_id = $2";
    // Never twice the same, and never earlier: a writer who read the row before finds it stale.
    TOUCH: "
UPDATE clients
SET updated_at = CASE WHEN updated_at < $3 THEN $3 ELSE updated_at + 1 END
WHERE account_id = $1 AND id = $2
RETURNING updated_at";
    HOLD: "UPDATE clients SET updated_at = updated_at WHERE account_id = $1 AND id = $2";
    DELETE: "DELETE FROM clients WHERE id = $2 AND account_id = $1 RETURNING identifier_folded";
    // The row says nothing, also if another account's client has the identifier: the next writer inserts it again.
    LEAVE_IDENTIFIER: "DELETE FROM client_identifiers WHERE identifier_folded = $1";
    ONE_OF_OWNER: "SELECT id FROM clients WHERE account_id = $1 AND user_id = $2 LIMIT 1";
    SHOW: "
SELECT c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at,
  s.id, s.hash, s.hint, s.label, s.created_at, s.expires_at
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id = $2 AND (c.account_id = $1 OR c.global_at IS NOT NULL)
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
ORDER BY s.id";
}

/// Creates a client, without its secrets; false: the identifier is taken, in any case, in the
/// account or by a global client.
pub async fn create(tx: &mut Transaction, client: &Client) -> Result<bool, Fault> {
    let texts = Texts::of(client);
    let mut values = vec![client.id.into(), client.account_id.into()];
    values.extend(texts.values(client));
    values.push(client.created_at.into());
    values.push(client.updated_at.into());
    values.push(client.registered_at.into());
    let is_written = write_identifier(tx, &texts, &CREATE, &values).await?;
    if is_written {
        origins::replace(tx, client).await?;
    }
    Ok(is_written)
}

/// What became of the update of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientUpdate {
    /// It was written.
    Written,
    /// The identifier is taken, in any case, in the account or by a global client.
    Taken,
    /// The client was changed since it was read.
    Stale,
    /// The account has no such client.
    Gone,
}

/// Replaces everything but the secrets, the logo and the registration of a client that was last changed at `read_at`. The new
/// `updated_at` must be another one.
pub async fn update(
    tx: &mut Transaction,
    client: &Client,
    read_at: Timestamp,
) -> Result<ClientUpdate, Fault> {
    let texts = Texts::of(client);
    let mut values = vec![client.id.into(), client.account_id.into()];
    values.extend(texts.values(client));
    values.push(client.updated_at.into());
    values.push(read_at.into());
    if write_identifier(tx, &texts, &UPDATE, &values).await? {
        origins::replace(tx, client).await?;
        return Ok(ClientUpdate::Written);
    }
    let key = [client.id.into(), client.account_id.into()];
    Ok(match tx.optional::<i64>(&UPDATED_AT, &key).await? {
        None => ClientUpdate::Gone,
        Some(updated_at) if updated_at != read_at.as_millis() => ClientUpdate::Stale,
        Some(_) => ClientUpdate::Taken,
    })
}

/// Lets go of an identifier, folded, that a client no longer has.
pub async fn leave_identifier(tx: &mut Transaction, folded: &str) -> Result<(), Fault> {
    tx.write(&LEAVE_IDENTIFIER, &[folded.into()]).await
}

/// Takes a client's row until the unit of work is settled; false: the account has no such client.
pub async fn hold(
    tx: &mut Transaction,
    account_id: AccountId,
    id: ClientId,
) -> Result<bool, Fault> {
    Ok(tx.execute(&HOLD, &[account_id.into(), id.into()]).await? == 1)
}

/// Takes a client's row until the unit of work is settled, and records that it was changed: when, or
/// none if the account has no such client.
pub async fn touch(
    tx: &mut Transaction,
    account_id: AccountId,
    id: ClientId,
    at: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    tx.announce();
    let values = [account_id.into(), id.into(), at.into()];
    Ok(tx.optional(&TOUCH, &values).await?.map(Timestamp::from_millis))
}

/// Deletes a client with its secrets, origins, logo and registration, and its grants and blocks in every
/// account; false: the account has no such client.
///
/// Its codes and tokens are worth nothing from then on, and go when they expire or are found dead.
pub async fn delete(
    tx: &mut Transaction,
    account_id: AccountId,
    id: ClientId,
) -> Result<bool, Fault> {
    tx.announce();
    let deleted = tx.optional(&DELETE, &[account_id.into(), id.into()]).await?;
    let Some(identifier): Option<String> = deleted else { return Ok(false) };
    leave_identifier(tx, &identifier).await?;
    origins::remove(tx, id).await?;
    client_logos::delete(tx, id).await?;
    client_registrations::delete(tx, id).await?;
    client_secrets::delete_all(tx, id).await?;
    grants::delete_all_of_client(tx, id).await?;
    global_client_requests::delete_of_client(tx, id).await?;
    client_blocks::delete_all_of_client(tx, id).await?;
    Ok(true)
}

/// Whether some client of the account belongs to this user, global ones among them.
pub async fn has_owner(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    user_id: UserId,
) -> Result<bool, Fault> {
    let values = [account_id.into(), user_id.into()];
    let client: Option<i64> = source.into().optional(&ONE_OF_OWNER, &values).await?;
    Ok(client.is_some())
}

/// The client with this id: the account's own, or a global one.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    id: ClientId,
) -> Result<Option<Client>, Fault> {
    let rows = source.into().all(&SHOW, &[account_id.into(), id.into()]).await?;
    Ok(with_secrets(rows).pop())
}

/// The client with this folded identifier: the account's own, or a global one.
pub async fn by_identifier(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    folded: &str,
) -> Result<Option<Client>, Fault> {
    let rows = source.into().all(&BY_IDENTIFIER, &[account_id.into(), folded.into()]).await?;
    Ok(with_secrets(rows).pop())
}

/// Runs a statement that writes the identifier, once nobody else is writing it; false: no row was
/// written.
async fn write_identifier(
    tx: &mut Transaction,
    texts: &Texts,
    statement: &'static Statement,
    values: &[Value<'_>],
) -> Result<bool, Fault> {
    tx.write(&TAKE_IDENTIFIER, &[texts.identifier_folded.as_str().into()]).await?;
    let written = tx.execute(statement, values).await? == 1;
    tx.announce();
    Ok(written)
}

/// The columns that are texts made from the client's lists.
struct Texts {
    identifier_folded: String,
    grant_types: Option<String>,
    scopes: Option<String>,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    metadata: Option<String>,
}

impl Texts {
    fn of(client: &Client) -> Self {
        let grant_types = client.grant_types.as_ref();
        let scopes = client.scopes.as_ref();
        Self {
            identifier_folded: client.identifier.folded(),
            grant_types: grant_types.map(|types| json(types.iter().map(|it| it.as_str()))),
            scopes: scopes.map(|scopes| json(scopes.iter().map(ScopeName::as_str))),
            redirect_uris: json(client.redirect_uris.iter().map(RedirectUri::as_str)),
            post_logout_redirect_uris: json(
                client.post_logout_redirect_uris.iter().map(RedirectUri::as_str),
            ),
            metadata: metadata::to_text(&client.metadata),
        }
    }

    /// From `identifier` to `metadata`, as `CREATE` and `UPDATE` number them.
    fn values<'a>(&'a self, client: &'a Client) -> [Value<'a>; 16] {
        [
            client.identifier.as_str().into(),
            self.identifier_folded.as_str().into(),
            client.name.as_str().into(),
            client.company.as_deref().into(),
            client.description.as_deref().into(),
            client.kind.as_str().into(),
            self.grant_types.as_deref().into(),
            self.scopes.as_deref().into(),
            self.redirect_uris.as_str().into(),
            self.post_logout_redirect_uris.as_str().into(),
            client.authentication_method.as_str().into(),
            client.user_id.into(),
            client.state.as_str().into(),
            client.global_at.into(),
            client.resource_server_at.into(),
            self.metadata.as_deref().into(),
        ]
    }
}

/// A client and one of its secrets, as the joins above give them.
struct ClientRow {
    client: Client,
    secret: Option<ClientSecret>,
}

/// Gathers the secrets of each client from its adjacent rows.
fn with_secrets(rows: Vec<ClientRow>) -> Vec<Client> {
    let mut clients: Vec<Client> = Vec::new();
    for ClientRow { client, secret } in rows {
        if clients.last().is_none_or(|last| last.id != client.id) {
            clients.push(client);
        }
        if let (Some(client), Some(secret)) = (clients.last_mut(), secret) {
            client.secrets.push(secret);
        }
    }
    clients
}

impl FromRow for ClientRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self { client: client(&mut columns)?, secret: secret(&mut columns)? })
    }
}

/// The client whose columns come next, in the order of `SHOW`, without its secrets.
pub(crate) fn client(columns: &mut Columns<'_>) -> Result<Client, Fault> {
    Ok(Client {
        id: columns.take()?,
        account_id: columns.take()?,
        identifier: columns.parsed(|it| ClientIdentifier::parse(it).ok())?,
        name: columns.take()?,
        company: columns.take()?,
        description: columns.take()?,
        kind: columns.parsed(ClientKind::parse)?,
        grant_types: columns.optional_list(GrantType::parse)?,
        scopes: columns
            .optional_list(|name| ScopeName::parse(name).ok())?
            .map(ScopeSet::from_names),
        redirect_uris: columns.parsed_list(RedirectUri::from_stored)?,
        post_logout_redirect_uris: columns.parsed_list(RedirectUri::from_stored)?,
        authentication_method: columns.parsed(ClientAuthenticationMethod::parse)?,
        user_id: columns.take()?,
        state: columns.parsed(ClientState::parse)?,
        global_at: columns.take()?,
        resource_server_at: columns.take()?,
        secrets: Vec::new(),
        created_at: columns.take()?,
        updated_at: columns.take()?,
        logo: columns.take()?,
        not_before: columns.take()?,
        metadata: metadata::take(columns)?,
        registered_at: columns.take()?,
    })
}

fn secret(columns: &mut Columns<'_>) -> Result<Option<ClientSecret>, Fault> {
    let Some(id) = columns.take()? else { return Ok(None) };
    Ok(Some(ClientSecret {
        id,
        hash: columns.take()?,
        hint: columns.take()?,
        label: columns.take()?,
        created_at: columns.take()?,
        expires_at: columns.take()?,
    }))
}
