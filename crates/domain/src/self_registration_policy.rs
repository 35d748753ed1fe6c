//! The limits of clients that register by themselves, and of the tokens that let them.

use crate::Lifetime;

/// How many clients may register by themselves, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfRegistrationPolicy {
    /// How many clients may have registered by themselves at an account.
    pub client_limit: i64,
    /// How long a client that registered by itself stays without being used.
    pub client_idle_lifetime: Lifetime,
    /// How many clients may be registered from one address in a window by nobody in particular.
    pub per_window: u32,
    /// How many initial access tokens an account may have.
    pub token_limit: i64,
    /// The farthest end that an initial access token can be given.
    pub token_lifetime_limit: Lifetime,
}

impl Default for SelfRegistrationPolicy {
    fn default() -> Self {
        Self {
            client_limit: 1_000,
            client_idle_lifetime: Lifetime::days(90),
            per_window: 10,
            token_limit: 200,
            token_lifetime_limit: Lifetime::days(3650),
        }
    }
}
