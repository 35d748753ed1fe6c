//! Authorization codes, found by expiry bucket and keyed hash. A code is redeemed once (RFC 6749
//! §4.1.2).
//!
//! Whoever redeems a code first takes the rows of its session and its grant. So a sign-out, a new
//! password or a revocation is either seen by the redemption, whose statement runs after the wait,
//! or waits itself, and then sees the family that the redemption began.

mod exchange;

use domain::{
    AccountId, AuthorizationCode, ClientId, CodeChallenge, ExpiryBucket, SecretHash, Timestamp,
    TokenFamilyId,
};

pub(crate) use self::exchange::Redemption;
pub use self::exchange::{Exchange, exchange};
use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, grants, sessions, statements};

statements! {
    CREATE: "
INSERT INTO authorization_codes
  (id, bucket, hash, account_id, client_id, user_id, grant_id, session_id, redirect_uri,
   code_challenge, scopes, requested_scopes, resources, nonce, claims, auth_time, created_at,
   expires_at, failed_attempts, redeemed_at, family_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
  $21)";
    SHOW: "
SELECT id, bucket, hash, account_id, client_id, user_id, grant_id, session_id, redirect_uri,
  code_challenge, scopes, requested_scopes, resources, nonce, claims, auth_time, created_at,
  expires_at, failed_attempts, redeemed_at, family_id
FROM authorization_codes
WHERE bucket = $2 AND hash = $3 AND account_id = $1";
    REDEEM: "
UPDATE authorization_codes
SET redeemed_at = $5, family_id = $6
WHERE bucket = $3 AND hash = $4 AND account_id = $1 AND client_id = $2
AND redeemed_at IS NULL AND expires_at > $5 AND failed_attempts < $7
AND EXISTS (
  SELECT 1 FROM grants WHERE grants.id = authorization_codes.grant_id AND grants.revoked_at IS NULL)
AND EXISTS (
  SELECT 1 FROM sessions
  WHERE sessions.id = authorization_codes.session_id AND sessions.ended_at IS NULL)";
    FAILED: "
UPDATE authorization_codes
SET failed_attempts = failed_attempts + 1
WHERE bucket = $1 AND hash = $2
RETURNING failed_attempts";
    INVALIDATE_FOR_CLIENT: "
UPDATE authorization_codes
SET expires_at = $3
WHERE client_id = $2 AND account_id = $1 AND redeemed_at IS NULL AND expires_at > $3";
    DELETE_BEFORE: "
DELETE FROM authorization_codes
WHERE bucket < $1
AND (bucket, hash) IN (
  SELECT bucket, hash FROM authorization_codes WHERE bucket < $1 ORDER BY bucket, hash LIMIT $2)";
}

/// Stores a code.
pub async fn create(tx: &mut Transaction, code: &AuthorizationCode) -> Result<(), Fault> {
    let (scopes, requested) = (code.scopes.to_string(), code.requested_scopes.to_string());
    let resources = code.resources.join(" ");
    let values = [
        code.id.into(),
        code.bucket.into(),
        (&code.hash).into(),
        code.account_id.into(),
        code.client_id.into(),
        code.user_id.into(),
        code.grant_id.into(),
        code.session_id.into(),
        code.redirect_uri.as_str().into(),
        code.code_challenge.as_ref().map(CodeChallenge::as_str).into(),
        scopes.as_str().into(),
        requested.as_str().into(),
        resources.as_str().into(),
        code.nonce.as_deref().into(),
        code.claims.as_deref().into(),
        code.auth_time.into(),
        code.created_at.into(),
        code.expires_at.into(),
        code.failed_attempts.into(),
        code.redeemed_at.into(),
        code.family_id.into(),
    ];
    tx.write(&CREATE, &values).await
}

/// The code with this handle, whatever became of it.
pub async fn show(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    bucket: ExpiryBucket,
    hash: &SecretHash,
) -> Result<Option<AuthorizationCode>, Fault> {
    source.into().optional(&SHOW, &[account_id.into(), bucket.into(), hash.into()]).await
}

/// Redeems a code, once, for the family that begins with it; false: it was redeemed, invalidated or
/// has expired, so many wrong verifiers have used it up, or its session or grant has ended.
pub async fn redeem(
    tx: &mut Transaction,
    code: &AuthorizationCode,
    family_id: TokenFamilyId,
    wrong_verifier_limit: i64,
    at: Timestamp,
) -> Result<bool, Fault> {
    sessions::take(tx, code.session_id).await?;
    grants::take(tx, code.grant_id).await?;
    let values = [
        code.account_id.into(),
        code.client_id.into(),
        code.bucket.into(),
        (&code.hash).into(),
        at.into(),
        family_id.into(),
        wrong_verifier_limit.into(),
    ];
    Ok(tx.execute(&REDEEM, &values).await? == 1)
}

/// Counts a wrong verifier, and returns how many there were.
pub async fn failed(
    tx: &mut Transaction,
    bucket: ExpiryBucket,
    hash: &SecretHash,
) -> Result<i64, Fault> {
    Ok(tx.optional(&FAILED, &[bucket.into(), hash.into()]).await?.unwrap_or(0))
}

/// Ends the open codes of a client in an account: its identifier or redirect URIs have changed.
pub async fn invalidate_for_client(
    tx: &mut Transaction,
    account_id: AccountId,
    client_id: ClientId,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.write(&INVALIDATE_FOR_CLIENT, &[account_id.into(), client_id.into(), at.into()]).await
}

/// Deletes so many codes of the buckets before this one, the first ones.
pub async fn delete_before(
    tx: &mut Transaction,
    bucket: ExpiryBucket,
    at_most: i64,
) -> Result<u64, Fault> {
    tx.execute(&DELETE_BEFORE, &[bucket.into(), at_most.into()]).await
}

impl FromRow for AuthorizationCode {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            bucket: columns.take()?,
            hash: columns.take()?,
            account_id: columns.take()?,
            client_id: columns.take()?,
            user_id: columns.take()?,
            grant_id: columns.take()?,
            session_id: columns.take()?,
            redirect_uri: columns.take()?,
            code_challenge: columns.take::<Option<String>>()?.map(CodeChallenge::from_stored),
            scopes: columns.scopes()?,
            requested_scopes: columns.scopes()?,
            resources: columns.words()?,
            nonce: columns.take()?,
            claims: columns.take()?,
            auth_time: columns.take()?,
            created_at: columns.take()?,
            expires_at: columns.take()?,
            failed_attempts: columns.take()?,
            redeemed_at: columns.take()?,
            family_id: columns.take()?,
        })
    }
}
