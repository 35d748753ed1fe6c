-- What a client says of itself beyond OAuth 2.0, as one JSON object with the names of the specifications: it is read whole
-- with its client and never searched. Null, or a name that is not there: the default.
ALTER TABLE clients ADD COLUMN metadata {text};
