//! The registrations of clients that registered by themselves (RFC 7592): found by the keyed hash of
//! the registration access token, and ended when their clients were not used for long.

use domain::{AccountId, ClientId, RegistrationTokenId, SecretHash, SelfRegistration, Timestamp};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO client_registrations
  (client_id, account_id, hash, registration_token_id, created_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6)";
    BY_HASH: "
SELECT client_id, account_id, hash, registration_token_id, created_at, ends_at
FROM client_registrations
WHERE account_id = $1 AND hash = $2";
    // Apart, so that whoever may register without a token takes no place from those who have one.
    COUNT: "
SELECT COUNT(*) FROM client_registrations
WHERE account_id = $1
AND (registration_token_id IS NULL) = (CAST($2 AS BIGINT) IS NULL)";
    DUE: "
SELECT client_id, account_id, hash, registration_token_id, created_at, ends_at
FROM client_registrations
WHERE ends_at <= $1
ORDER BY ends_at, client_id
LIMIT $2";
    // Used: a user allowed or used it, it authenticated, or somebody changed it. What works in every account
    // is the operator's affair.
    EXTEND: "
UPDATE client_registrations
SET ends_at = $3
WHERE client_id IN (
  SELECT client_id FROM client_registrations WHERE ends_at <= $1 ORDER BY ends_at, client_id LIMIT $4)
AND (
  EXISTS (
    SELECT 1 FROM clients AS c
    WHERE c.id = client_registrations.client_id AND (c.updated_at > $2 OR c.global_at IS NOT NULL))
  OR EXISTS (
    SELECT 1 FROM grants AS g
    WHERE g.client_id = client_registrations.client_id AND (g.updated_at > $2 OR g.used_at > $2))
  OR EXISTS (
    SELECT 1 FROM client_secrets AS s
    WHERE s.client_id = client_registrations.client_id AND s.used_at > $2))";
    END: "DELETE FROM client_registrations WHERE client_id = $1 AND ends_at <= $2";
    DELETE: "DELETE FROM client_registrations WHERE client_id = $1";
}

/// Records the registration of a client.
pub async fn create(tx: &mut Transaction, registration: &SelfRegistration) -> Result<(), Fault> {
    let values = [
        registration.client_id.into(),
        registration.account_id.into(),
        (&registration.hash).into(),
        registration.registration_token_id.into(),
        registration.created_at.into(),
        registration.ends_at.into(),
    ];
    tx.write(&CREATE, &values).await
}

/// The registration whose access token has this hash.
pub async fn by_hash(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    hash: &SecretHash,
) -> Result<Option<SelfRegistration>, Fault> {
    source.into().optional(&BY_HASH, &[account_id.into(), hash.into()]).await
}

/// How many clients have registered at an account as this one would: by a token, or without any.
pub async fn count(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    token: Option<RegistrationTokenId>,
) -> Result<i64, Fault> {
    let values = [account_id.into(), token.into()];
    Ok(source.into().optional(&COUNT, &values).await?.unwrap_or(0))
}

/// The registrations that end by now, at most `limit`, the longest due first.
pub async fn due(
    source: impl Into<Source<'_>>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<SelfRegistration>, Fault> {
    source.into().all(&DUE, &[now.into(), limit.into()]).await
}

/// Puts off the end of those among [`due`] whose clients were used after `used_after`.
pub async fn extend(
    tx: &mut Transaction,
    (now, used_after): (Timestamp, Timestamp),
    ends_at: Timestamp,
    limit: i64,
) -> Result<u64, Fault> {
    let values = [now.into(), used_after.into(), ends_at.into(), limit.into()];
    tx.execute(&EXTEND, &values).await
}

/// Ends a registration that is due, once; false: it is not, or was ended.
pub async fn end(tx: &mut Transaction, client_id: ClientId, now: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&END, &[client_id.into(), now.into()]).await? == 1)
}

/// Deletes the registration of a client that is being deleted.
pub(crate) async fn delete(tx: &mut Transaction, client_id: ClientId) -> Result<(), Fault> {
    tx.write(&DELETE, &[client_id.into()]).await
}

impl FromRow for SelfRegistration {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            client_id: columns.take()?,
            account_id: columns.take()?,
            hash: columns.take()?,
            registration_token_id: columns.take()?,
            created_at: columns.take()?,
            ends_at: columns.take()?,
        })
    }
}
