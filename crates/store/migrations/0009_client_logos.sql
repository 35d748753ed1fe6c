-- The logos of clients: PNG pictures that the program drew itself. The client says which one is its own, so that pages
-- and replies know the address without reading the picture.
CREATE TABLE client_logos (
  client_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  png {bytes} NOT NULL,
  CONSTRAINT client_logos_pkey PRIMARY KEY (client_id)
);

ALTER TABLE clients ADD COLUMN logo_hash {bytes};
