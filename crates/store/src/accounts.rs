//! Accounts: the tenants, and the base URLs that select them.

use domain::{Account, AccountId, BaseUrl, ConsentPolicy, Lifetime, PkcePolicy};

use crate::columns::{Columns, json};
use crate::engine::{FromRow, Row, Source, Value};
use crate::{Fault, Transaction, statements};

/// How many base URLs an account may have: as many as the statements below name.
pub const MAX_BASE_URLS: usize = 8;

statements! {
    // Two accounts that claim one base URL at the same moment pass this check; the key of
    // account_base_urls then makes the later one a fault, which leaves no trace.
    CREATE: "
INSERT INTO accounts
  (id, slug, name, base_urls, consent, pkce, refresh_grace, created_at, suspended_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
WHERE NOT EXISTS (
  SELECT 1 FROM account_base_urls WHERE base_url IN ($10, $11, $12, $13, $14, $15, $16, $17))
ON CONFLICT (slug) DO NOTHING";
    UPDATE: "
UPDATE accounts
SET name = $2, base_urls = $3, consent = $4, pkce = $5, refresh_grace = $6, suspended_at = $7
WHERE id = $1
AND NOT EXISTS (
  SELECT 1 FROM account_base_urls
  WHERE account_id <> $1 AND base_url IN ($8, $9, $10, $11, $12, $13, $14, $15))";
    ADD_BASE_URLS: "
INSERT INTO account_base_urls (base_url, account_id)
SELECT given.column1, $1
FROM (VALUES
  (CAST($2 AS TEXT)), (CAST($3 AS TEXT)), (CAST($4 AS TEXT)), (CAST($5 AS TEXT)),
  (CAST($6 AS TEXT)), (CAST($7 AS TEXT)), (CAST($8 AS TEXT)), (CAST($9 AS TEXT))) AS given
WHERE given.column1 IS NOT NULL";
    REMOVE_BASE_URLS: "DELETE FROM account_base_urls WHERE account_id = $1";
    SHOW: "
SELECT id, slug, name, base_urls, consent, pkce, refresh_grace, created_at, suspended_at
FROM accounts
WHERE id = $1";
    BY_SLUG: "
SELECT id, slug, name, base_urls, consent, pkce, refresh_grace, created_at, suspended_at
FROM accounts
WHERE slug = $1";
    BY_BASE_URL: "
SELECT id, slug, name, base_urls, consent, pkce, refresh_grace, created_at, suspended_at
FROM accounts
WHERE id = (SELECT account_id FROM account_base_urls WHERE base_url = $1)";
    LIST: "
SELECT id, slug, name, base_urls, consent, pkce, refresh_grace, created_at, suspended_at
FROM accounts
WHERE id > $1
ORDER BY id
LIMIT $2";
    COUNT: "SELECT COUNT(*) FROM accounts";
}

/// Creates an account; false: its slug or one of its base URLs is taken.
pub async fn create(tx: &mut Transaction, account: &Account) -> Result<bool, Fault> {
    let urls = base_url_values(account)?;
    let base_urls = json(account.base_urls.iter().map(BaseUrl::as_str));
    let mut values = vec![
        account.id.into(),
        account.slug.as_str().into(),
        account.name.as_str().into(),
        base_urls.as_str().into(),
        account.consent.as_str().into(),
        account.pkce.as_str().into(),
        account.refresh_grace.as_millis().into(),
        account.created_at.into(),
        account.suspended_at.into(),
    ];
    values.extend(urls);
    if tx.execute(&CREATE, &values).await? == 0 {
        return Ok(false);
    }
    add_base_urls(tx, account).await?;
    tx.announce();
    Ok(true)
}

/// Replaces what may change: everything but the slug; false: it is gone, or another account has one
/// of the base URLs.
pub async fn update(tx: &mut Transaction, account: &Account) -> Result<bool, Fault> {
    let urls = base_url_values(account)?;
    let base_urls = json(account.base_urls.iter().map(BaseUrl::as_str));
    let mut values = vec![
        account.id.into(),
        account.name.as_str().into(),
        base_urls.as_str().into(),
        account.consent.as_str().into(),
        account.pkce.as_str().into(),
        account.refresh_grace.as_millis().into(),
        account.suspended_at.into(),
    ];
    values.extend(urls);
    if tx.execute(&UPDATE, &values).await? == 0 {
        return Ok(false);
    }
    tx.write(&REMOVE_BASE_URLS, &[account.id.into()]).await?;
    add_base_urls(tx, account).await?;
    tx.announce();
    Ok(true)
}

/// The accounts after this one, in the order of their ids.
pub async fn list(
    source: impl Into<Source<'_>>,
    after: Option<AccountId>,
    limit: i64,
) -> Result<Vec<Account>, Fault> {
    source.into().all(&LIST, &[after.map_or(0, AccountId::get).into(), limit.into()]).await
}

/// The account with this id.
pub async fn show(source: impl Into<Source<'_>>, id: AccountId) -> Result<Option<Account>, Fault> {
    source.into().optional(&SHOW, &[id.into()]).await
}

/// The account that answers at this base URL.
pub async fn by_base_url(
    source: impl Into<Source<'_>>,
    base_url: &str,
) -> Result<Option<Account>, Fault> {
    source.into().optional(&BY_BASE_URL, &[base_url.into()]).await
}

/// The account with this slug.
pub async fn by_slug(source: impl Into<Source<'_>>, slug: &str) -> Result<Option<Account>, Fault> {
    source.into().optional(&BY_SLUG, &[slug.into()]).await
}

/// How many accounts there are.
pub async fn count(source: impl Into<Source<'_>>) -> Result<i64, Fault> {
    Ok(source.into().optional(&COUNT, &[]).await?.unwrap_or(0))
}

async fn add_base_urls(tx: &mut Transaction, account: &Account) -> Result<(), Fault> {
    let mut values = vec![account.id.into()];
    values.extend(base_url_values(account)?);
    tx.write(&ADD_BASE_URLS, &values).await
}

/// Exactly [`MAX_BASE_URLS`] values: the base URLs, then nulls.
fn base_url_values(account: &Account) -> Result<[Value<'_>; MAX_BASE_URLS], Fault> {
    if account.base_urls.len() > MAX_BASE_URLS {
        return Err(Fault::Corrupt(format!("account {} has too many base URLs", account.slug)));
    }
    Ok(std::array::from_fn(|index| account.base_urls.get(index).map(BaseUrl::as_str).into()))
}

impl FromRow for Account {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            slug: columns.take()?,
            name: columns.take()?,
            base_urls: columns.parsed_list(|url| BaseUrl::parse(url).ok())?,
            consent: columns.parsed(ConsentPolicy::parse)?,
            pkce: columns.parsed(PkcePolicy::parse)?,
            refresh_grace: Lifetime::millis(columns.take()?),
            created_at: columns.take()?,
            suspended_at: columns.take()?,
        })
    }
}
