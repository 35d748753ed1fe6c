-- What has ended leaves: the indexes by which it is found, see `docs/operations.md`.

-- A session that has ended stays while token families that began in it do: ending it, or one that it went on with, ends
-- them too. Until when it is not looked at again; null: nobody has looked.
ALTER TABLE sessions ADD COLUMN kept_until BIGINT;

DROP INDEX sessions_expiry;

CREATE INDEX sessions_end ON sessions (COALESCE(kept_until, expires_at));

-- A grant that is gone counts as revoked.
CREATE INDEX grants_revoked ON grants (revoked_at) WHERE revoked_at IS NOT NULL;
