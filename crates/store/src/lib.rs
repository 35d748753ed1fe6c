//! What is remembered: one SQL text on SQLite and PostgreSQL.
//!
//! A module per noun, with the statements and functions of that noun. `engine` is the seam between them and the two
//! databases; nothing outside this crate contains SQL.

pub mod accounts;
pub mod api_tokens;
pub mod audit_events;
pub mod authorization_codes;
pub mod authorization_requests;
mod batches;
mod cache;
pub mod client_blocks;
pub mod client_logos;
pub mod client_registrations;
pub mod client_secrets;
pub mod clients;
mod columns;
mod decision;
pub mod denied_jtis;
mod document;
#[doc(hidden)]
pub mod engine;
mod fault;
mod generation;
pub mod global_client_requests;
pub mod global_clients;
pub mod grants;
pub mod guesses;
mod housekeeping;
mod ids;
pub mod installation;
pub mod logout_deliveries;
pub mod logout_requests;
mod migrations;
mod page;
pub mod registration_tokens;
pub mod resources;
pub mod scopes;
pub mod sessions;
pub mod signing_keys;
#[doc(hidden)]
pub mod statements;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token_families;
pub mod tokens;
mod transaction;
pub mod used_assertions;
pub mod users;
mod watch;

pub use batches::HotWrite;
pub use cache::Cache;
pub use decision::{Decision, Failure, retry, settle};
pub use document::Document;
pub use engine::Source;
pub use fault::Fault;
pub use housekeeping::{Bucketed, EndedPartitions, Housekeeping};
#[doc(hidden)]
pub use migrations::Migration;
pub use migrations::{MigrationReport, MigrationState, MigrationStatus};
pub use page::{Page, Place, Shape, Side};
pub use store::{Database, Store, StoreOptions};
pub use transaction::Transaction;
pub use watch::Watch;
