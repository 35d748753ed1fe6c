-- Tokens are listed a page at a time, and credentials tell when they were last used.
--
-- An issue that was exchanged or revoked is in no list, so it leaves these indexes. What remains until its bucket goes,
-- though it has ended, is passed over within the index, whose last column is the bucket.
DROP INDEX tokens_id;

CREATE INDEX tokens_page_by_id ON tokens (account_id, id, bucket)
  WHERE rotated_at IS NULL AND revoked_at IS NULL;

CREATE INDEX tokens_page ON tokens (account_id, created_at, id, bucket)
  WHERE rotated_at IS NULL AND revoked_at IS NULL;

CREATE INDEX tokens_page_of_user ON tokens (account_id, user_id, created_at, id, bucket)
  WHERE rotated_at IS NULL AND revoked_at IS NULL;

CREATE INDEX tokens_page_of_client ON tokens (account_id, client_id, created_at, id, bucket)
  WHERE rotated_at IS NULL AND revoked_at IS NULL;

-- The last use under a grant: it outlives the tokens.
ALTER TABLE grants ADD COLUMN used_at BIGINT;

ALTER TABLE client_secrets ADD COLUMN used_at BIGINT;

ALTER TABLE api_tokens ADD COLUMN used_at BIGINT;
