-- Failed guesses at a credential from one source, within a window. The hash is keyed and says of what account, kind of
-- credential, name and network they were; the name need not exist. Rows of ended windows are deleted as new ones come.
CREATE TABLE guesses (
  account_id BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  failures BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  CONSTRAINT guesses_pkey PRIMARY KEY (account_id, hash)
){clustered};

CREATE INDEX guesses_expiry ON guesses (ends_at);
