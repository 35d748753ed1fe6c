INSERT INTO tok (h, client, scope, iat, exp)
SELECT h, client, 'read', exp - 300, exp
FROM UNNEST($1::BYTEA[], $2::BIGINT[], $3::BIGINT[]) AS new (h, client, exp)
