//! Clients' logos: at most one picture each. Its hash stands in the client's row.

use domain::{AccountId, Client, ClientId, LogoHash, Timestamp};

use crate::engine::Source;
use crate::{Fault, Transaction, statements};

statements! {
    // As with `touch`: the row is taken, and its time moves on.
    MARK: "
UPDATE clients
SET logo_hash = $3, updated_at = CASE WHEN updated_at < $4 THEN $4 ELSE updated_at + 1 END
WHERE account_id = $1 AND id = $2
RETURNING updated_at";
    SET: "
INSERT INTO client_logos (client_id, account_id, hash, png)
VALUES ($1, $2, $3, $4)
ON CONFLICT (client_id) DO UPDATE SET hash = EXCLUDED.hash, png = EXCLUDED.png";
    SHOW: "SELECT png FROM client_logos WHERE client_id = $2 AND account_id = $1 AND hash = $3";
    DELETE: "DELETE FROM client_logos WHERE client_id = $1";
}

/// Gives a client of the account this logo, or none; false: there is no such client. The client
/// becomes what is stored.
pub async fn set(
    tx: &mut Transaction,
    client: &mut Client,
    logo: Option<(LogoHash, &[u8])>,
    at: Timestamp,
) -> Result<bool, Fault> {
    tx.announce();
    let hash = logo.map(|(hash, _)| hash);
    let (account_id, id) = (client.account_id, client.id);
    let mark = [account_id.into(), id.into(), hash.as_ref().into(), at.into()];
    let Some(updated_at) = tx.optional(&MARK, &mark).await? else { return Ok(false) };
    match &logo {
        Some((hash, png)) => {
            tx.write(&SET, &[id.into(), account_id.into(), hash.into(), (*png).into()]).await?;
        }
        None => delete(tx, id).await?,
    }
    client.logo = hash;
    client.updated_at = Timestamp::from_millis(updated_at);
    Ok(true)
}

/// The picture of a client that belongs to this account, if its logo still has this hash.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    client_id: ClientId,
    hash: &LogoHash,
) -> Result<Option<Vec<u8>>, Fault> {
    let values = [account_id.into(), client_id.into(), hash.into()];
    source.into().optional(&SHOW, &values).await
}

/// Deletes the logo of a client.
pub(crate) async fn delete(tx: &mut Transaction, client_id: ClientId) -> Result<(), Fault> {
    tx.write(&DELETE, &[client_id.into()]).await
}
