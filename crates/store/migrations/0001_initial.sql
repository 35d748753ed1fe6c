-- The first schema: one text for SQLite and PostgreSQL.
--
-- Columns are BIGINT, text or bytes. Times are Unix milliseconds, lists of cold rows are JSON text, hashes are 32 raw
-- bytes, and there are no booleans: a fact has a time or a name. Ids and times come from the program.
-- Every row says its account, except the rows that the whole installation shares.
--
-- There are no foreign keys: a row that outlives its owner is worth nothing, because every use checks that account,
-- client, user and grant are alive, and a check by the database would lock the shared parent at each insert.
--
-- A word in braces is the engine's own form of a type or a table, see `store/src/engine/`.

-- Engine: one counter per cached world, and the next free id of each kind of block.
CREATE TABLE epochs (
  name {text} NOT NULL,
  value BIGINT NOT NULL,
  CONSTRAINT epochs_pkey PRIMARY KEY (name)
){clustered};

CREATE TABLE id_blocks (
  name {text} NOT NULL,
  next_id BIGINT NOT NULL,
  CONSTRAINT id_blocks_pkey PRIMARY KEY (name)
){clustered};

-- Facts of the installation itself: the check value of the master key, the set-up link.
CREATE TABLE installation (
  name {text} NOT NULL,
  value {bytes} NOT NULL,
  CONSTRAINT installation_pkey PRIMARY KEY (name)
){clustered};

CREATE TABLE accounts (
  id BIGINT NOT NULL,
  slug {text} NOT NULL,
  name {text} NOT NULL,
  base_urls {text} NOT NULL,
  consent {text} NOT NULL,
  pkce {text} NOT NULL,
  refresh_grace BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  suspended_at BIGINT,
  CONSTRAINT accounts_pkey PRIMARY KEY (id),
  CONSTRAINT accounts_slug_key UNIQUE (slug)
);

-- Which account answers at a base URL. The order stands in accounts.base_urls.
CREATE TABLE account_base_urls (
  base_url {text} NOT NULL,
  account_id BIGINT NOT NULL,
  CONSTRAINT account_base_urls_pkey PRIMARY KEY (base_url)
){clustered};

CREATE INDEX account_base_urls_account ON account_base_urls (account_id);

CREATE TABLE users (
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  email {text} NOT NULL,
  email_folded {text} NOT NULL,
  name {text} NOT NULL,
  role {text} NOT NULL,
  operator_at BIGINT,
  permissions {text} NOT NULL,
  password_hash {text},
  claims {text} NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  last_login_at BIGINT,
  suspended_at BIGINT,
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_email_key UNIQUE (account_id, email_folded)
);

CREATE INDEX users_page ON users (account_id, id);

-- A client belongs to the account of its owner, also when it is global.
CREATE TABLE clients (
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  identifier {text} NOT NULL,
  identifier_folded {text} NOT NULL,
  name {text} NOT NULL,
  company {text},
  description {text},
  kind {text} NOT NULL,
  grant_types {text},
  scopes {text},
  redirect_uris {text} NOT NULL,
  post_logout_redirect_uris {text} NOT NULL,
  authentication_method {text} NOT NULL,
  user_id BIGINT NOT NULL,
  state {text} NOT NULL,
  global_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CONSTRAINT clients_pkey PRIMARY KEY (id),
  CONSTRAINT clients_identifier_key UNIQUE (identifier_folded, account_id)
);

CREATE UNIQUE INDEX clients_global_identifier_key ON clients (identifier_folded) WHERE global_at IS NOT NULL;

CREATE INDEX clients_page ON clients (account_id, created_at, id);

CREATE INDEX clients_page_of_owner ON clients (account_id, user_id, created_at, id);

-- A row per identifier that was ever asked for, whoever asked. It says nothing: it is what two writers of one identifier
-- wait for each other on, see `store/src/clients.rs`.
CREATE TABLE client_identifiers (
  identifier_folded {text} NOT NULL,
  CONSTRAINT client_identifiers_pkey PRIMARY KEY (identifier_folded)
){clustered};

CREATE TABLE client_secrets (
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  hint {text} NOT NULL,
  label {text},
  created_by BIGINT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  CONSTRAINT client_secrets_pkey PRIMARY KEY (id)
);

CREATE INDEX client_secrets_client ON client_secrets (client_id, id);

CREATE TABLE grants (
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  scopes {text} NOT NULL,
  resources {text} NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  revoked_at BIGINT,
  CONSTRAINT grants_pkey PRIMARY KEY (id)
){clustered};

CREATE UNIQUE INDEX grants_live_key ON grants (account_id, user_id, client_id) WHERE revoked_at IS NULL;

CREATE INDEX grants_page_of_user ON grants (account_id, user_id, id) WHERE revoked_at IS NULL;

CREATE INDEX grants_client ON grants (client_id);

CREATE TABLE authorization_requests (
  id BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  account_id BIGINT NOT NULL,
  parameters {text} NOT NULL,
  user_id BIGINT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  decided_at BIGINT,
  CONSTRAINT authorization_requests_pkey PRIMARY KEY (id),
  CONSTRAINT authorization_requests_hash_key UNIQUE (account_id, hash)
);

CREATE INDEX authorization_requests_expiry ON authorization_requests (expires_at);

CREATE TABLE sessions (
  id BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  account_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  auth_time BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT,
  CONSTRAINT sessions_pkey PRIMARY KEY (id),
  CONSTRAINT sessions_hash_key UNIQUE (account_id, hash)
);

CREATE INDEX sessions_live_of_user ON sessions (account_id, user_id) WHERE ended_at IS NULL;

CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Codes and tokens are found by the expiry bucket that their handle begins with, and by hash: a look-up touches one
-- range of the key, inserts go to its end, and what has expired leaves as a whole range or partition.
CREATE TABLE authorization_codes (
  id BIGINT NOT NULL,
  bucket BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  account_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  grant_id BIGINT NOT NULL,
  session_id BIGINT NOT NULL,
  redirect_uri {text} NOT NULL,
  code_challenge {text},
  scopes {text} NOT NULL,
  requested_scopes {text} NOT NULL,
  resources {text} NOT NULL,
  nonce {text},
  auth_time BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  failed_attempts BIGINT NOT NULL,
  redeemed_at BIGINT,
  family_id BIGINT,
  CONSTRAINT authorization_codes_pkey PRIMARY KEY (bucket, hash)
){by_bucket};

{default_partition:authorization_codes}

CREATE INDEX authorization_codes_open_of_client ON authorization_codes (client_id) WHERE redeemed_at IS NULL;

-- used_generation is the newest generation whose access token was seen in use: it ends the grace window.
CREATE TABLE token_families (
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  grant_id BIGINT NOT NULL,
  session_id BIGINT,
  possession {text} NOT NULL,
  scopes {text} NOT NULL,
  requested_scopes {text} NOT NULL,
  resources {text} NOT NULL,
  generation BIGINT NOT NULL,
  used_generation BIGINT NOT NULL,
  auth_time BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT,
  CONSTRAINT token_families_pkey PRIMARY KEY (id)
){clustered};

CREATE INDEX token_families_live_of_grant ON token_families (grant_id) WHERE revoked_at IS NULL;

CREATE INDEX token_families_live_of_user ON token_families (account_id, user_id) WHERE revoked_at IS NULL;

CREATE INDEX token_families_live_of_session ON token_families (session_id)
  WHERE revoked_at IS NULL AND session_id IS NOT NULL;

CREATE INDEX token_families_expiry ON token_families (expires_at);

-- One row per issue: the access token and, where there is one, its refresh token. Both handles begin with the bucket of
-- the later of their expiries.
CREATE TABLE tokens (
  id BIGINT NOT NULL,
  bucket BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  refresh_hash {bytes},
  account_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  family_id BIGINT,
  generation BIGINT NOT NULL,
  scopes {text} NOT NULL,
  resources {text} NOT NULL,
  hint {text} NOT NULL,
  refresh_hint {text},
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  refresh_expires_at BIGINT,
  used_at BIGINT,
  rotated_at BIGINT,
  revoked_at BIGINT,
  successor {bytes},
  grace_count BIGINT NOT NULL,
  CONSTRAINT tokens_pkey PRIMARY KEY (bucket, hash)
){by_bucket};

{default_partition:tokens}

CREATE UNIQUE INDEX tokens_refresh_hash_key ON tokens (bucket, refresh_hash) WHERE refresh_hash IS NOT NULL;

CREATE INDEX tokens_id ON tokens (id);

-- JWT access tokens that were revoked before their expiry, by the keyed hash of their jti.
CREATE TABLE denied_jtis (
  account_id BIGINT NOT NULL,
  jti_hash {bytes} NOT NULL,
  expires_at BIGINT NOT NULL,
  CONSTRAINT denied_jtis_pkey PRIMARY KEY (account_id, jti_hash)
){clustered};

CREATE INDEX denied_jtis_expiry ON denied_jtis (expires_at);

CREATE TABLE signing_keys (
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  kid {text} NOT NULL,
  algorithm {text} NOT NULL,
  state {text} NOT NULL,
  sealed_private_key {bytes} NOT NULL,
  public_jwk {text} NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT signing_keys_pkey PRIMARY KEY (id),
  CONSTRAINT signing_keys_kid_key UNIQUE (account_id, kid)
);

CREATE UNIQUE INDEX signing_keys_current_key ON signing_keys (account_id, algorithm) WHERE state = 'current';

-- The account's own rows of the scope catalogue. A name of the built-in catalogue overrides it.
CREATE TABLE scopes (
  account_id BIGINT NOT NULL,
  name {text} NOT NULL,
  title {text} NOT NULL,
  description {text} NOT NULL,
  risk {text} NOT NULL,
  optional_at BIGINT,
  default_at BIGINT,
  CONSTRAINT scopes_pkey PRIMARY KEY (account_id, name)
){clustered};

CREATE TABLE resources (
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  identifier {text} NOT NULL,
  name {text} NOT NULL,
  scopes {text} NOT NULL,
  access_token_format {text} NOT NULL,
  signing_algorithm {text} NOT NULL,
  introspection_clients {text} NOT NULL,
  access_token_lifetime BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CONSTRAINT resources_pkey PRIMARY KEY (id),
  CONSTRAINT resources_identifier_key UNIQUE (account_id, identifier)
);

CREATE TABLE api_tokens (
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  label {text} NOT NULL,
  hash {bytes} NOT NULL,
  hint {text} NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT,
  CONSTRAINT api_tokens_pkey PRIMARY KEY (id),
  CONSTRAINT api_tokens_hash_key UNIQUE (account_id, hash)
);

CREATE INDEX api_tokens_user ON api_tokens (account_id, user_id, id);

CREATE TABLE audit_events (
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  occurred_at BIGINT NOT NULL,
  actor_kind {text} NOT NULL,
  actor_id BIGINT,
  action {text} NOT NULL,
  target_kind {text} NOT NULL,
  target_id BIGINT NOT NULL,
  details {text} NOT NULL,
  CONSTRAINT audit_events_pkey PRIMARY KEY (id)
);

CREATE INDEX audit_events_page ON audit_events (account_id, id);
