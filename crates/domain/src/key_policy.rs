//! The policy of signing keys: how long each is shown before it signs, while it does, and after.

use crate::Lifetime;

/// How long the steps of a signing key's life take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPolicy {
    /// How long others may keep the JWKS, and the metadata documents beside it.
    pub max_age: Lifetime,
    /// How long a new key is shown before it signs.
    pub next_period: Lifetime,
    /// How long a key is shown after it has signed its last.
    pub retiring_period: Lifetime,
    /// How old a key becomes before its successor is made; none: until somebody rotates it.
    pub rotation: Option<Lifetime>,
    /// How many keys an account may show at once.
    pub published_limit: usize,
}

impl Default for KeyPolicy {
    fn default() -> Self {
        Self {
            max_age: Lifetime::minutes(5),
            next_period: Lifetime::minutes(10),
            retiring_period: Lifetime::hours(49),
            rotation: Some(Lifetime::days(90)),
            published_limit: 100,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Policy;

    // O-07: whoever keeps the keys as long as he may knows each before it signs, and still after.
    #[test]
    fn a_key_is_shown_before_and_after_all_that_it_signs() {
        let policy = Policy::default();
        let (keys, skew) = (&policy.keys, policy.clock_skew_limit.as_millis());
        let max_age = keys.max_age.as_millis();
        assert!(keys.next_period.as_millis() >= 2 * max_age);
        assert!(keys.next_period.as_millis() > max_age + skew);
        let longest = policy.access_token_lifetime_range.end().as_millis();
        assert!(keys.retiring_period.as_millis() > longest + max_age + skew);
    }
}
