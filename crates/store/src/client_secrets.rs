//! Client secrets: several per client, stored as keyed hashes. They are read together with their
//! client, by `clients`.

use domain::{AccountId, ClientId, ClientSecret, ClientSecretId, Timestamp, UserId};

use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO client_secrets
  (id, account_id, client_id, hash, hint, label, created_by, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    USED: "
UPDATE client_secrets SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $2)";
    DELETE_ALL: "DELETE FROM client_secrets WHERE client_id = $1";
}

/// Adds a secret to a client. Nobody is named as its maker when the operator made it.
pub async fn create(
    tx: &mut Transaction,
    account_id: AccountId,
    client_id: ClientId,
    secret: &ClientSecret,
    created_by: Option<UserId>,
) -> Result<(), Fault> {
    let values = [
        secret.id.into(),
        account_id.into(),
        client_id.into(),
        (&secret.hash).into(),
        secret.hint.as_str().into(),
        secret.label.as_deref().into(),
        created_by.into(),
        secret.created_at.into(),
        secret.expires_at.into(),
    ];
    tx.announce();
    tx.write(&CREATE, &values).await
}

/// Records that a secret was used then, unless a later use is recorded. Not announced: nothing is
/// decided by it.
pub async fn used(tx: &mut Transaction, id: ClientSecretId, at: Timestamp) -> Result<(), Fault> {
    tx.write(&USED, &[id.into(), at.into()]).await
}

/// Ends every secret of a client.
pub async fn delete_all(tx: &mut Transaction, client_id: ClientId) -> Result<(), Fault> {
    tx.announce();
    tx.write(&DELETE_ALL, &[client_id.into()]).await
}
