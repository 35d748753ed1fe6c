//! Grants: what a user allowed a client. One is live per account, user and client.

use domain::{
    AccountId, ClientId, ClientMetadata, ClientState, Grant, GrantId, LogoHash, ScopeSet,
    Timestamp, UserId,
};

use crate::clients::metadata;
use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO grants
  (id, account_id, user_id, client_id, scopes, resources, created_at, updated_at, used_at,
   revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING";
    WIDEN: "
UPDATE grants
SET scopes = $2, resources = $3, updated_at = $4
WHERE id = $1 AND revoked_at IS NULL AND scopes = $5 AND resources = $6";
    TAKE: "UPDATE grants SET updated_at = updated_at WHERE id = $1";
    USED: "UPDATE grants SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $2)";
    REVOKE: "
UPDATE grants
SET revoked_at = $4
WHERE id = $3 AND account_id = $1 AND user_id = $2 AND revoked_at IS NULL";
    REVOKE_ALL_FOR_USER: "
UPDATE grants
SET revoked_at = $3
WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL";
    DELETE_OF_CLIENT_ELSEWHERE: "
DELETE FROM grants WHERE client_id = $2 AND account_id <> $1";
    DELETE_ALL_OF_CLIENT: "DELETE FROM grants WHERE client_id = $1";
    DELETE_ALL_OF_USER: "
DELETE FROM grants WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL";
    DELETE_REVOKED: "
DELETE FROM grants
WHERE revoked_at <= $1
AND id IN (SELECT id FROM grants WHERE revoked_at <= $1 ORDER BY revoked_at LIMIT $2)";
    SHOW: "
SELECT id, account_id, user_id, client_id, scopes, resources, created_at, updated_at, used_at,
  revoked_at
FROM grants
WHERE account_id = $1 AND user_id = $2 AND client_id = $3 AND revoked_at IS NULL";
    LIVE: "
SELECT id, account_id, user_id, client_id, scopes, resources, created_at, updated_at, used_at,
  revoked_at
FROM grants
WHERE id = $1 AND revoked_at IS NULL";
    ONE_OF_CLIENT: "
SELECT id FROM grants
WHERE client_id = $2 AND account_id = $1 AND revoked_at IS NULL
LIMIT 1";
    LIST_FOR_USER: "
SELECT g.id, g.account_id, g.user_id, g.client_id, g.scopes, g.resources, g.created_at,
  g.updated_at, g.used_at, g.revoked_at, c.identifier, c.name, c.company, c.logo_hash, c.state,
  c.metadata
FROM grants AS g
JOIN clients AS c ON c.id = g.client_id
WHERE g.account_id = $1 AND g.user_id = $2 AND g.revoked_at IS NULL AND g.id > $3
ORDER BY g.id
LIMIT $4";
}

/// A live grant and what its client calls itself, for the page that lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizedClient {
    /// What the user allowed.
    pub grant: Grant,
    /// The client's identifier.
    pub identifier: String,
    /// The client's name.
    pub name: String,
    /// The company behind the client.
    pub company: Option<String>,
    /// The client's logo.
    pub logo: Option<LogoHash>,
    /// Where the client stands.
    pub state: ClientState,
    /// What else the client says of itself.
    pub metadata: ClientMetadata,
}

/// Creates a grant; false: this user has a live one for this client, to be widened instead.
pub async fn create(tx: &mut Transaction, grant: &Grant) -> Result<bool, Fault> {
    let (scopes, resources) = (grant.scopes.to_string(), grant.resources.join(" "));
    let values = [
        grant.id.into(),
        grant.account_id.into(),
        grant.user_id.into(),
        grant.client_id.into(),
        scopes.as_str().into(),
        resources.as_str().into(),
        grant.created_at.into(),
        grant.updated_at.into(),
        grant.used_at.into(),
        grant.revoked_at.into(),
    ];
    Ok(tx.execute(&CREATE, &values).await? == 1)
}

/// Replaces what a grant allows; false: it was revoked or widened since it was read.
pub async fn widen(
    tx: &mut Transaction,
    grant: &Grant,
    scopes: &ScopeSet,
    resources: &[String],
    at: Timestamp,
) -> Result<bool, Fault> {
    let (scopes, resources) = (scopes.to_string(), resources.join(" "));
    let (old_scopes, old_resources) = (grant.scopes.to_string(), grant.resources.join(" "));
    let values = [
        grant.id.into(),
        scopes.as_str().into(),
        resources.as_str().into(),
        at.into(),
        old_scopes.as_str().into(),
        old_resources.as_str().into(),
    ];
    Ok(tx.execute(&WIDEN, &values).await? == 1)
}

/// Takes the grant's row until the unit of work is settled: who would take the grant back waits, and
/// who was taking it back is waited for.
pub(crate) async fn take(tx: &mut Transaction, id: GrantId) -> Result<(), Fault> {
    tx.write(&TAKE, &[id.into()]).await
}

/// Records that a token under a grant was used then, unless a later use is recorded.
pub async fn used(tx: &mut Transaction, id: GrantId, at: Timestamp) -> Result<(), Fault> {
    tx.write(&USED, &[id.into(), at.into()]).await
}

/// Takes a grant back, once. Every token under it is dead from then on: look-ups ask for the grant.
pub async fn revoke(
    tx: &mut Transaction,
    account_id: AccountId,
    user_id: UserId,
    id: GrantId,
    at: Timestamp,
) -> Result<bool, Fault> {
    let values = [account_id.into(), user_id.into(), id.into(), at.into()];
    Ok(tx.execute(&REVOKE, &values).await? == 1)
}

/// Takes back every grant of a user; how many there were.
pub async fn revoke_all_for_user(
    tx: &mut Transaction,
    account_id: AccountId,
    user_id: UserId,
    at: Timestamp,
) -> Result<u64, Fault> {
    tx.execute(&REVOKE_ALL_FOR_USER, &[account_id.into(), user_id.into(), at.into()]).await
}

/// Deletes what users of every other account allowed a client that works in this one alone from now on.
pub async fn delete_of_client_elsewhere(
    tx: &mut Transaction,
    account_id: AccountId,
    client_id: ClientId,
) -> Result<(), Fault> {
    tx.write(&DELETE_OF_CLIENT_ELSEWHERE, &[account_id.into(), client_id.into()]).await
}

/// Deletes the grants of a client that is being deleted.
pub(crate) async fn delete_all_of_client(
    tx: &mut Transaction,
    client_id: ClientId,
) -> Result<(), Fault> {
    tx.write(&DELETE_ALL_OF_CLIENT, &[client_id.into()]).await
}

/// Deletes the live grants of a user who is being deleted.
pub(crate) async fn delete_all_of_user(
    tx: &mut Transaction,
    account_id: AccountId,
    user_id: UserId,
) -> Result<(), Fault> {
    tx.write(&DELETE_ALL_OF_USER, &[account_id.into(), user_id.into()]).await
}

/// Deletes so many grants that were taken back before. One that is gone counts as taken back.
pub async fn delete_revoked(
    tx: &mut Transaction,
    before: Timestamp,
    at_most: i64,
) -> Result<u64, Fault> {
    tx.execute(&DELETE_REVOKED, &[before.into(), at_most.into()]).await
}

/// The live grant of this user to this client.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    user_id: UserId,
    client_id: ClientId,
) -> Result<Option<Grant>, Fault> {
    let values = [account_id.into(), user_id.into(), client_id.into()];
    source.into().optional(&SHOW, &values).await
}

/// The grant with this id, if it is live.
pub async fn live(source: impl Into<Source<'_>>, id: GrantId) -> Result<Option<Grant>, Fault> {
    source.into().optional(&LIVE, &[id.into()]).await
}

/// Whether some user of the account has a live grant for this client.
pub async fn has_client(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    client_id: ClientId,
) -> Result<bool, Fault> {
    let values = [account_id.into(), client_id.into()];
    let grant: Option<i64> = source.into().optional(&ONE_OF_CLIENT, &values).await?;
    Ok(grant.is_some())
}

/// The live grants of a user after this one, in the order of their ids.
pub async fn list_for_user(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    user_id: UserId,
    after: Option<GrantId>,
    limit: i64,
) -> Result<Vec<AuthorizedClient>, Fault> {
    let after = after.map_or(0, GrantId::get);
    let values = [account_id.into(), user_id.into(), after.into(), limit.into()];
    source.into().all(&LIST_FOR_USER, &values).await
}

impl FromRow for Grant {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        grant(&mut Columns::of(row))
    }
}

impl FromRow for AuthorizedClient {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            grant: grant(&mut columns)?,
            identifier: columns.take()?,
            name: columns.take()?,
            company: columns.take()?,
            logo: columns.take()?,
            state: columns.parsed(ClientState::parse)?,
            metadata: metadata::take(&mut columns)?,
        })
    }
}

fn grant(columns: &mut Columns<'_>) -> Result<Grant, Fault> {
    Ok(Grant {
        id: columns.take()?,
        account_id: columns.take()?,
        user_id: columns.take()?,
        client_id: columns.take()?,
        scopes: columns.scopes()?,
        resources: columns.words()?,
        created_at: columns.take()?,
        updated_at: columns.take()?,
        used_at: columns.take()?,
        revoked_at: columns.take()?,
    })
}
