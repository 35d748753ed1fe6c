//! What is decided: the OAuth flows and the life of accounts, users, clients and grants.
//!
//! No HTTP but for `outbound`, which calls others, no HTML and no SQL text. Every change, from a page, the API or the command line, goes
//! through a function of this crate.

mod access_token_jwt;
pub mod accounts;
pub mod api_caller;
pub mod api_tokens;
mod api_volume;
pub mod apply;
mod audit;
pub mod authentication_context;
pub mod authorization;
pub mod bearer;
mod challenges;
pub mod client_authentication;
pub mod clients;
mod clock;
mod context;
pub mod documents;
mod entropy;
mod expiry;
pub mod grants;
mod guesses;
mod id_token;
pub mod id_token_hint;
pub mod impersonation;
pub mod introspection;
mod keyring;
pub mod keys;
mod known_device;
pub mod last_uses;
mod metadata;
pub mod outbound;
mod own_jwt;
mod passwords;
pub mod pictures;
mod requested_claims;
pub mod resources;
pub mod revocation;
pub mod scopes;
pub mod sessions;
pub mod setup;
mod signer;
mod signing;
pub mod subject;
pub mod token;
pub mod tokens;
pub mod userinfo;
pub mod users;
mod workers;

pub use api_volume::{ApiVolume, Usage};
pub use challenges::RecentChallenges;
pub use clock::Clock;
pub use context::Context;
pub use entropy::Entropy;
pub use expiry::Expiry;
pub use guesses::{Guesses, Throttled};
pub use keyring::{Keyring, MASTER_KEY_LENGTH, MasterKey, SealBroken};
pub use last_uses::LastUses;
pub use outbound::Outbound;
pub use passwords::{PASSWORD_MAX_BYTES, Passwords, PasswordsBusy};
pub use pictures::Pictures;
pub use signer::{KeyMaker, Signers};
pub use signing::key_of;
