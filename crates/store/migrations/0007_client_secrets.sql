-- Since when a client may introspect every token of its account (RFC 7662 §2.1), as an API does that has no resource
-- of its own.
ALTER TABLE clients ADD COLUMN resource_server_at BIGINT;
