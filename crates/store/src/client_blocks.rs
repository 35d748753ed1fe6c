//! Global clients that an account wants none of. Whoever looks one up at that account for use, by
//! `clients::usable`, finds nothing.

use domain::{AccountId, Actor, ClientId, Timestamp};

use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO client_blocks (account_id, client_id, user_id, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, client_id) DO NOTHING";
    DELETE: "DELETE FROM client_blocks WHERE account_id = $1 AND client_id = $2";
    DELETE_ALL_OF_CLIENT: "DELETE FROM client_blocks WHERE client_id = $1";
}

/// Blocks a client at an account; false: it is blocked there.
pub async fn create(
    tx: &mut Transaction,
    account_id: AccountId,
    client_id: ClientId,
    actor: Actor,
    at: Timestamp,
) -> Result<bool, Fault> {
    tx.announce();
    let values = [account_id.into(), client_id.into(), actor.id().into(), at.into()];
    Ok(tx.execute(&CREATE, &values).await? == 1)
}

/// Ends a block; false: there was none.
pub async fn delete(
    tx: &mut Transaction,
    account_id: AccountId,
    client_id: ClientId,
) -> Result<bool, Fault> {
    tx.announce();
    Ok(tx.execute(&DELETE, &[account_id.into(), client_id.into()]).await? == 1)
}

/// Ends every block of a client that is being deleted.
pub(crate) async fn delete_all_of_client(
    tx: &mut Transaction,
    client_id: ClientId,
) -> Result<(), Fault> {
    tx.write(&DELETE_ALL_OF_CLIENT, &[client_id.into()]).await
}
