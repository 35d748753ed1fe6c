-- The origins of the redirect URIs of clients (RFC 6454): whose scripts may read answers. An origin on loopback stands
-- without its port. Those of a global client stand under account 0, which is nobody's: they count in every account.
CREATE TABLE client_origins (
  account_id BIGINT NOT NULL,
  origin {text} NOT NULL,
  client_id BIGINT NOT NULL,
  CONSTRAINT client_origins_pkey PRIMARY KEY (account_id, origin, client_id)
){clustered};

CREATE INDEX client_origins_client ON client_origins (client_id);

-- Which version of the client its origins are of: its updated_at. Nodes of an earlier version do not write it; the next
-- start makes up for them, see `store/src/clients/origins.rs`.
ALTER TABLE clients ADD COLUMN origins_at BIGINT;

CREATE INDEX clients_without_origins ON clients (id) WHERE COALESCE(origins_at, 0) <> updated_at;
