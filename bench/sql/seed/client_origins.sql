INSERT INTO client_origins (account_id, origin, client_id)
WITH RECURSIVE n (i) AS (
  SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {first} + {count}
)
SELECT t.account_id, t.origin, {id} + i
FROM n CROSS JOIN client_origins AS t
WHERE t.client_id = (SELECT id FROM clients WHERE identifier_folded = 'bench')
