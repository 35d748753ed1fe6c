//! The store on real files and a real PostgreSQL.

// The name by which every other crate knows it.
extern crate consentry_store as store;

mod client_origins;
mod conformance;
mod conformance_catalogue;
mod conformance_client_metadata;
mod conformance_client_samples;
mod conformance_clients;
mod conformance_flows;
mod conformance_global_clients;
mod conformance_growth;
mod conformance_guesses;
mod conformance_identity;
mod conformance_logout;
mod conformance_origins;
mod conformance_people;
mod conformance_registrations;
mod conformance_samples;
mod conformance_secrets;
mod conformance_signing_keys;
mod conformance_token_pages;
mod conformance_tokens;
mod conformance_used_assertions;
mod engine_cancellation;
mod engine_ids;
mod engine_migrations;
mod engine_partitions;
mod engine_postgres;
mod engine_sqlite;
mod engine_tls;
mod engine_units;
mod engine_watch;
mod growth;
mod guesses;
mod indexes;
mod once;
mod once_endings;
mod once_identifiers;
mod once_logout;
mod once_registrations;
mod once_secrets;
mod page_cost;
mod shared_reads;
mod shared_writes;
mod shared_writes_equal;
mod support;
