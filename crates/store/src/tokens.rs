//! Tokens: one row per issue, found by expiry bucket and keyed hash. What they descend from is in
//! `token_families`.
//!
//! The key of a row is its bucket and the hash of its *access* token; the refresh token has the
//! same bucket.

mod ended;
mod endless;
mod issue;
mod list;
mod lookup;
mod pages;
mod rotation;
mod row;

use domain::{
    AccountId, ExpiryBucket, GrantId, SecretHash, Timestamp, Token, TokenFamily, TokenFamilyId,
    TokenId,
};

pub(crate) use self::ended::ALL as ENDED_ALL;
pub use self::ended::{TokenPlace, delete_before, end_families, place_after};
pub(crate) use self::endless::ALL as ENDLESS_ALL;
pub use self::endless::{EndlessPart, delete_revoked, part_after, revoke_dead};
pub(crate) use self::issue::Issue;
pub use self::issue::issue;
pub(crate) use self::list::ALL as LIST_ALL;
pub use self::list::{TokenList, count, list};
pub(crate) use self::lookup::{AccessLookup, RefreshLookup};
pub use self::lookup::{by_access, by_access_together, by_refresh, by_refresh_together};
pub(crate) use self::pages::ALL as PAGES_ALL;
pub use self::pages::{TokenSort, page};
pub(crate) use self::rotation::Rotate;
pub use self::rotation::{Rotation, rotate};
pub(crate) use self::row::TokenRow;
use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements, token_families};

statements! {
    CREATE: "
INSERT INTO tokens
  (id, bucket, hash, refresh_hash, account_id, client_id, user_id, family_id, generation, scopes,
   resources, hint, refresh_hint, created_at, expires_at, refresh_expires_at, used_at, rotated_at,
   revoked_at, successor, grace_count)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
  NULL, 0)";
    // A family whose grant is gone, because its client was deleted, ended when it began.
    BY_ACCESS: "
SELECT t.id, t.bucket, t.hash, t.refresh_hash, t.account_id, t.client_id, t.user_id, t.family_id,
  t.generation, t.scopes, t.resources, t.hint, t.refresh_hint, t.created_at, t.expires_at,
  t.refresh_expires_at, t.used_at, t.rotated_at, t.revoked_at,
  f.id, f.grant_id, f.generation, f.used_generation, f.auth_time, f.expires_at, f.revoked_at,
  f.claims, CASE WHEN g.id IS NULL THEN f.created_at ELSE g.revoked_at END
FROM tokens AS t
LEFT JOIN token_families AS f ON f.id = t.family_id
LEFT JOIN grants AS g ON g.id = f.grant_id
WHERE t.bucket = $2 AND t.hash = $3 AND t.account_id = $1";
    // What is in no list is not there, but what has ended is.
    SHOW: "
SELECT t.id, t.bucket, t.hash, t.refresh_hash, t.account_id, t.client_id, t.user_id, t.family_id,
  t.generation, t.scopes, t.resources, t.hint, t.refresh_hint, t.created_at, t.expires_at,
  t.refresh_expires_at, t.used_at, t.rotated_at, t.revoked_at
FROM tokens AS t
JOIN clients AS c ON c.id = t.client_id
JOIN users AS u ON u.id = t.user_id
JOIN accounts AS a ON a.id = t.account_id
LEFT JOIN token_families AS f ON f.id = t.family_id
LEFT JOIN grants AS g ON g.id = f.grant_id
WHERE t.account_id = $1 AND t.id = $2 AND t.rotated_at IS NULL AND t.revoked_at IS NULL
AND (t.family_id IS NULL OR (f.revoked_at IS NULL AND g.id IS NOT NULL AND g.revoked_at IS NULL))
AND t.created_at > COALESCE(a.not_before, 0) AND t.created_at > COALESCE(c.not_before, 0)
AND t.created_at > COALESCE(u.not_before, 0)";
    BY_REFRESH: "
SELECT t.id, t.bucket, t.hash, t.refresh_hash, t.account_id, t.client_id, t.user_id, t.family_id,
  t.generation, t.scopes, t.resources, t.hint, t.refresh_hint, t.created_at, t.expires_at,
  t.refresh_expires_at, t.used_at, t.rotated_at, t.revoked_at,
  f.id, f.account_id, f.client_id, f.user_id, f.grant_id, f.session_id, f.possession, f.scopes,
  f.requested_scopes, f.resources, f.claims, f.generation, f.auth_time, f.created_at,
  f.expires_at, f.revoked_at,
  CASE WHEN g.id IS NULL THEN f.created_at ELSE g.revoked_at END
FROM tokens AS t
JOIN token_families AS f ON f.id = t.family_id
LEFT JOIN grants AS g ON g.id = f.grant_id
WHERE t.bucket = $2 AND t.refresh_hash = $3 AND t.account_id = $1";
    ROTATED: "
UPDATE tokens
SET rotated_at = $3, successor = $4
WHERE bucket = $1 AND hash = $2 AND rotated_at IS NULL AND revoked_at IS NULL";
    // The successor is still the live leaf, and its access token was not seen in use.
    GRACE: "
UPDATE tokens
SET grace_count = grace_count + 1
WHERE bucket = $1 AND hash = $2 AND rotated_at IS NOT NULL AND revoked_at IS NULL
AND grace_count < $3
AND EXISTS (
  SELECT 1 FROM token_families AS f
  WHERE f.id = tokens.family_id AND f.revoked_at IS NULL
  AND f.generation = tokens.generation + 1 AND f.used_generation <= tokens.generation)
RETURNING successor";
    USED: "
UPDATE tokens
SET used_at = $3
WHERE bucket = $1 AND hash = $2 AND (used_at IS NULL OR used_at < $3)";
    REVOKE: "
UPDATE tokens
SET revoked_at = $4
WHERE bucket = $2 AND hash = $3 AND account_id = $1 AND revoked_at IS NULL";
}

/// An issue found by its refresh token, with what decides whether that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshableToken {
    /// The issue.
    pub token: Token,
    /// The family it descends in.
    pub family: TokenFamily,
    /// When the family's grant was revoked; when the family began, if the grant is gone.
    pub grant_revoked_at: Option<Timestamp>,
}

/// A stored token and every fact that decides whether it is alive, besides its client and user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveToken {
    /// The token.
    pub token: Token,
    /// The family it descends in; none for client credentials and tokens made through the API.
    pub family: Option<FamilyFacts>,
}

/// What a look-up by access token needs of the family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyFacts {
    /// Its id.
    pub id: TokenFamilyId,
    /// The grant it stands under.
    pub grant_id: GrantId,
    /// The generation of the live leaf.
    pub generation: i64,
    /// The newest generation whose access token was seen in use.
    pub used_generation: i64,
    /// When the user signed in.
    pub auth_time: Timestamp,
    /// When it ends, whatever is refreshed.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The claims that were asked for one by one and allowed, as the text of a JSON object.
    pub claims: Option<String>,
    /// When its grant was revoked. A grant that is gone counts as revoked.
    pub grant_revoked_at: Option<Timestamp>,
}

/// Stores an issue.
pub async fn create(tx: &mut Transaction, token: &Token) -> Result<(), Fault> {
    tx.write(&CREATE, &TokenRow::of(token).values()).await
}

/// The issue with this id, unless it was exchanged or revoked, or what it stands under is gone.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    id: TokenId,
) -> Result<Option<Token>, Fault> {
    source.into().optional(&SHOW, &[account_id.into(), id.into()]).await
}

/// Records that the refresh token of this row was exchanged, with the sealed successor pair; false:
/// it was before.
pub async fn rotated(
    tx: &mut Transaction,
    bucket: ExpiryBucket,
    hash: &SecretHash,
    at: Timestamp,
    successor_sealed: &[u8],
) -> Result<bool, Fault> {
    let values = [bucket.into(), hash.into(), at.into(), successor_sealed.into()];
    Ok(tx.execute(&ROTATED, &values).await? == 1)
}

/// Gives out the sealed successor pair of this row again, `limit` times at most and until the
/// successor is used.
pub async fn grace(
    tx: &mut Transaction,
    bucket: ExpiryBucket,
    hash: &SecretHash,
    limit: i64,
) -> Result<Option<Vec<u8>>, Fault> {
    tx.optional(&GRACE, &[bucket.into(), hash.into(), limit.into()]).await
}

/// Records that the access token of this row was used then, unless a later use is recorded.
pub async fn used(
    tx: &mut Transaction,
    bucket: ExpiryBucket,
    hash: &SecretHash,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.write(&USED, &[bucket.into(), hash.into(), at.into()]).await
}

/// Revokes this row by itself, once.
pub async fn revoke(
    tx: &mut Transaction,
    account_id: AccountId,
    bucket: ExpiryBucket,
    hash: &SecretHash,
    at: Timestamp,
) -> Result<bool, Fault> {
    let values = [account_id.into(), bucket.into(), hash.into(), at.into()];
    Ok(tx.execute(&REVOKE, &values).await? == 1)
}

impl FromRow for Token {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        token(&mut Columns::of(row))
    }
}

impl FromRow for RefreshableToken {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            token: token(&mut columns)?,
            family: token_families::family(&mut columns)?,
            grant_revoked_at: columns.take()?,
        })
    }
}

impl FromRow for LiveToken {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self { token: token(&mut columns)?, family: facts(&mut columns)? })
    }
}

fn token(columns: &mut Columns<'_>) -> Result<Token, Fault> {
    Ok(Token {
        id: columns.take()?,
        bucket: columns.take()?,
        hash: columns.take()?,
        refresh_hash: columns.take()?,
        account_id: columns.take()?,
        client_id: columns.take()?,
        user_id: columns.take()?,
        family_id: columns.take()?,
        generation: columns.take()?,
        scopes: columns.scopes()?,
        resources: columns.words()?,
        hint: columns.take()?,
        refresh_hint: columns.take()?,
        created_at: columns.take()?,
        expires_at: columns.take()?,
        refresh_expires_at: columns.take()?,
        used_at: columns.take()?,
        rotated_at: columns.take()?,
        revoked_at: columns.take()?,
    })
}

fn facts(columns: &mut Columns<'_>) -> Result<Option<FamilyFacts>, Fault> {
    let Some(id) = columns.take()? else { return Ok(None) };
    Ok(Some(FamilyFacts {
        id,
        grant_id: columns.take()?,
        generation: columns.take()?,
        used_generation: columns.take()?,
        auth_time: columns.take()?,
        expires_at: columns.take()?,
        revoked_at: columns.take()?,
        claims: columns.take()?,
        grant_revoked_at: columns.take()?,
    }))
}
