//! Requests at the logout endpoint that are remembered for a while, found by the keyed hash of their
//! handle.

use domain::{
    AccountId, LogoutProgress, LogoutRequest, SecretHash, SessionId, SignedOutSession, Timestamp,
};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO logout_requests
  (id, hash, account_id, parameters, lineage_id, client_id, destination, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    SHOW: "
SELECT id, hash, account_id, parameters, lineage_id, client_id, destination, created_at, expires_at
FROM logout_requests
WHERE account_id = $1 AND hash = $2";
    DELETE_EXPIRED: "
DELETE FROM logout_requests
WHERE expires_at <= $1
AND id IN (SELECT id FROM logout_requests WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// Stores a request.
pub async fn create(tx: &mut Transaction, request: &LogoutRequest) -> Result<(), Fault> {
    let (parameters, done) = match &request.progress {
        LogoutProgress::Posted { parameters } => (parameters.as_str(), None),
        LogoutProgress::Done(done) => ("", Some(done)),
    };
    let values = [
        request.id.into(),
        (&request.hash).into(),
        request.account_id.into(),
        parameters.into(),
        done.map(|done| done.lineage_id).into(),
        done.and_then(|done| done.client_id).into(),
        done.and_then(|done| done.destination.as_deref()).into(),
        request.created_at.into(),
        request.expires_at.into(),
    ];
    tx.write(&CREATE, &values).await
}

/// The request with this handle, whether it has expired or not.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    hash: &SecretHash,
) -> Result<Option<LogoutRequest>, Fault> {
    source.into().optional(&SHOW, &[account_id.into(), hash.into()]).await
}

/// Deletes so many requests that have expired.
pub async fn delete_expired(
    tx: &mut Transaction,
    now: Timestamp,
    at_most: i64,
) -> Result<u64, Fault> {
    tx.execute(&DELETE_EXPIRED, &[now.into(), at_most.into()]).await
}

impl FromRow for LogoutRequest {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            hash: columns.take()?,
            account_id: columns.take()?,
            progress: progress(&mut columns)?,
            created_at: columns.take()?,
            expires_at: columns.take()?,
        })
    }
}

fn progress(columns: &mut Columns<'_>) -> Result<LogoutProgress, Fault> {
    let parameters: String = columns.take()?;
    let lineage_id: Option<SessionId> = columns.take()?;
    let (client_id, destination) = (columns.take()?, columns.take()?);
    Ok(match lineage_id {
        None => LogoutProgress::Posted { parameters },
        Some(lineage_id) => {
            LogoutProgress::Done(SignedOutSession { lineage_id, client_id, destination })
        }
    })
}
