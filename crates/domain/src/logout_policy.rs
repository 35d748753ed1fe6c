//! The policy of signing out: how long apps are told of it, and how much patience each try has.

use crate::{Lifetime, SessionManagement};

/// How long things last that have to do with signing out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutPolicy {
    /// Whether apps may watch from a frame whether their user's session is still the same.
    pub session_management: SessionManagement,
    /// How long the page after signing out can be shown again.
    pub page_lifetime: Lifetime,
    /// How long a logout token lasts.
    pub token_lifetime: Lifetime,
    /// How long a node has for one try to deliver a logout token, before another node takes it over.
    pub delivery_lease: Lifetime,
    /// How long after a failed try the next one is, at least.
    pub delivery_backoff: Lifetime,
    /// How long after a failed try the next one is, at most.
    pub delivery_backoff_limit: Lifetime,
    /// How long delivering a logout token is tried.
    pub delivery_span: Lifetime,
    /// How long is kept what became of a delivery.
    pub delivery_kept: Lifetime,
}

impl Default for LogoutPolicy {
    fn default() -> Self {
        Self {
            session_management: SessionManagement::Off,
            page_lifetime: Lifetime::minutes(10),
            token_lifetime: Lifetime::minutes(2),
            delivery_lease: Lifetime::seconds(30),
            delivery_backoff: Lifetime::seconds(5),
            delivery_backoff_limit: Lifetime::hours(1),
            delivery_span: Lifetime::hours(24),
            delivery_kept: Lifetime::days(7),
        }
    }
}
