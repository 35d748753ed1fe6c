//! PostgreSQL's own forms of the writes and look-ups that are batched. A test for each shows that it equals the plain text.
//!
//! In writes, whatever is not a key stands in a `CASE`, which keeps the planner away from partial indexes: of a table that was
//! never analysed it believes that nearly nothing is in them, and reads one from end to end for every batch (30
//! rotations a second in place of thousands).

use super::super::Statement;

/// `tokens::create`, of many.
pub(crate) static ISSUE: Statement = Statement::new(
    "postgres::ISSUE",
    "
INSERT INTO tokens
  (id, bucket, hash, refresh_hash, account_id, client_id, user_id, family_id, generation, scopes,
   resources, hint, refresh_hint, created_at, expires_at, refresh_expires_at, used_at, rotated_at,
   revoked_at, grace_count)
SELECT given.*, 0
FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bigint[],
  $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[],
  $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[]) AS given",
);

/// `token_families::advance`, `tokens::rotated` and `tokens::create`, of many. Of twins that are there together, one
/// advances their family. What waited for a family's row sees it as it is then.
pub(crate) static ROTATE: Statement = Statement::new(
    "postgres::ROTATE",
    "
WITH given AS (
  SELECT given.*
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[],
    $7::bigint[], $8::bigint[], $9::bytea[], $10::bytea[], $11::bigint[], $12::bigint[],
    $13::bigint[], $14::bigint[], $15::bigint[], $16::text[], $17::text[], $18::text[], $19::text[],
    $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[]) WITH ORDINALITY
    AS given (family_id, generation, at, bucket, hash, sealed, t1, t2, t3, t4, t5, t6, t7, t8, t9,
      t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, number)),
advanced AS (
  UPDATE token_families AS f
  SET generation = f.generation + 1
  FROM given
  WHERE f.id = given.family_id
  AND CASE WHEN f.generation = given.generation AND f.revoked_at IS NULL
    AND f.expires_at > given.at THEN TRUE END
  RETURNING given.*),
rotated AS (
  UPDATE tokens AS t
  SET rotated_at = advanced.at, successor = advanced.sealed
  FROM advanced
  WHERE t.bucket = advanced.bucket AND t.hash = advanced.hash
  AND CASE WHEN t.rotated_at IS NULL AND t.revoked_at IS NULL THEN TRUE END),
created AS (
  INSERT INTO tokens
    (id, bucket, hash, refresh_hash, account_id, client_id, user_id, family_id, generation, scopes,
     resources, hint, refresh_hint, created_at, expires_at, refresh_expires_at, used_at, rotated_at,
     revoked_at, grace_count)
  SELECT t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, 0
  FROM advanced
  WHERE t1 IS NOT NULL)
SELECT number FROM given WHERE number NOT IN (SELECT number FROM advanced)",
);

/// `authorization_codes::redeem`, `token_families::create` and `tokens::create`, of many. A session or grant that
/// several codes stand under is taken once for them all, and seen as it is when it has been waited for.
pub(crate) static REDEEM: Statement = Statement::new(
    "postgres::REDEEM",
    "
WITH given AS (
  SELECT given.*
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[],
    $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
    $13::bigint[], $14::bigint[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
    $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[],
    $26::bigint[], $27::bytea[], $28::bytea[], $29::bigint[], $30::bigint[], $31::bigint[],
    $32::bigint[], $33::bigint[], $34::text[], $35::text[], $36::text[], $37::text[], $38::bigint[],
    $39::bigint[], $40::bigint[], $41::bigint[], $42::bigint[], $43::bigint[]) WITH ORDINALITY
    AS given (session_id, grant_id, account_id, client_id, bucket, hash, at, attempts, f1, f2, f3,
      f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, t1, t2, t3, t4, t5, t6, t7, t8, t9,
      t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, number)),
live_sessions AS (
  UPDATE sessions AS s
  SET last_seen_at = s.last_seen_at
  FROM (SELECT DISTINCT session_id FROM given ORDER BY session_id) AS asked
  WHERE s.id = asked.session_id AND CASE WHEN s.ended_at IS NULL THEN TRUE END
  RETURNING s.id),
live_grants AS (
  UPDATE grants AS g
  SET updated_at = g.updated_at
  FROM (
    SELECT DISTINCT grant_id FROM given
    WHERE session_id = ANY (ARRAY(SELECT id FROM live_sessions)) ORDER BY grant_id) AS asked
  WHERE g.id = asked.grant_id AND CASE WHEN g.revoked_at IS NULL THEN TRUE END
  RETURNING g.id),
redeemed AS (
  UPDATE authorization_codes AS c
  SET redeemed_at = given.at, family_id = given.f1
  FROM given
  WHERE c.bucket = given.bucket AND c.hash = given.hash
  AND CASE WHEN c.account_id = given.account_id AND c.client_id = given.client_id
    AND c.redeemed_at IS NULL AND c.expires_at > given.at AND c.failed_attempts < given.attempts
    AND c.session_id = ANY (ARRAY(SELECT id FROM live_sessions))
    AND c.grant_id = ANY (ARRAY(SELECT id FROM live_grants)) THEN TRUE END
  RETURNING given.*),
begun AS (
  INSERT INTO token_families
    (id, account_id, client_id, user_id, grant_id, session_id, possession, scopes, requested_scopes,
     resources, claims, generation, used_generation, auth_time, created_at, expires_at, revoked_at)
  SELECT f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, 0, f13, f14, f15, f16
  FROM redeemed),
created AS (
  INSERT INTO tokens
    (id, bucket, hash, refresh_hash, account_id, client_id, user_id, family_id, generation, scopes,
     resources, hint, refresh_hint, created_at, expires_at, refresh_expires_at, used_at, rotated_at,
     revoked_at, grace_count)
  SELECT t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, 0
  FROM redeemed
  WHERE t1 IS NOT NULL)
SELECT number FROM given WHERE number NOT IN (SELECT number FROM redeemed)",
);

/// `tokens::by_access`, of many: the columns of each, and who asked.
pub(crate) static BY_ACCESS: Statement = Statement::new(
    "postgres::BY_ACCESS",
    "
SELECT t.id, t.bucket, t.hash, t.refresh_hash, t.account_id, t.client_id, t.user_id, t.family_id,
  t.generation, t.scopes, t.resources, t.hint, t.refresh_hint, t.created_at, t.expires_at,
  t.refresh_expires_at, t.used_at, t.rotated_at, t.revoked_at,
  f.id, f.grant_id, f.generation, f.used_generation, f.auth_time, f.expires_at, f.revoked_at,
  f.claims, CASE WHEN g.id IS NULL THEN f.created_at ELSE g.revoked_at END, given.number
FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) WITH ORDINALITY
  AS given (account_id, bucket, hash, number)
JOIN tokens AS t ON t.bucket = given.bucket AND t.hash = given.hash
  AND t.account_id = given.account_id
LEFT JOIN token_families AS f ON f.id = t.family_id
LEFT JOIN grants AS g ON g.id = f.grant_id",
);

/// `tokens::by_refresh`, of many.
pub(crate) static BY_REFRESH: Statement = Statement::new(
    "postgres::BY_REFRESH",
    "
SELECT t.id, t.bucket, t.hash, t.refresh_hash, t.account_id, t.client_id, t.user_id, t.family_id,
  t.generation, t.scopes, t.resources, t.hint, t.refresh_hint, t.created_at, t.expires_at,
  t.refresh_expires_at, t.used_at, t.rotated_at, t.revoked_at,
  f.id, f.account_id, f.client_id, f.user_id, f.grant_id, f.session_id, f.possession, f.scopes,
  f.requested_scopes, f.resources, f.claims, f.generation, f.auth_time, f.created_at,
  f.expires_at, f.revoked_at,
  CASE WHEN g.id IS NULL THEN f.created_at ELSE g.revoked_at END, given.number
FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) WITH ORDINALITY
  AS given (account_id, bucket, hash, number)
JOIN tokens AS t ON t.bucket = given.bucket AND t.refresh_hash = given.hash
  AND t.refresh_hash IS NOT NULL AND t.account_id = given.account_id
JOIN token_families AS f ON f.id = t.family_id
LEFT JOIN grants AS g ON g.id = f.grant_id",
);

/// All of them, for the tests.
pub(crate) static ALL: &[&Statement] = &[&ISSUE, &ROTATE, &REDEEM, &BY_ACCESS, &BY_REFRESH];
