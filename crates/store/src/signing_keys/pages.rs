//! Pages of an account's signing keys, retired ones included, by id in both directions or by number.

use domain::{AccountId, SigningKey};

use crate::engine::{Source, Value};
use crate::page::{Page, Side};
use crate::{Fault, statements};

statements! {
    AFTER_ID: "
SELECT id, account_id, kid, algorithm, state, sealed_private_key, public_jwk, created_at, current_at,
  retiring_at, retired_at, revoked_at, due_at
FROM signing_keys
WHERE account_id = $1
AND id > $2
ORDER BY id
LIMIT $3";
    BEFORE_ID: "
SELECT id, account_id, kid, algorithm, state, sealed_private_key, public_jwk, created_at, current_at,
  retiring_at, retired_at, revoked_at, due_at
FROM signing_keys
WHERE account_id = $1
AND id < $2
ORDER BY id DESC
LIMIT $3";
    OFFSET: "
SELECT id, account_id, kid, algorithm, state, sealed_private_key, public_jwk, created_at, current_at,
  retiring_at, retired_at, revoked_at, due_at
FROM signing_keys
WHERE account_id = $1
ORDER BY id
LIMIT $3 OFFSET $2";
    COUNT: "SELECT COUNT(*) FROM signing_keys WHERE account_id = $1";
}

/// A page of the account's keys by id, the nearest to its place first.
pub async fn page(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    page: &Page,
) -> Result<Vec<SigningKey>, Fault> {
    let statement = match page.side {
        Side::After => &AFTER_ID,
        Side::Before => &BEFORE_ID,
    };
    let mut values = vec![account_id.into()];
    values.extend(page.place.values());
    values.push(page.limit.into());
    source.into().all(statement, &values).await
}

/// The account's keys after this many, in the order of ids.
pub async fn by_number(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    skipped: i64,
    limit: i64,
) -> Result<Vec<SigningKey>, Fault> {
    let values: [Value<'_>; 3] = [account_id.into(), skipped.into(), limit.into()];
    source.into().all(&OFFSET, &values).await
}

/// How many keys the account has.
pub async fn count(source: impl Into<Source<'_>>, account_id: AccountId) -> Result<i64, Fault> {
    Ok(source.into().optional(&COUNT, &[account_id.into()]).await?.unwrap_or(0))
}
