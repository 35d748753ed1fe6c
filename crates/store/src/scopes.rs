//! The account's own rows of the scope catalogue; `domain::ScopeCatalogue` lays them over the
//! built-in one.

use domain::{AccountId, Risk, Scope, ScopeName};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    UPSERT: "
INSERT INTO scopes (account_id, name, title, description, risk, optional_at, default_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (account_id, name) DO UPDATE
SET title = EXCLUDED.title, description = EXCLUDED.description, risk = EXCLUDED.risk,
  optional_at = EXCLUDED.optional_at, default_at = EXCLUDED.default_at";
    LIST: "
SELECT name, title, description, risk, optional_at, default_at
FROM scopes
WHERE account_id = $1
ORDER BY name
LIMIT 10000";
    DELETE: "DELETE FROM scopes WHERE account_id = $1 AND name = $2";
}

/// Adds a row of the catalogue, or replaces the one of that name.
pub async fn upsert(
    tx: &mut Transaction,
    account_id: AccountId,
    scope: &Scope,
) -> Result<(), Fault> {
    let values = [
        account_id.into(),
        scope.name.as_str().into(),
        scope.title.as_str().into(),
        scope.description.as_str().into(),
        scope.risk.as_str().into(),
        scope.optional_at.into(),
        scope.default_at.into(),
    ];
    tx.announce();
    tx.write(&UPSERT, &values).await
}

/// The account's own rows, in the order of their names.
pub async fn list(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
) -> Result<Vec<Scope>, Fault> {
    source.into().all(&LIST, &[account_id.into()]).await
}

/// Takes a row out of the catalogue; false: the account has none of that name.
pub async fn delete(
    tx: &mut Transaction,
    account_id: AccountId,
    name: &ScopeName,
) -> Result<bool, Fault> {
    tx.announce();
    Ok(tx.execute(&DELETE, &[account_id.into(), name.as_str().into()]).await? == 1)
}

impl FromRow for Scope {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            name: columns.parsed(|name| ScopeName::parse(name).ok())?,
            title: columns.take()?,
            description: columns.take()?,
            risk: columns.parsed(Risk::parse)?,
            optional_at: columns.take()?,
            default_at: columns.take()?,
        })
    }
}
