//! Resources: the APIs that an account's tokens are for (RFC 8707).

use domain::{
    AccessTokenFormat, AccountId, Lifetime, Resource, ResourceId, ScopeName, ScopeSet,
    SigningAlgorithm,
};

use crate::columns::{Columns, json};
use crate::engine::{FromRow, Row, Source, Value};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO resources
  (id, account_id, identifier, name, scopes, access_token_format, signing_algorithm,
   introspection_clients, access_token_lifetime, updated_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (account_id, identifier) DO NOTHING";
    UPDATE: "
UPDATE resources
SET identifier = $3, name = $4, scopes = $5, access_token_format = $6, signing_algorithm = $7,
  introspection_clients = $8, access_token_lifetime = $9, updated_at = $10
WHERE id = $1 AND account_id = $2
AND NOT EXISTS (
  SELECT 1 FROM resources AS other
  WHERE other.account_id = $2 AND other.identifier = $3 AND other.id <> $1)";
    LIST: "
SELECT id, account_id, identifier, name, scopes, access_token_format, signing_algorithm,
  introspection_clients, access_token_lifetime, created_at, updated_at
FROM resources
WHERE account_id = $1
ORDER BY id
LIMIT 1000";
    BY_IDENTIFIER: "
SELECT id, account_id, identifier, name, scopes, access_token_format, signing_algorithm,
  introspection_clients, access_token_lifetime, created_at, updated_at
FROM resources
WHERE account_id = $1 AND identifier = $2";
    SHOW: "
SELECT id, account_id, identifier, name, scopes, access_token_format, signing_algorithm,
  introspection_clients, access_token_lifetime, created_at, updated_at
FROM resources
WHERE id = $2 AND account_id = $1";
    DELETE: "DELETE FROM resources WHERE id = $2 AND account_id = $1";
}

/// Creates a resource; false: the account has one with that identifier.
pub async fn create(tx: &mut Transaction, resource: &Resource) -> Result<bool, Fault> {
    let texts = Texts::of(resource);
    let mut values = texts.values(resource).to_vec();
    values.push(resource.created_at.into());
    tx.announce();
    Ok(tx.execute(&CREATE, &values).await? == 1)
}

/// Replaces a resource; false: it is gone, or its identifier is taken.
pub async fn update(tx: &mut Transaction, resource: &Resource) -> Result<bool, Fault> {
    let texts = Texts::of(resource);
    tx.announce();
    Ok(tx.execute(&UPDATE, &texts.values(resource)).await? == 1)
}

/// The account's resources, oldest first.
pub async fn list(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
) -> Result<Vec<Resource>, Fault> {
    source.into().all(&LIST, &[account_id.into()]).await
}

/// The account's resource with this identifier, compared byte for byte.
pub async fn by_identifier(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    identifier: &str,
) -> Result<Option<Resource>, Fault> {
    source.into().optional(&BY_IDENTIFIER, &[account_id.into(), identifier.into()]).await
}

/// The account's resource with this id.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    id: ResourceId,
) -> Result<Option<Resource>, Fault> {
    source.into().optional(&SHOW, &[account_id.into(), id.into()]).await
}

/// Deletes a resource; false: the account has none with that id.
pub async fn delete(
    tx: &mut Transaction,
    account_id: AccountId,
    id: ResourceId,
) -> Result<bool, Fault> {
    tx.announce();
    Ok(tx.execute(&DELETE, &[account_id.into(), id.into()]).await? == 1)
}

/// The columns that are texts made from the resource's lists.
struct Texts {
    scopes: String,
    introspection_clients: String,
}

impl Texts {
    fn of(resource: &Resource) -> Self {
        Self {
            scopes: json(resource.scopes.iter().map(ScopeName::as_str)),
            introspection_clients: json(resource.introspection_clients.iter().map(String::as_str)),
        }
    }

    /// From `id` to `updated_at`, as `CREATE` and `UPDATE` number them.
    fn values<'a>(&'a self, resource: &'a Resource) -> [Value<'a>; 10] {
        [
            resource.id.into(),
            resource.account_id.into(),
            resource.identifier.as_str().into(),
            resource.name.as_str().into(),
            self.scopes.as_str().into(),
            resource.access_token_format.as_str().into(),
            resource.signing_algorithm.as_str().into(),
            self.introspection_clients.as_str().into(),
            resource.access_token_lifetime.map(Lifetime::as_millis).into(),
            resource.updated_at.into(),
        ]
    }
}

impl FromRow for Resource {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            account_id: columns.take()?,
            identifier: columns.take()?,
            name: columns.take()?,
            scopes: ScopeSet::from_names(columns.parsed_list(|name| ScopeName::parse(name).ok())?),
            access_token_format: columns.parsed(AccessTokenFormat::parse)?,
            signing_algorithm: columns.parsed(SigningAlgorithm::parse)?,
            introspection_clients: columns.list()?,
            access_token_lifetime: columns.take()?,
            created_at: columns.take()?,
            updated_at: columns.take()?,
        })
    }
}
