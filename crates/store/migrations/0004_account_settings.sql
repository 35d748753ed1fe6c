-- What an account may set for itself, and the mark before which whatever was issued is dead.
--
-- A version that does not know these columns goes on working: each has a default or may be null.

ALTER TABLE accounts ADD COLUMN api_tokens {text} NOT NULL DEFAULT 'allowed';

ALTER TABLE accounts ADD COLUMN token_expiry {text} NOT NULL DEFAULT 'always';

ALTER TABLE accounts ADD COLUMN api_requests_per_minute BIGINT;

ALTER TABLE accounts ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;

UPDATE accounts SET updated_at = created_at;

ALTER TABLE accounts ADD COLUMN not_before BIGINT;

ALTER TABLE users ADD COLUMN not_before BIGINT;

ALTER TABLE clients ADD COLUMN not_before BIGINT;

-- The home account is the one that was made first: ids are taken in blocks, so that a later account may have a lower id.
CREATE INDEX accounts_age ON accounts (created_at, id);
