INSERT INTO grants (id, account_id, user_id, client_id, scopes, resources, created_at, updated_at, used_at)
WITH RECURSIVE n (i) AS (
  SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {first} + {count}
)
SELECT {id} + i, t.account_id, {user_id} + i % {users}, {client_id} + i % {clients}, t.scopes, t.resources, t.created_at,
  t.updated_at, t.used_at
FROM n CROSS JOIN grants AS t
WHERE t.id = {grant}
