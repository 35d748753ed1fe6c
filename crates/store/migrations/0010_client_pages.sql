-- An account may have a hundred thousand clients: each order in which they are listed has its index.
CREATE INDEX clients_page_by_id ON clients (account_id, id) WHERE global_at IS NULL;

CREATE INDEX clients_page_by_name ON clients (account_id, name, id) WHERE global_at IS NULL;

CREATE INDEX clients_page_by_updated_at ON clients (account_id, updated_at, id) WHERE global_at IS NULL;
