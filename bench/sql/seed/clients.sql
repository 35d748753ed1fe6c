INSERT INTO clients
  (id, account_id, identifier, identifier_folded, name, company, description, kind, grant_types, scopes, redirect_uris,
   post_logout_redirect_uris, authentication_method, user_id, state, metadata, created_at, updated_at, origins_at)
WITH RECURSIVE n (i) AS (
  SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {first} + {count}
)
SELECT {id} + i, t.account_id, 'bench-' || (100000000 + i), 'bench-' || (100000000 + i), 'Bench ' || i, t.company,
  t.description, t.kind, t.grant_types, t.scopes, t.redirect_uris, t.post_logout_redirect_uris, t.authentication_method,
  t.user_id, t.state, t.metadata, t.created_at, t.updated_at, t.origins_at
FROM n CROSS JOIN clients AS t
WHERE t.identifier_folded = 'bench'
