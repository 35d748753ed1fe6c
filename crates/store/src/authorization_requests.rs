//! Authorization requests that wait for a person. One is decided once, by the user its consent page
//! was shown to.

use domain::{
    AccountId, AuthorizationRequest, AuthorizationRequestId, SecretHash, Timestamp, UserId,
};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO authorization_requests
  (id, hash, account_id, parameters, user_id, created_at, expires_at, decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    SHOW: "
SELECT id, hash, account_id, parameters, user_id, created_at, expires_at, decided_at
FROM authorization_requests
WHERE account_id = $1 AND hash = $2";
    DECIDE: "
UPDATE authorization_requests
SET decided_at = $4
WHERE id = $2 AND account_id = $1 AND user_id = $3 AND decided_at IS NULL AND expires_at > $4";
    DELETE_EXPIRED: "
DELETE FROM authorization_requests
WHERE expires_at <= $1
AND id IN (SELECT id FROM authorization_requests WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// Stores a request.
pub async fn create(tx: &mut Transaction, request: &AuthorizationRequest) -> Result<(), Fault> {
    let values = [
        request.id.into(),
        (&request.hash).into(),
        request.account_id.into(),
        request.parameters.as_str().into(),
        request.user_id.into(),
        request.created_at.into(),
        request.expires_at.into(),
        request.decided_at.into(),
    ];
    tx.write(&CREATE, &values).await
}

/// The request with this handle, whatever became of it.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    hash: &SecretHash,
) -> Result<Option<AuthorizationRequest>, Fault> {
    source.into().optional(&SHOW, &[account_id.into(), hash.into()]).await
}

/// Takes the decision, once; false: it was taken, it is somebody else's or nobody's, or it has
/// expired.
pub async fn decide(
    tx: &mut Transaction,
    account_id: AccountId,
    id: AuthorizationRequestId,
    user_id: UserId,
    at: Timestamp,
) -> Result<bool, Fault> {
    let values = [account_id.into(), id.into(), user_id.into(), at.into()];
    Ok(tx.execute(&DECIDE, &values).await? == 1)
}

/// Deletes so many requests that have expired, decided or not.
pub async fn delete_expired(
    tx: &mut Transaction,
    now: Timestamp,
    at_most: i64,
) -> Result<u64, Fault> {
    tx.execute(&DELETE_EXPIRED, &[now.into(), at_most.into()]).await
}

impl FromRow for AuthorizationRequest {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            hash: columns.take()?,
            account_id: columns.take()?,
            parameters: columns.take()?,
            user_id: columns.take()?,
            created_at: columns.take()?,
            expires_at: columns.take()?,
            decided_at: columns.take()?,
        })
    }
}
