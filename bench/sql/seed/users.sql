INSERT INTO users
  (id, account_id, email, email_folded, name, role, permissions, password_hash, claims, created_at, updated_at)
WITH RECURSIVE n (i) AS (
  SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {first} + {count}
)
SELECT {id} + i, t.account_id, 'user-' || (100000000 + i) || '@bench.test', 'user-' || (100000000 + i) || '@bench.test',
  'User ' || i, t.role, t.permissions, t.password_hash, t.claims, t.created_at, t.updated_at
FROM n CROSS JOIN users AS t
WHERE t.email_folded = 'user@bench.test'
