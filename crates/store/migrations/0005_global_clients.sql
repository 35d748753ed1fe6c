-- Clients that work in every account: what was asked of the operator, and which account wants none of one.

-- At most one request for each client. None of its times: it is pending.
CREATE TABLE global_client_requests (
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  approved_at BIGINT,
  refused_at BIGINT,
  reason {text},
  CONSTRAINT global_client_requests_pkey PRIMARY KEY (id),
  CONSTRAINT global_client_requests_client_key UNIQUE (client_id)
);

CREATE INDEX global_client_requests_pending ON global_client_requests (id)
  WHERE approved_at IS NULL AND refused_at IS NULL;

CREATE TABLE client_blocks (
  account_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  user_id BIGINT,
  created_at BIGINT NOT NULL,
  CONSTRAINT client_blocks_pkey PRIMARY KEY (account_id, client_id)
){clustered};

CREATE INDEX client_blocks_client ON client_blocks (client_id);

CREATE INDEX clients_global_page ON clients (created_at, id) WHERE global_at IS NOT NULL;

CREATE INDEX clients_global_name_page ON clients (name, id) WHERE global_at IS NOT NULL;

CREATE INDEX clients_global_id_page ON clients (id) WHERE global_at IS NOT NULL;

CREATE INDEX grants_live_of_client ON grants (account_id, client_id) WHERE revoked_at IS NULL;
