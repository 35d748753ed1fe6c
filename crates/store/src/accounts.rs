//! Accounts: the tenants, and the base URLs that select them.

use domain::{
    Account, AccountId, ApiTokenPolicy, BaseUrl, ConsentPolicy, Lifetime, PkcePolicy,
    RegistrationPolicy, Timestamp, TokenExpiryPolicy,
};

use crate::columns::{Columns, json};
use crate::engine::{FromRow, Row, Source, Value};
use crate::page::{Page, Side};
use crate::{Fault, Transaction, statements};

/// How many base URLs an account may have: as many as the statements below name.
const MAX_BASE_URLS: usize = Account::BASE_URL_LIMIT;

statements! {
    // Two accounts that claim one base URL at the same moment pass this check; the key of
    // account_base_urls then makes the later one a fault, which leaves no trace.
    CREATE: "
INSERT INTO accounts
  (id, name, base_urls, consent, pkce, refresh_grace, api_tokens, token_expiry,
   api_requests_per_minute, registration, updated_at, slug, created_at, suspended_at, not_before)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
WHERE NOT EXISTS (
  SELECT 1 FROM account_base_urls WHERE base_url IN ($16, $17, $18, $19, $20, $21, $22, $23))
ON CONFLICT (slug) DO NOTHING";
    UPDATE: "
UPDATE accounts
SET name = $2, base_urls = $3, consent = $4, pkce = $5, refresh_grace = $6, api_tokens = $7,
  token_expiry = $8, api_requests_per_minute = $9, registration = $10, updated_at = $11
WHERE id = $1 AND updated_at = $12
AND NOT EXISTS (
  SELECT 1 FROM account_base_urls
  WHERE account_id <> $1 AND base_url IN ($13, $14, $15, $16, $17, $18, $19, $20))";
    UPDATED_AT: "SELECT updated_at FROM accounts WHERE id = $1";
    // Whoever read the row before finds it stale.
    SUSPEND: "
UPDATE accounts
SET suspended_at = $2, not_before = $3,
  updated_at = CASE WHEN updated_at < $3 THEN $3 ELSE updated_at + 1 END
WHERE id = $1
RETURNING updated_at";
    ADD_BASE_URLS: "
INSERT INTO account_base_urls (base_url, account_id)
SELECT given.column1, $1
FROM (VALUES
  (CAST($2 AS TEXT)), (CAST($3 AS TEXT)), (CAST($4 AS TEXT)), (CAST($5 AS TEXT)),
  (CAST($6 AS TEXT)), (CAST($7 AS TEXT)), (CAST($8 AS TEXT)), (CAST($9 AS TEXT))) AS given
WHERE given.column1 IS NOT NULL";
    REMOVE_BASE_URLS: "DELETE FROM account_base_urls WHERE account_id = $1";
    TAKEN_BASE_URLS: "
SELECT base_url FROM account_base_urls
WHERE account_id <> $1 AND base_url IN ($2, $3, $4, $5, $6, $7, $8, $9)";
    SHOW: "
SELECT id, slug, name, base_urls, consent, pkce, refresh_grace, api_tokens, token_expiry,
  api_requests_per_minute, registration, created_at, updated_at, suspended_at, not_before
FROM accounts
WHERE id = $1";
    BY_SLUG: "
SELECT id, slug, name, base_urls, consent, pkce, refresh_grace, api_tokens, token_expiry,
  api_requests_per_minute, registration, created_at, updated_at, suspended_at, not_before
FROM accounts
WHERE slug = $1";
    BY_BASE_URL: "
SELECT id, slug, name, base_urls, consent, pkce, refresh_grace, api_tokens, token_expiry,
  api_requests_per_minute, registration, created_at, updated_at, suspended_at, not_before
FROM accounts
WHERE id = (SELECT account_id FROM account_base_urls WHERE base_url = $1)";
    LIST: "
SELECT id, slug, name, base_urls, consent, pkce, refresh_grace, api_tokens, token_expiry,
  api_requests_per_minute, registration, created_at, updated_at, suspended_at, not_before
FROM accounts
WHERE id > $1
ORDER BY id
LIMIT $2";
    BEFORE: "
SELECT id, slug, name, base_urls, consent, pkce, refresh_grace, api_tokens, token_expiry,
  api_requests_per_minute, registration, created_at, updated_at, suspended_at, not_before
FROM accounts
WHERE id < $1
ORDER BY id DESC
LIMIT $2";
    OFFSET: "
SELECT id, slug, name, base_urls, consent, pkce, refresh_grace, api_tokens, token_expiry,
  api_requests_per_minute, registration, created_at, updated_at, suspended_at, not_before
FROM accounts
WHERE id > 0
ORDER BY id
LIMIT $2 OFFSET $1";
    HOME: "
SELECT id, slug, name, base_urls, consent, pkce, refresh_grace, api_tokens, token_expiry,
  api_requests_per_minute, registration, created_at, updated_at, suspended_at, not_before
FROM accounts
WHERE created_at > 0
ORDER BY created_at, id
LIMIT 1";
    COUNT: "SELECT COUNT(*) FROM accounts";
    TAKE: "UPDATE accounts SET name = name WHERE id = $1";
}

/// Creates an account; false: its slug or one of its base URLs is taken.
pub async fn create(tx: &mut Transaction, account: &Account) -> Result<bool, Fault> {
    let base_urls = json(account.base_urls.iter().map(BaseUrl::as_str));
    let mut values = Vec::from(settings(account, &base_urls));
    values.push(account.slug.as_str().into());
    values.push(account.created_at.into());
    values.push(account.suspended_at.into());
    values.push(account.not_before.into());
    values.extend(base_url_values(account)?);
    if tx.execute(&CREATE, &values).await? == 0 {
        return Ok(false);
    }
    add_base_urls(tx, account).await?;
    tx.announce();
    Ok(true)
}

/// What became of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountUpdate {
    /// It is written.
    Written,
    /// Another account answers at one of the base URLs.
    Taken,
    /// The account was changed since it was read.
    Stale,
    /// There is no such account.
    Gone,
}

/// Replaces what may change, the slug and its being suspended excepted, as long as it is what was read
/// when it was last changed at `read_at`.
pub async fn update(
    tx: &mut Transaction,
    account: &Account,
    read_at: Timestamp,
) -> Result<AccountUpdate, Fault> {
    let base_urls = json(account.base_urls.iter().map(BaseUrl::as_str));
    let mut values = Vec::from(settings(account, &base_urls));
    values.push(read_at.into());
    values.extend(base_url_values(account)?);
    if tx.execute(&UPDATE, &values).await? == 0 {
        return Ok(match tx.optional::<i64>(&UPDATED_AT, &[account.id.into()]).await? {
            None => AccountUpdate::Gone,
            Some(updated_at) if updated_at != read_at.as_millis() => AccountUpdate::Stale,
            Some(_) => AccountUpdate::Taken,
        });
    }
    tx.write(&REMOVE_BASE_URLS, &[account.id.into()]).await?;
    add_base_urls(tx, account).await?;
    tx.announce();
    Ok(AccountUpdate::Written)
}

/// Suspends an account, or with no time ends its suspension; what was issued until `now` is dead either
/// way. Returns when it was last changed, which is now; none: there is no such account.
pub async fn suspend(
    tx: &mut Transaction,
    id: AccountId,
    suspended_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    tx.announce();
    let values = [id.into(), suspended_at.into(), now.into()];
    Ok(tx.optional(&SUSPEND, &values).await?.map(Timestamp::from_millis))
}

/// Which of an account's base URLs select another account.
pub async fn taken_base_urls(
    source: impl Into<Source<'_>>,
    account: &Account,
) -> Result<Vec<String>, Fault> {
    let mut values = vec![account.id.into()];
    values.extend(base_url_values(account)?);
    source.into().all(&TAKEN_BASE_URLS, &values).await
}

/// The home account, which was made first; none: there is no account yet.
pub async fn home(source: impl Into<Source<'_>>) -> Result<Option<Account>, Fault> {
    source.into().optional(&HOME, &[]).await
}

/// The accounts after this one, in the order of their ids.
pub async fn list(
    source: impl Into<Source<'_>>,
    after: Option<AccountId>,
    limit: i64,
) -> Result<Vec<Account>, Fault> {
    source.into().all(&LIST, &[after.map_or(0, AccountId::get).into(), limit.into()]).await
}

/// A page of all accounts by id, the nearest to its place first.
pub async fn page(source: impl Into<Source<'_>>, page: &Page) -> Result<Vec<Account>, Fault> {
    let mut values = page.place.values();
    values.push(page.limit.into());
    let statement = match page.side {
        Side::After => &LIST,
        Side::Before => &BEFORE,
    };
    source.into().all(statement, &values).await
}

/// The accounts in the order of their ids: after this many, at most `limit`.
pub async fn by_number(
    source: impl Into<Source<'_>>,
    skipped: i64,
    limit: i64,
) -> Result<Vec<Account>, Fault> {
    source.into().all(&OFFSET, &[skipped.into(), limit.into()]).await
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

/// Takes the account's row until the unit of work is settled: who decides by what all rows of an
/// account say, and changes one of them, waits here for whoever does the same.
pub async fn take(tx: &mut Transaction, id: AccountId) -> Result<(), Fault> {
    tx.write(&TAKE, &[id.into()]).await
}

async fn add_base_urls(tx: &mut Transaction, account: &Account) -> Result<(), Fault> {
    let mut values = vec![account.id.into()];
    values.extend(base_url_values(account)?);
    tx.write(&ADD_BASE_URLS, &values).await
}

/// From `id` to `updated_at`, as `CREATE` and `UPDATE` number them.
fn settings<'a>(account: &'a Account, base_urls: &'a str) -> [Value<'a>; 11] {
    [
        account.id.into(),
        account.name.as_str().into(),
        base_urls.into(),
        account.consent.as_str().into(),
        account.pkce.as_str().into(),
        account.refresh_grace.as_millis().into(),
        account.api_tokens.as_str().into(),
        account.token_expiry.as_str().into(),
        account.api_requests_per_minute.map(i64::from).into(),
        account.registration.as_str().into(),
        account.updated_at.into(),
    ]
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
            api_tokens: columns.parsed(ApiTokenPolicy::parse)?,
            token_expiry: columns.parsed(TokenExpiryPolicy::parse)?,
            api_requests_per_minute: requests(columns.take()?)?,
            registration: columns.parsed(RegistrationPolicy::parse)?,
            created_at: columns.take()?,
            updated_at: columns.take()?,
            suspended_at: columns.take()?,
            not_before: columns.take()?,
        })
    }
}

fn requests(stored: Option<i64>) -> Result<Option<u32>, Fault> {
    let corrupt = |_| Fault::Corrupt(format!("an account may make {stored:?} requests"));
    stored.map(u32::try_from).transpose().map_err(corrupt)
}
