INSERT INTO client_secrets (id, account_id, client_id, hash, hint, label, created_by, created_at, expires_at)
WITH RECURSIVE n (i) AS (
  SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {first} + {count}
)
SELECT {id} + i, t.account_id, {id} + i, t.hash, t.hint, t.label, t.created_by, t.created_at, t.expires_at
FROM n CROSS JOIN client_secrets AS t
WHERE t.client_id = (SELECT id FROM clients WHERE identifier_folded = 'bench')
