//! Sessions: signed-in browsers, found by the keyed hash of their cookie.

use domain::{AccountId, SecretHash, Session, SessionId, Timestamp, UserId};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Transaction, statements};

statements! {
    CREATE: "
INSERT INTO sessions
  (id, hash, lineage_id, account_id, user_id, auth_time, created_at, last_seen_at, expires_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    BY_HASH: "
SELECT id, hash, COALESCE(lineage_id, id), account_id, user_id, auth_time, created_at, last_seen_at,
  expires_at, ended_at
FROM sessions
WHERE account_id = $1 AND hash = $2";
    SEEN: "
UPDATE sessions
SET last_seen_at = $2, lineage_id = COALESCE(lineage_id, id)
WHERE id = $1 AND ended_at IS NULL";
    TAKE: "UPDATE sessions SET last_seen_at = last_seen_at WHERE id = $1";
    END: "
UPDATE sessions
SET ended_at = $3, lineage_id = COALESCE(lineage_id, id)
WHERE id = $2 AND account_id = $1 AND ended_at IS NULL";
    END_ALL_FOR_USER: "
UPDATE sessions
SET ended_at = $3, lineage_id = COALESCE(lineage_id, id)
WHERE account_id = $1 AND user_id = $2 AND ended_at IS NULL";
    LINEAGE: "SELECT id FROM sessions WHERE lineage_id = $1 ORDER BY id DESC LIMIT $2";
    KEEP: "
UPDATE sessions
SET kept_until = $2
WHERE id IN (
  SELECT id FROM sessions WHERE COALESCE(kept_until, expires_at) <= $1
  ORDER BY COALESCE(kept_until, expires_at) LIMIT $3)
AND EXISTS (SELECT 1 FROM token_families WHERE token_families.session_id = sessions.id)";
    DELETE_ENDED: "
DELETE FROM sessions
WHERE id IN (
  SELECT id FROM sessions WHERE COALESCE(kept_until, expires_at) <= $1
  ORDER BY COALESCE(kept_until, expires_at) LIMIT $2)
AND NOT EXISTS (SELECT 1 FROM token_families WHERE token_families.session_id = sessions.id)";
}

/// Begins a session.
pub async fn create(tx: &mut Transaction, session: &Session) -> Result<(), Fault> {
    let values = [
        session.id.into(),
        (&session.hash).into(),
        session.lineage_id.into(),
        session.account_id.into(),
        session.user_id.into(),
        session.auth_time.into(),
        session.created_at.into(),
        session.last_seen_at.into(),
        session.expires_at.into(),
        session.ended_at.into(),
    ];
    tx.write(&CREATE, &values).await
}

/// The session with this cookie, whatever became of it.
pub async fn by_hash(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    hash: &SecretHash,
) -> Result<Option<Session>, Fault> {
    source.into().optional(&BY_HASH, &[account_id.into(), hash.into()]).await
}

/// Records that a session was used.
pub async fn seen(tx: &mut Transaction, id: SessionId, at: Timestamp) -> Result<(), Fault> {
    tx.write(&SEEN, &[id.into(), at.into()]).await
}

/// Takes the session's row until the unit of work is settled: who would end the session waits, and
/// who was ending it is waited for.
pub(crate) async fn take(tx: &mut Transaction, id: SessionId) -> Result<(), Fault> {
    tx.write(&TAKE, &[id.into()]).await
}

/// Ends a session, once.
pub async fn end(
    tx: &mut Transaction,
    account_id: AccountId,
    id: SessionId,
    at: Timestamp,
) -> Result<bool, Fault> {
    Ok(tx.execute(&END, &[account_id.into(), id.into(), at.into()]).await? == 1)
}

/// Ends every session of a user.
pub async fn end_all_for_user(
    tx: &mut Transaction,
    account_id: AccountId,
    user_id: UserId,
    at: Timestamp,
) -> Result<(), Fault> {
    tx.write(&END_ALL_FOR_USER, &[account_id.into(), user_id.into(), at.into()]).await
}

/// The sessions that followed one another, the newest first.
pub async fn lineage(
    source: impl Into<Source<'_>>,
    lineage_id: SessionId,
    at_most: i64,
) -> Result<Vec<SessionId>, Fault> {
    let ids: Vec<i64> = source.into().all(&LINEAGE, &[lineage_id.into(), at_most.into()]).await?;
    Ok(ids.into_iter().map(SessionId::new).collect())
}

/// Deletes so many sessions that were over before. One in which token families began that are still there
/// is put off until then: whoever ends a session that it went on with ends them too. Returns how many
/// were looked at.
pub async fn delete_ended(
    tx: &mut Transaction,
    before: Timestamp,
    keep_until: Timestamp,
    at_most: i64,
) -> Result<u64, Fault> {
    let kept = tx.execute(&KEEP, &[before.into(), keep_until.into(), at_most.into()]).await?;
    Ok(kept + tx.execute(&DELETE_ENDED, &[before.into(), at_most.into()]).await?)
}

impl FromRow for Session {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            hash: columns.take()?,
            lineage_id: columns.take()?,
            account_id: columns.take()?,
            user_id: columns.take()?,
            auth_time: columns.take()?,
            created_at: columns.take()?,
            last_seen_at: columns.take()?,
            expires_at: columns.take()?,
            ended_at: columns.take()?,
        })
    }
}
