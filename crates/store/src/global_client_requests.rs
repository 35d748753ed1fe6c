//! Requests to make a client global: one for each client, decided once.

use domain::{
    AccountId, Client, ClientId, GlobalClientRequest, GlobalClientRequestId, RequestState,
    Timestamp,
};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::page::{Page, Side};
use crate::{Fault, Transaction, clients, statements};

statements! {
    CREATE: "
INSERT INTO global_client_requests
  (id, account_id, client_id, user_id, created_at, approved_at, refused_at, reason)
VALUES ($1, $2, $3, $4, $5, NULL, NULL, NULL)
ON CONFLICT (client_id) DO NOTHING";
    FORGET_REFUSED: "
DELETE FROM global_client_requests WHERE client_id = $1 AND refused_at IS NOT NULL";
    WITHDRAW: "
DELETE FROM global_client_requests
WHERE account_id = $1 AND client_id = $2 AND approved_at IS NULL AND refused_at IS NULL";
    DELETE_OF_CLIENT: "DELETE FROM global_client_requests WHERE client_id = $1";
    TAKE: "
UPDATE global_client_requests
SET created_at = created_at
WHERE id = $1 AND approved_at IS NULL AND refused_at IS NULL";
    APPROVE: "
UPDATE global_client_requests
SET approved_at = $2, refused_at = NULL, reason = NULL
WHERE client_id = $1 AND approved_at IS NULL";
    REFUSE: "
UPDATE global_client_requests
SET refused_at = $2, reason = $3
WHERE id = $1 AND approved_at IS NULL AND refused_at IS NULL";
    OF_CLIENT: "
SELECT id, account_id, client_id, user_id, created_at, approved_at, refused_at, reason
FROM global_client_requests
WHERE client_id = $2 AND account_id = $1";
    SHOW: "
SELECT r.id, r.account_id, r.client_id, r.user_id, r.created_at, r.approved_at, r.refused_at,
  r.reason, a.slug,
  c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at
FROM global_client_requests AS r
JOIN accounts AS a ON a.id = r.account_id
JOIN clients AS c ON c.id = r.client_id
WHERE r.id = $1";
    AFTER: "
SELECT r.id, r.account_id, r.client_id, r.user_id, r.created_at, r.approved_at, r.refused_at,
  r.reason, a.slug,
  c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at
FROM global_client_requests AS r
JOIN accounts AS a ON a.id = r.account_id
JOIN clients AS c ON c.id = r.client_id
WHERE r.approved_at IS NULL AND r.refused_at IS NULL AND r.id > $1
ORDER BY r.id
LIMIT $2";
    BEFORE: "
SELECT r.id, r.account_id, r.client_id, r.user_id, r.created_at, r.approved_at, r.refused_at,
  r.reason, a.slug,
  c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at
FROM global_client_requests AS r
JOIN accounts AS a ON a.id = r.account_id
JOIN clients AS c ON c.id = r.client_id
WHERE r.approved_at IS NULL AND r.refused_at IS NULL AND r.id < $1
ORDER BY r.id DESC
LIMIT $2";
    OFFSET: "
SELECT r.id, r.account_id, r.client_id, r.user_id, r.created_at, r.approved_at, r.refused_at,
  r.reason, a.slug,
  c.id, c.account_id, c.identifier, c.name, c.company, c.description, c.kind, c.grant_types,
  c.scopes, c.redirect_uris, c.post_logout_redirect_uris, c.authentication_method, c.user_id,
  c.state, c.global_at, c.resource_server_at, c.created_at, c.updated_at, c.logo_hash,
  c.not_before, c.metadata, c.registered_at
FROM global_client_requests AS r
JOIN accounts AS a ON a.id = r.account_id
JOIN clients AS c ON c.id = r.client_id
WHERE r.approved_at IS NULL AND r.refused_at IS NULL AND r.id > 0
ORDER BY r.id
LIMIT $2 OFFSET $1";
    COUNT: "
SELECT COUNT(*) FROM global_client_requests
WHERE approved_at IS NULL AND refused_at IS NULL AND id > 0";
}

/// A request, with what the operator decides by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewedRequest {
    /// The request.
    pub request: GlobalClientRequest,
    /// The slug of the account that asks.
    pub account: String,
    /// The client as it is, without its secrets.
    pub client: Client,
}

/// Stores a pending request, in place of one that was refused; false: there is another one.
pub async fn create(tx: &mut Transaction, request: &GlobalClientRequest) -> Result<bool, Fault> {
    tx.write(&FORGET_REFUSED, &[request.client_id.into()]).await?;
    let values = [
        request.id.into(),
        request.account_id.into(),
        request.client_id.into(),
        request.user_id.into(),
        request.created_at.into(),
    ];
    Ok(tx.execute(&CREATE, &values).await? == 1)
}

/// Takes a pending request back; false: there is none.
pub async fn withdraw(
    tx: &mut Transaction,
    account_id: AccountId,
    client_id: ClientId,
) -> Result<bool, Fault> {
    Ok(tx.execute(&WITHDRAW, &[account_id.into(), client_id.into()]).await? == 1)
}

/// Deletes what was asked for a client, whatever became of it.
pub async fn delete_of_client(tx: &mut Transaction, client_id: ClientId) -> Result<(), Fault> {
    tx.write(&DELETE_OF_CLIENT, &[client_id.into()]).await
}

/// Takes a pending request until the unit of work is settled: nobody else decides it, and nobody takes it
/// back; false: it is not pending.
pub async fn take(tx: &mut Transaction, id: GlobalClientRequestId) -> Result<bool, Fault> {
    Ok(tx.execute(&TAKE, &[id.into()]).await? == 1)
}

/// Records that what was asked for a client came true, even if it was refused before.
pub async fn approve(
    tx: &mut Transaction,
    client_id: ClientId,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.write(&APPROVE, &[client_id.into(), at.into()]).await
}

/// Records that a pending request was refused, once.
pub async fn refuse(
    tx: &mut Transaction,
    id: GlobalClientRequestId,
    at: Timestamp,
    reason: &str,
) -> Result<bool, Fault> {
    Ok(tx.execute(&REFUSE, &[id.into(), at.into(), reason.into()]).await? == 1)
}

/// What the account asked for this client.
pub async fn of_client(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    client_id: ClientId,
) -> Result<Option<GlobalClientRequest>, Fault> {
    source.into().optional(&OF_CLIENT, &[account_id.into(), client_id.into()]).await
}

/// The request with this id, of whatever account.
pub async fn show(
    source: impl Into<Source<'_>>,
    id: GlobalClientRequestId,
) -> Result<Option<ReviewedRequest>, Fault> {
    source.into().optional(&SHOW, &[id.into()]).await
}

/// A page of the pending requests of all accounts by id, the nearest to its place first.
pub async fn page(
    source: impl Into<Source<'_>>,
    page: &Page,
) -> Result<Vec<ReviewedRequest>, Fault> {
    let mut values = page.place.values();
    values.push(page.limit.into());
    let statement = match page.side {
        Side::After => &AFTER,
        Side::Before => &BEFORE,
    };
    source.into().all(statement, &values).await
}

/// The pending requests of all accounts, oldest first: after this many, at most `limit`.
pub async fn list(
    source: impl Into<Source<'_>>,
    skipped: i64,
    limit: i64,
) -> Result<Vec<ReviewedRequest>, Fault> {
    source.into().all(&OFFSET, &[skipped.into(), limit.into()]).await
}

/// How many requests are pending.
pub async fn count(source: impl Into<Source<'_>>) -> Result<i64, Fault> {
    Ok(source.into().optional(&COUNT, &[]).await?.unwrap_or(0))
}

impl FromRow for GlobalClientRequest {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        request(&mut Columns::of(row))
    }
}

impl FromRow for ReviewedRequest {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            request: request(&mut columns)?,
            account: columns.take()?,
            client: clients::client(&mut columns)?,
        })
    }
}

fn request(columns: &mut Columns<'_>) -> Result<GlobalClientRequest, Fault> {
    Ok(GlobalClientRequest {
        id: columns.take()?,
        account_id: columns.take()?,
        client_id: columns.take()?,
        user_id: columns.take()?,
        created_at: columns.take()?,
        state: state(columns)?,
    })
}

fn state(columns: &mut Columns<'_>) -> Result<RequestState, Fault> {
    let approved_at: Option<Timestamp> = columns.take()?;
    let refused_at: Option<Timestamp> = columns.take()?;
    let reason: Option<String> = columns.take()?;
    Ok(match (approved_at, refused_at) {
        (Some(at), _) => RequestState::Approved { at },
        (None, Some(at)) => RequestState::Refused { at, reason: reason.unwrap_or_default() },
        (None, None) => RequestState::Pending,
    })
}
