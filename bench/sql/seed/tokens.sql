INSERT INTO tokens
  (id, bucket, hash, refresh_hash, account_id, client_id, user_id, family_id, generation, scopes, resources, hint,
   refresh_hint, created_at, expires_at, refresh_expires_at, grace_count)
WITH RECURSIVE n (i) AS (
  SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {first} + {count}
)
SELECT {id} + i, {bucket}, {hash}, {hash}, t.account_id, {client_id} + i % {grants} % {clients},
  {user_id} + i % {grants} % {users}, {family_id} + i % {grants}, i / {grants}, t.scopes, t.resources, t.hint,
  t.refresh_hint, {ends_at} - 2592000000, {ends_at} - 2590200000, {ends_at}, 0
FROM n CROSS JOIN tokens AS t
WHERE t.id = {token}
