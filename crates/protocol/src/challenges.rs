//! Code challenges seen lately: a client that sends one twice is not protected by it (RFC 9700
//! §2.1.1).
//!
//! Remembered in memory, bounded, on each node: it serves a warning, and refuses nothing.

use domain::{ClientId, CodeChallenge, UserId};
use quick_cache::sync::Cache;

/// How many are remembered; the least used are forgotten first.
const REMEMBERED: usize = 10_000;

/// The challenges that codes were issued for lately.
pub struct RecentChallenges {
    seen: Cache<Seen, ()>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Seen {
    client_id: ClientId,
    user_id: UserId,
    challenge: String,
}

impl Seen {
    fn of(client_id: ClientId, user_id: UserId, challenge: &CodeChallenge) -> Self {
        Self { client_id, user_id, challenge: challenge.as_str().to_owned() }
    }
}

impl Default for RecentChallenges {
    fn default() -> Self {
        Self { seen: Cache::new(REMEMBERED) }
    }
}

impl RecentChallenges {
    /// Whether this client got a code of this user for the same challenge before.
    pub(crate) fn contains(
        &self,
        client_id: ClientId,
        user_id: UserId,
        challenge: &CodeChallenge,
    ) -> bool {
        self.seen.get(&Seen::of(client_id, user_id, challenge)).is_some()
    }

    /// Remembers that a code was issued for it.
    pub(crate) fn remember(&self, client_id: ClientId, user_id: UserId, challenge: &CodeChallenge) {
        self.seen.insert(Seen::of(client_id, user_id, challenge), ());
    }
}

#[cfg(test)]
mod tests {
    use domain::CodeVerifier;

    use super::*;

    // PK-06
    #[test]
    fn a_challenge_is_known_for_the_client_and_user_who_had_it() {
        let (client, user) = (ClientId::new(1), UserId::new(2));
        let challenge = |letter: &str| {
            CodeChallenge::of(&CodeVerifier::parse(&letter.repeat(43)).expect("well-formed"))
        };
        let recent = RecentChallenges::default();
        assert!(!recent.contains(client, user, &challenge("a")));
        recent.remember(client, user, &challenge("a"));
        assert!(recent.contains(client, user, &challenge("a")));
        assert!(!recent.contains(client, user, &challenge("b")));
        assert!(!recent.contains(ClientId::new(3), user, &challenge("a")));
        assert!(!recent.contains(client, UserId::new(3), &challenge("a")));
    }
}
