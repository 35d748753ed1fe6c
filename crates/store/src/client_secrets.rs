//! Client secrets: several per client, stored as keyed hashes. What decides about a client is read
//! together with it, by `clients`; here they are made, changed and ended, and listed for people.
//!
//! Whoever changes the secrets of a client takes the client's row first, with `clients::hold`.

use domain::{AccountId, ClientId, ClientSecret, ClientSecretId, RecordedSecret, Timestamp};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO client_secrets
  (id, account_id, client_id, hash, hint, label, created_by, created_at, expires_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
WHERE (
  SELECT COUNT(*) FROM client_secrets AS other
  WHERE other.client_id = $3 AND (other.expires_at IS NULL OR other.expires_at > $8)) < $10";
    USED: "
UPDATE client_secrets SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $2)";
    LIST: "
SELECT id, hash, hint, label, created_at, expires_at, account_id, client_id, created_by,
  used_at
FROM client_secrets
WHERE client_id = $2 AND account_id = $1 AND (expires_at IS NULL OR expires_at > $3)
ORDER BY id
LIMIT 1000";
    SHOW: "
SELECT id, hash, hint, label, created_at, expires_at, account_id, client_id, created_by,
  used_at
FROM client_secrets
WHERE id = $3 AND client_id = $2 AND account_id = $1 AND (expires_at IS NULL OR expires_at > $4)";
    UPDATE: "
UPDATE client_secrets
SET label = $4, expires_at = $5
WHERE id = $3 AND client_id = $2 AND account_id = $1 AND (expires_at IS NULL OR expires_at > $6)";
    END_OTHERS: "
UPDATE client_secrets
SET expires_at = $3
WHERE client_id = $1 AND id <> $2 AND (expires_at IS NULL OR expires_at > $3)";
    DELETE: "
DELETE FROM client_secrets
WHERE id = $3 AND client_id = $2 AND account_id = $1 AND (expires_at IS NULL OR expires_at > $4)";
    DELETE_ENDED: "DELETE FROM client_secrets WHERE client_id = $1 AND expires_at <= $2";
    DELETE_ALL: "DELETE FROM client_secrets WHERE client_id = $1";
}

/// Adds a secret to a client, unless so many others are live already; false: they are.
pub async fn create(
    tx: &mut Transaction,
    recorded: &RecordedSecret,
    limit: i64,
) -> Result<bool, Fault> {
    let secret = &recorded.secret;
    let values = [
        secret.id.into(),
        recorded.account_id.into(),
        recorded.client_id.into(),
        (&secret.hash).into(),
        secret.hint.as_str().into(),
        secret.label.as_deref().into(),
        recorded.created_by.into(),
        secret.created_at.into(),
        secret.expires_at.into(),
        limit.into(),
    ];
    tx.announce();
    Ok(tx.execute(&CREATE, &values).await? == 1)
}

/// The live secrets of a client, oldest first; a client has few.
pub async fn list(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    client_id: ClientId,
    now: Timestamp,
) -> Result<Vec<RecordedSecret>, Fault> {
    source.into().all(&LIST, &[account_id.into(), client_id.into(), now.into()]).await
}

/// A live secret of this client.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    client_id: ClientId,
    id: ClientSecretId,
    now: Timestamp,
) -> Result<Option<RecordedSecret>, Fault> {
    let values = [account_id.into(), client_id.into(), id.into(), now.into()];
    source.into().optional(&SHOW, &values).await
}

/// Gives a secret its label and its end; false: it has ended.
pub async fn update(
    tx: &mut Transaction,
    recorded: &RecordedSecret,
    now: Timestamp,
) -> Result<bool, Fault> {
    let secret = &recorded.secret;
    let values = [
        recorded.account_id.into(),
        recorded.client_id.into(),
        secret.id.into(),
        secret.label.as_deref().into(),
        secret.expires_at.into(),
        now.into(),
    ];
    tx.announce();
    Ok(tx.execute(&UPDATE, &values).await? == 1)
}

/// Records that a secret was used then, unless a later use is recorded. Not announced: nothing is
/// decided by it.
pub async fn used(tx: &mut Transaction, id: ClientSecretId, at: Timestamp) -> Result<(), Fault> {
    tx.write(&USED, &[id.into(), at.into()]).await
}

/// Sets an end to every other secret of a client that would live longer.
pub async fn end_others(
    tx: &mut Transaction,
    recorded: &RecordedSecret,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.announce();
    let values = [recorded.client_id.into(), recorded.secret.id.into(), at.into()];
    tx.write(&END_OTHERS, &values).await
}

/// Ends a secret; false: it has ended.
pub async fn delete(
    tx: &mut Transaction,
    account_id: AccountId,
    client_id: ClientId,
    id: ClientSecretId,
    now: Timestamp,
) -> Result<bool, Fault> {
    let values = [account_id.into(), client_id.into(), id.into(), now.into()];
    tx.announce();
    Ok(tx.execute(&DELETE, &values).await? == 1)
}

/// Forgets the secrets of a client that have ended.
pub async fn delete_ended(
    tx: &mut Transaction,
    client_id: ClientId,
    now: Timestamp,
) -> Result<(), Fault> {
    tx.announce();
    tx.write(&DELETE_ENDED, &[client_id.into(), now.into()]).await
}

/// Ends every secret of a client.
pub async fn delete_all(tx: &mut Transaction, client_id: ClientId) -> Result<(), Fault> {
    tx.announce();
    tx.write(&DELETE_ALL, &[client_id.into()]).await
}

impl FromRow for RecordedSecret {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            secret: ClientSecret {
                id: columns.take()?,
                hash: columns.take()?,
                hint: columns.take()?,
                label: columns.take()?,
                created_at: columns.take()?,
                expires_at: columns.take()?,
            },
            account_id: columns.take()?,
            client_id: columns.take()?,
            created_by: columns.take()?,
            used_at: columns.take()?,
        })
    }
}
