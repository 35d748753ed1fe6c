INSERT INTO client_identifiers (identifier_folded)
WITH RECURSIVE n (i) AS (
  SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {first} + {count}
)
SELECT 'bench-' || (100000000 + i) FROM n
