//! The policy of JWTs that clients sign, and of the keys that verify them.

use std::ops::RangeInclusive;

use crate::Lifetime;

/// How long what clients sign, and what was fetched to verify it, counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientJwtPolicy {
    /// How far from now an assertion by which a client proves itself may end.
    pub assertion_lifetime_limit: Lifetime,
    /// How long a request object is kept that was fetched.
    pub request_object_lifetime: Lifetime,
    /// How long a client's keys are kept that were fetched, as their server says.
    pub keys_lifetime_range: RangeInclusive<Lifetime>,
    /// How often a client's keys are fetched for a key that is not among them.
    pub keys_refetch_interval: Lifetime,
}

impl Default for ClientJwtPolicy {
    fn default() -> Self {
        Self {
            assertion_lifetime_limit: Lifetime::minutes(5),
            request_object_lifetime: Lifetime::seconds(10),
            keys_lifetime_range: Lifetime::minutes(1)..=Lifetime::minutes(15),
            keys_refetch_interval: Lifetime::minutes(1),
        }
    }
}
