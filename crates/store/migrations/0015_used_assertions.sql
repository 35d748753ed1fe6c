-- Assertions by which clients proved themselves (RFC 7523 §3, `jti`): each is good once, at whichever node. The hash is
-- keyed. Expired rows are deleted as new ones come.
CREATE TABLE used_assertions (
  account_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  jti_hash {bytes} NOT NULL,
  expires_at BIGINT NOT NULL,
  CONSTRAINT used_assertions_pkey PRIMARY KEY (account_id, client_id, jti_hash)
){clustered};

CREATE INDEX used_assertions_expiry ON used_assertions (expires_at);
