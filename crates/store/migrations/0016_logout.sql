-- Signing out: who is told of it (Back-Channel Logout 1.0), and requests at the logout endpoint that wait.

-- Sessions of one browser and user that followed one another, as each new sign-in of his begins a new one; the id of the
-- first. Null: begun by an older version, and written when the session is next used or ended.
ALTER TABLE sessions ADD COLUMN lineage_id BIGINT;

CREATE INDEX sessions_lineage ON sessions (lineage_id) WHERE lineage_id IS NOT NULL;

CREATE INDEX sessions_ended_of_user ON sessions (account_id, user_id, ended_at) WHERE ended_at IS NOT NULL;

-- Whoever got tokens in a session is told of its end, also when they were revoked meanwhile.
CREATE INDEX token_families_of_session ON token_families (session_id) WHERE session_id IS NOT NULL;

-- The outbox of logout tokens: a row for each session that has ended and each client that hears of it. It is written
-- with the end itself. due_at is when the next try may begin: whoever takes a row moves it on first. Null: it is over,
-- and outcome says how.
CREATE TABLE logout_deliveries (
  session_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  due_at BIGINT,
  ended_at BIGINT,
  outcome {text},
  CONSTRAINT logout_deliveries_pkey PRIMARY KEY (session_id, client_id)
){clustered};

CREATE INDEX logout_deliveries_due ON logout_deliveries (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX logout_deliveries_ended ON logout_deliveries (ended_at) WHERE ended_at IS NOT NULL;

-- A request at the logout endpoint: one that came by POST and waits for its browser, or what the page shows to somebody
-- who has just signed out. lineage_id is that of the session that ended; null: nobody has signed out yet.
CREATE TABLE logout_requests (
  id BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  account_id BIGINT NOT NULL,
  parameters {text} NOT NULL,
  lineage_id BIGINT,
  client_id BIGINT,
  destination {text},
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  CONSTRAINT logout_requests_pkey PRIMARY KEY (id),
  CONSTRAINT logout_requests_hash_key UNIQUE (account_id, hash)
);

CREATE INDEX logout_requests_expiry ON logout_requests (expires_at);
