//! The outbox of logout tokens: which clients hear of the end of a session, and how far that has come
//! (OpenID Connect Back-Channel Logout 1.0 §2.5).
//!
//! A row is written in the unit of work that ends the session, so that a crash loses none. Whoever
//! takes a row moves its next try on, and the database says who was first.

use domain::{
    AccountId, ClientId, ClientMetadata, LogoutDelivery, LogoutOutcome, SessionId, Timestamp,
    UserId,
};

use crate::clients::metadata;
use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    // A client has the member, or a scope the word, if taking it out changes the text: the same on
    // both engines. A quotation mark within a value of JSON has a backslash before it.
    ENQUEUE_FOR_SESSION: "
INSERT INTO logout_deliveries
  (session_id, client_id, account_id, user_id, attempts, created_at, due_at)
SELECT DISTINCT sessions.id, families.client_id, sessions.account_id, sessions.user_id,
  CAST(0 AS BIGINT), CAST($2 AS BIGINT), CAST($2 AS BIGINT)
FROM sessions
JOIN token_families AS families ON families.session_id = sessions.id
JOIN clients ON clients.id = families.client_id
WHERE sessions.lineage_id = $1
AND REPLACE(' ' || families.scopes || ' ', ' openid ', '') <> ' ' || families.scopes || ' '
AND REPLACE(clients.metadata, '\"backchannel_logout_uri\":', '') <> clients.metadata
ON CONFLICT (session_id, client_id) DO NOTHING";
    ENQUEUE_FOR_USER: "
INSERT INTO logout_deliveries
  (session_id, client_id, account_id, user_id, attempts, created_at, due_at)
SELECT DISTINCT sessions.id, families.client_id, sessions.account_id, sessions.user_id,
  CAST(0 AS BIGINT), CAST($3 AS BIGINT), CAST($3 AS BIGINT)
FROM sessions AS ended
JOIN sessions ON sessions.lineage_id = ended.lineage_id
JOIN token_families AS families ON families.session_id = sessions.id
JOIN clients ON clients.id = families.client_id
WHERE ended.account_id = $1 AND ended.user_id = $2 AND ended.ended_at = $3
AND REPLACE(' ' || families.scopes || ' ', ' openid ', '') <> ' ' || families.scopes || ' '
AND REPLACE(clients.metadata, '\"backchannel_logout_uri\":', '') <> clients.metadata
ON CONFLICT (session_id, client_id) DO NOTHING";
    TAKE: "
UPDATE logout_deliveries
SET due_at = $2, attempts = attempts + 1
WHERE due_at <= $1
AND (session_id, client_id) IN (
  SELECT session_id, client_id FROM logout_deliveries WHERE due_at <= $1 ORDER BY due_at LIMIT $3)
RETURNING session_id, client_id, account_id, user_id, attempts, created_at";
    POSTPONE: "
UPDATE logout_deliveries
SET due_at = $4
WHERE session_id = $1 AND client_id = $2 AND attempts = $3 AND due_at IS NOT NULL";
    FINISH: "
UPDATE logout_deliveries
SET due_at = NULL, ended_at = $4, outcome = $5
WHERE session_id = $1 AND client_id = $2 AND attempts = $3 AND due_at IS NOT NULL";
    DELETE_ENDED: "
DELETE FROM logout_deliveries
WHERE ended_at <= $1
AND (session_id, client_id) IN (
  SELECT session_id, client_id FROM logout_deliveries WHERE ended_at <= $1
  ORDER BY ended_at LIMIT $2)";
    LIST_TOLD: "
SELECT DISTINCT clients.id, sessions.id, clients.name, clients.metadata, deliveries.due_at,
  deliveries.outcome
FROM sessions
JOIN token_families AS families ON families.session_id = sessions.id
JOIN clients ON clients.id = families.client_id
LEFT JOIN logout_deliveries AS deliveries
  ON deliveries.session_id = sessions.id AND deliveries.client_id = clients.id
WHERE sessions.lineage_id = $1
AND REPLACE(' ' || families.scopes || ' ', ' openid ', '') <> ' ' || families.scopes || ' '
AND REPLACE(REPLACE(clients.metadata, '\"backchannel_logout_uri\":', ''),
  '\"frontchannel_logout_uri\":', '') <> clients.metadata
ORDER BY clients.id, sessions.id
LIMIT $2";
}

/// Puts a logout token into the outbox for each client that got tokens in a session which has just
/// ended, or in one that it went on with, and wants to hear of it. Afterwards, so that whoever was
/// getting tokens meanwhile is seen.
pub async fn enqueue_for_session(
    tx: &mut Transaction,
    lineage_id: SessionId,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.write(&ENQUEUE_FOR_SESSION, &[lineage_id.into(), at.into()]).await
}

/// The same for every session of a user that ended at this very moment.
pub async fn enqueue_for_user(
    tx: &mut Transaction,
    account_id: AccountId,
    user_id: UserId,
    ended_at: Timestamp,
) -> Result<(), Fault> {
    tx.write(&ENQUEUE_FOR_USER, &[account_id.into(), user_id.into(), ended_at.into()]).await
}

/// Takes so many deliveries that are due, the longest due ones. Until the lease ends nobody else gets
/// them.
pub async fn take(
    tx: &mut Transaction,
    now: Timestamp,
    leased_until: Timestamp,
    at_most: i64,
) -> Result<Vec<LogoutDelivery>, Fault> {
    tx.all(&TAKE, &[now.into(), leased_until.into(), at_most.into()]).await
}

/// Gives a delivery back, to be tried again then; false: somebody else has taken it since.
pub async fn postpone(
    tx: &mut Transaction,
    delivery: &LogoutDelivery,
    due_at: Timestamp,
) -> Result<bool, Fault> {
    let LogoutDelivery { session_id, client_id, attempts, .. } = delivery;
    let values = [(*session_id).into(), (*client_id).into(), (*attempts).into(), due_at.into()];
    Ok(tx.execute(&POSTPONE, &values).await? == 1)
}

/// Ends a delivery, once; false: somebody else has taken it since.
pub async fn finish(
    tx: &mut Transaction,
    delivery: &LogoutDelivery,
    outcome: LogoutOutcome,
    at: Timestamp,
) -> Result<bool, Fault> {
    let LogoutDelivery { session_id, client_id, attempts, .. } = delivery;
    let values = [
        (*session_id).into(),
        (*client_id).into(),
        (*attempts).into(),
        at.into(),
        outcome.as_str().into(),
    ];
    Ok(tx.execute(&FINISH, &values).await? == 1)
}

/// Deletes so many deliveries that ended before.
pub async fn delete_ended(
    tx: &mut Transaction,
    before: Timestamp,
    at_most: i64,
) -> Result<u64, Fault> {
    tx.execute(&DELETE_ENDED, &[before.into(), at_most.into()]).await
}

/// A client that hears of the end of a session, one way or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldClient {
    /// The client.
    pub client_id: ClientId,
    /// The session that it knows.
    pub session_id: SessionId,
    /// Its name.
    pub name: String,
    /// Where it hears of it.
    pub metadata: ClientMetadata,
    /// How far the delivery from the server has come; none: there is none.
    pub delivery: Option<DeliveryState>,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is tried, or will be again.
    UnderWay,
    /// It is over.
    Ended(LogoutOutcome),
}

/// The clients that hear of the end of these sessions, as many as are asked for.
pub async fn list_told(
    source: impl Into<Source<'_>>,
    lineage_id: SessionId,
    at_most: i64,
) -> Result<Vec<ToldClient>, Fault> {
    source.into().all(&LIST_TOLD, &[lineage_id.into(), at_most.into()]).await
}

impl FromRow for LogoutDelivery {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            session_id: columns.take()?,
            client_id: columns.take()?,
            account_id: columns.take()?,
            user_id: columns.take()?,
            attempts: columns.take()?,
            created_at: columns.take()?,
        })
    }
}

impl FromRow for ToldClient {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            client_id: columns.take()?,
            session_id: columns.take()?,
            name: columns.take()?,
            metadata: metadata::take(&mut columns)?,
            delivery: delivery_state(&mut columns)?,
        })
    }
}

fn delivery_state(columns: &mut Columns<'_>) -> Result<Option<DeliveryState>, Fault> {
    let due_at: Option<Timestamp> = columns.take()?;
    let outcome: Option<String> = columns.take()?;
    let Some(name) = outcome else { return Ok(due_at.map(|_| DeliveryState::UnderWay)) };
    let outcome = LogoutOutcome::parse(&name)
        .ok_or_else(|| Fault::Corrupt(format!("a logout delivery ended as {name:?}")))?;
    Ok(Some(DeliveryState::Ended(outcome)))
}
