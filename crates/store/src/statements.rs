//! Every statement of every module, for the conformance suite.

use crate::engine::Statement;

/// The statement lists of the modules; a module that is missing here has statements that nobody has
/// tried.
static MODULES: &[&[&Statement]] = &[
    crate::accounts::ALL,
    crate::api_tokens::ALL,
    crate::api_tokens::PAGES_ALL,
    crate::audit_events::ALL,
    crate::audit_events::PAGES_ALL,
    crate::authorization_codes::ALL,
    crate::authorization_requests::ALL,
    crate::client_blocks::ALL,
    crate::client_logos::ALL,
    crate::client_registrations::ALL,
    crate::client_secrets::ALL,
    crate::clients::ALL,
    crate::clients::LIST_ALL,
    crate::clients::ORIGINS_ALL,
    crate::clients::PAGES_ALL,
    crate::clients::USABLE_ALL,
    crate::denied_jtis::ALL,
    crate::global_client_requests::ALL,
    crate::global_clients::ALL,
    crate::grants::ALL,
    crate::guesses::ALL,
    crate::ids::ALL,
    crate::installation::ALL,
    crate::logout_deliveries::ALL,
    crate::logout_requests::ALL,
    crate::registration_tokens::ALL,
    crate::registration_tokens::PAGES_ALL,
    crate::resources::ALL,
    crate::scopes::ALL,
    crate::sessions::ALL,
    crate::signing_keys::ALL,
    crate::signing_keys::PAGES_ALL,
    crate::token_families::ALL,
    crate::tokens::ALL,
    crate::tokens::ENDED_ALL,
    crate::tokens::ENDLESS_ALL,
    crate::tokens::LIST_ALL,
    crate::tokens::PAGES_ALL,
    crate::used_assertions::ALL,
    crate::users::ALL,
    crate::users::PAGES_ALL,
    crate::watch::ALL,
];

/// Every registered statement.
pub fn all() -> impl Iterator<Item = &'static Statement> {
    MODULES.iter().flat_map(|module| module.iter().copied())
}

/// PostgreSQL's own forms of the writes that are batched.
pub fn batched() -> impl Iterator<Item = &'static Statement> {
    crate::engine::postgres::batched::ALL.iter().copied()
}
