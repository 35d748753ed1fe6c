-- When a key took each step of its life, and when the next one is due. Null in what an older version writes: its keys
-- sign from the beginning, and take no step until somebody rotates them.
ALTER TABLE signing_keys ADD COLUMN current_at BIGINT;

ALTER TABLE signing_keys ADD COLUMN retiring_at BIGINT;

ALTER TABLE signing_keys ADD COLUMN retired_at BIGINT;

-- Retired before its time, as somebody else may have it: nothing that it signed counts.
ALTER TABLE signing_keys ADD COLUMN revoked_at BIGINT;

ALTER TABLE signing_keys ADD COLUMN due_at BIGINT;

CREATE UNIQUE INDEX signing_keys_next_key ON signing_keys (account_id, algorithm) WHERE state = 'next';

CREATE INDEX signing_keys_page_by_id ON signing_keys (account_id, id);

CREATE INDEX signing_keys_due ON signing_keys (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX signing_keys_age ON signing_keys (created_at) WHERE state = 'current';
