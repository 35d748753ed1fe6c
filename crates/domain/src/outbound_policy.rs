//! The policy of calls that the server itself makes: how long, how much and how often.

use crate::Lifetime;

/// The limits of calls that the server itself makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundPolicy {
    /// How long a call may take, from the name to the last byte.
    pub deadline: Lifetime,
    /// The most bytes of a document that is fetched.
    pub document_limit: usize,
    /// The most bytes of a client's keys that are fetched.
    pub jwks_limit: usize,
    /// How many documents are fetched for an account at once, and how many logouts are told beside them.
    /// Clients that are not stored yet have half of it together.
    pub calls_at_once: usize,
    /// How many documents are fetched for one client at once.
    pub client_calls_at_once: usize,
    /// How many documents are fetched for an account in a minute. Clients that are not stored yet have half
    /// of it together.
    pub documents_per_minute: u32,
    /// How many documents are fetched for one client in a minute.
    pub client_documents_per_minute: u32,
    /// How long a document that could not be fetched is not tried again.
    pub failure_memory: Lifetime,
}

impl Default for OutboundPolicy {
    fn default() -> Self {
        Self {
            deadline: Lifetime::seconds(3),
            document_limit: 64 * 1024,
            jwks_limit: 256 * 1024,
            calls_at_once: 10,
            client_calls_at_once: 2,
            documents_per_minute: 60,
            client_documents_per_minute: 10,
            failure_memory: Lifetime::seconds(10),
        }
    }
}
