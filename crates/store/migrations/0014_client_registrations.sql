-- Clients that register by themselves (RFC 7591), and what lets them.
--
-- A version that does not know these columns goes on working: each has a default or may be null.

-- Who may register a client at the account: open, token or off.
ALTER TABLE accounts ADD COLUMN registration {text} NOT NULL DEFAULT 'token';

-- Since when a client has been its own: nobody of the account made it.
ALTER TABLE clients ADD COLUMN registered_at BIGINT;

-- How a client that registered proves itself when it changes its registration (RFC 7592), and when it ends unless it was used.
CREATE TABLE client_registrations (
  client_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  registration_token_id BIGINT,
  created_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  CONSTRAINT client_registrations_pkey PRIMARY KEY (client_id),
  CONSTRAINT client_registrations_hash_key UNIQUE (account_id, hash)
);

CREATE INDEX client_registrations_end ON client_registrations (ends_at, client_id);

-- Initial access tokens (RFC 7591 §1.2): whoever presents one may register clients, which belong to whoever made the token.
CREATE TABLE registration_tokens (
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  label {text} NOT NULL,
  hash {bytes} NOT NULL,
  hint {text} NOT NULL,
  use_limit BIGINT,
  use_count BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  used_at BIGINT,
  revoked_at BIGINT,
  CONSTRAINT registration_tokens_pkey PRIMARY KEY (id),
  CONSTRAINT registration_tokens_hash_key UNIQUE (account_id, hash)
);

CREATE INDEX registration_tokens_page ON registration_tokens (account_id, id) WHERE revoked_at IS NULL;

CREATE INDEX registration_tokens_page_by_created_at ON registration_tokens (account_id, created_at, id) WHERE revoked_at IS NULL;

CREATE INDEX registration_tokens_user ON registration_tokens (account_id, user_id);
