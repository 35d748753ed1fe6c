-- A call that an admin's token runs for an end user has two who did it: the actor called, on behalf of this user.
ALTER TABLE audit_events ADD COLUMN on_behalf_of BIGINT;

CREATE INDEX audit_events_page_by_time ON audit_events (account_id, occurred_at, id);

CREATE INDEX users_page_by_created_at ON users (account_id, created_at, id);

CREATE INDEX users_page_by_name ON users (account_id, name, id);

CREATE INDEX users_active_admins ON users (account_id, id) WHERE role = 'admin' AND suspended_at IS NULL;

CREATE INDEX api_tokens_page ON api_tokens (account_id, id) WHERE revoked_at IS NULL;

CREATE INDEX api_tokens_page_by_created_at ON api_tokens (account_id, created_at, id) WHERE revoked_at IS NULL;

CREATE INDEX api_tokens_page_of_user ON api_tokens (account_id, user_id, created_at, id) WHERE revoked_at IS NULL;
