//! What is decided: the OAuth flows and the life of clients and grants.
