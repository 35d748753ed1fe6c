-- What the reference writes to on PostgreSQL; a program in its place finds the same tables.
CREATE TABLE tok (
  h BYTEA PRIMARY KEY,
  client BIGINT NOT NULL,
  sub BYTEA,
  scope TEXT NOT NULL,
  iat BIGINT NOT NULL,
  exp BIGINT NOT NULL,
  fam BYTEA
);

CREATE INDEX tok_exp ON tok (exp);

CREATE TABLE rt (
  h BYTEA PRIMARY KEY,
  fam BYTEA NOT NULL,
  used INTEGER NOT NULL,
  exp BIGINT NOT NULL
) WITH (fillfactor = 80);
