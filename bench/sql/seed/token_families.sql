INSERT INTO token_families
  (id, account_id, client_id, user_id, grant_id, possession, scopes, requested_scopes, resources, claims, generation,
   used_generation, auth_time, created_at, expires_at)
WITH RECURSIVE n (i) AS (
  SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {first} + {count}
)
SELECT {id} + i, t.account_id, {client_id} + i % {clients}, {user_id} + i % {users}, {grant_id} + i, t.possession, t.scopes,
  t.requested_scopes, t.resources, t.claims, {tokens} / {grants}, 0, t.auth_time, t.created_at, t.expires_at
FROM n CROSS JOIN token_families AS t
WHERE t.id = {family}
