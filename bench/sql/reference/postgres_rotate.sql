-- One statement, one commit: uses the old tokens up, and adds what follows those that were not used before.
WITH asked AS (
  SELECT old, refresh, access, client, exp
  FROM UNNEST($1::BYTEA[], $2::BYTEA[], $3::BYTEA[], $4::BIGINT[], $5::BIGINT[]) AS new (old, refresh, access, client, exp)
), used AS (
  UPDATE rt SET used = 1 FROM asked
  WHERE rt.h = asked.old AND rt.used = 0 AND rt.exp > asked.exp - 300
  RETURNING asked.old, asked.refresh, asked.access, asked.client, asked.exp, rt.fam
), refreshed AS (
  INSERT INTO rt (h, fam, used, exp) SELECT refresh, fam, 0, exp + 86400 FROM used
), issued AS (
  INSERT INTO tok (h, client, scope, iat, exp) SELECT access, client, 'read', exp - 300, exp FROM used
)
SELECT old FROM used
