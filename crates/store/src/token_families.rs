//! Token families: what descends from one authorization (RFC 9700 §4.14.2).
//!
//! Rotation and revocation both update the family's row on the condition that it is not revoked. So
//! one of them waits for the other, and no successor can be inserted into a family that a
//! revocation has already passed.

mod row;

use domain::{
    AccountId, GrantId, Possession, SessionId, Timestamp, TokenFamily, TokenFamilyId, UserId,
};

pub(crate) use self::row::FamilyRow;
use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO token_families
  (id, account_id, client_id, user_id, grant_id, session_id, possession, scopes, requested_scopes,
   resources, claims, generation, used_generation, auth_time, created_at, expires_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, $14, $15, $16)";
    SHOW: "
SELECT id, account_id, client_id, user_id, grant_id, session_id, possession, scopes,
  requested_scopes, resources, claims, generation, auth_time, created_at, expires_at, revoked_at
FROM token_families
WHERE id = $1";
    ADVANCE: "
UPDATE token_families
SET generation = generation + 1
WHERE id = $1 AND generation = $2 AND revoked_at IS NULL AND expires_at > $3";
    USED: "
UPDATE token_families
SET used_generation = $2
WHERE id = $1 AND used_generation < $2";
    END: "
UPDATE token_families
SET expires_at = $2
WHERE id = $1 AND expires_at > $2";
    REVOKE: "
UPDATE token_families
SET revoked_at = $2
WHERE id = $1 AND revoked_at IS NULL";
    REVOKE_FOR_GRANT: "
UPDATE token_families
SET revoked_at = $2
WHERE grant_id = $1 AND revoked_at IS NULL";
    REVOKE_FOR_USER: "
UPDATE token_families
SET revoked_at = $3
WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL";
    // A word of a list is there if taking it out changes the list: the same on both engines, and
    // case counts.
    REVOKE_FOR_SESSION: "
UPDATE token_families
SET revoked_at = $2
WHERE session_id IN (SELECT id FROM sessions WHERE lineage_id = $1) AND revoked_at IS NULL
AND REPLACE(' ' || scopes || ' ', ' openid ', '') <> ' ' || scopes || ' '
AND REPLACE(' ' || scopes || ' ', ' offline_access ', '') = ' ' || scopes || ' '";
    DELETE_ENDED: "
DELETE FROM token_families
WHERE expires_at <= $1
AND id IN (SELECT id FROM token_families WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// Begins a family.
pub async fn create(tx: &mut Transaction, family: &TokenFamily) -> Result<(), Fault> {
    tx.write(&CREATE, &FamilyRow::of(family).values()).await
}

/// The family with this id, whatever became of it.
pub async fn show(
    source: impl Into<Source<'_>>,
    id: TokenFamilyId,
) -> Result<Option<TokenFamily>, Fault> {
    source.into().optional(&SHOW, &[id.into()]).await
}

/// Moves the live leaf on by one, once per generation; false: somebody else did, or the family is
/// revoked or has ended.
pub async fn advance(
    tx: &mut Transaction,
    id: TokenFamilyId,
    from_generation: i64,
    at: Timestamp,
) -> Result<bool, Fault> {
    let values = [id.into(), from_generation.into(), at.into()];
    Ok(tx.execute(&ADVANCE, &values).await? == 1)
}

/// Records that an access token of this generation was seen in use, which ends the grace window of
/// the one before.
pub async fn used(tx: &mut Transaction, id: TokenFamilyId, generation: i64) -> Result<(), Fault> {
    tx.write(&USED, &[id.into(), generation.into()]).await
}

/// Lets a family end then, unless it ends before.
pub async fn end(tx: &mut Transaction, id: TokenFamilyId, at: Timestamp) -> Result<(), Fault> {
    tx.write(&END, &[id.into(), at.into()]).await
}

/// Revokes a family, once.
pub async fn revoke(tx: &mut Transaction, id: TokenFamilyId, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&REVOKE, &[id.into(), at.into()]).await? == 1)
}

/// Revokes every family under a grant.
pub async fn revoke_for_grant(
    tx: &mut Transaction,
    grant_id: GrantId,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.write(&REVOKE_FOR_GRANT, &[grant_id.into(), at.into()]).await
}

/// Revokes every family of a user.
pub async fn revoke_for_user(
    tx: &mut Transaction,
    account_id: AccountId,
    user_id: UserId,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.write(&REVOKE_FOR_USER, &[account_id.into(), user_id.into(), at.into()]).await
}

/// Revokes the families that end with a session: begun in it or in one that it went on with, with
/// `openid` and without `offline_access` (OpenID Connect Core §11).
pub async fn revoke_for_session(
    tx: &mut Transaction,
    lineage_id: SessionId,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.write(&REVOKE_FOR_SESSION, &[lineage_id.into(), at.into()]).await
}

/// Deletes so many families that ended before. Whatever tokens they still have count as revoked.
pub async fn delete_ended(
    tx: &mut Transaction,
    before: Timestamp,
    at_most: i64,
) -> Result<u64, Fault> {
    tx.execute(&DELETE_ENDED, &[before.into(), at_most.into()]).await
}

impl FromRow for TokenFamily {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        family(&mut Columns::of(row))
    }
}

/// The family whose columns come next, in the order of `SHOW`.
pub(crate) fn family(columns: &mut Columns<'_>) -> Result<TokenFamily, Fault> {
    Ok(TokenFamily {
        id: columns.take()?,
        account_id: columns.take()?,
        client_id: columns.take()?,
        user_id: columns.take()?,
        grant_id: columns.take()?,
        session_id: columns.take()?,
        possession: columns.parsed(Possession::parse)?,
        scopes: columns.scopes()?,
        requested_scopes: columns.scopes()?,
        resources: columns.words()?,
        claims: columns.take()?,
        generation: columns.take()?,
        auth_time: columns.take()?,
        created_at: columns.take()?,
        expires_at: columns.take()?,
        revoked_at: columns.take()?,
    })
}
