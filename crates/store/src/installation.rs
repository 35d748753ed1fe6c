//! Facts of the installation itself, under a name: the check value of the master key, the set-up
//! link.

use crate::engine::Source;
use crate::{Fault, Transaction, statements};

statements! {
    GET: "SELECT value FROM installation WHERE name = $1";
    SET: "
INSERT INTO installation (name, value)
VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value";
    SET_ONCE: "
INSERT INTO installation (name, value)
VALUES ($1, $2)
ON CONFLICT (name) DO NOTHING";
    TAKE: "DELETE FROM installation WHERE name = $1";
}

/// The fact of this name.
pub async fn get(source: impl Into<Source<'_>>, name: &str) -> Result<Option<Vec<u8>>, Fault> {
    source.into().optional(&GET, &[name.into()]).await
}

/// Sets a fact, or replaces it.
pub async fn set(tx: &mut Transaction, name: &str, bytes: &[u8]) -> Result<(), Fault> {
    tx.write(&SET, &[name.into(), bytes.into()]).await
}

/// Sets a fact unless it is there: of all who try, one is told true.
pub async fn set_once(tx: &mut Transaction, name: &str, bytes: &[u8]) -> Result<bool, Fault> {
    Ok(tx.execute(&SET_ONCE, &[name.into(), bytes.into()]).await? == 1)
}

/// Takes a fact away, once: of all who try, one is told true.
pub async fn take(tx: &mut Transaction, name: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&TAKE, &[name.into()]).await? == 1)
}
