//! The public keys of clients: inline, or where `jwks_uri` says (OpenID Connect Core §10.1), fetched when they
//! are needed, kept for a while, and fetched again when a key is named that is not among them.

use std::ops::RangeInclusive;
use std::sync::Arc;

use domain::{AccountId, Client, ClientId, Lifetime, SigningAlgorithm, Timestamp};
use quick_cache::sync::Cache;
use wire::{ClientJwks, ClientKey};

use crate::context::Context;
use crate::outbound::{self, Whom};

/// How many clients' keys are remembered; those least used are forgotten first.
const REMEMBERED: usize = 10_000;

/// The keys that were fetched.
pub struct ClientKeys {
    held: Cache<Place, Held>,
    /// Until when an address is not asked again that answered with something else.
    unusable: Cache<Place, Timestamp>,
}

impl Default for ClientKeys {
    fn default() -> Self {
        Self { held: Cache::new(REMEMBERED), unusable: Cache::new(REMEMBERED) }
    }
}

/// Whose keys, and from where: a client that moves its keys is asked anew.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    account_id: AccountId,
    client_id: ClientId,
    jwks_uri: String,
}

#[derive(Clone)]
struct Held {
    keys: Arc<ClientJwks>,
    expires_at: Timestamp,
    /// Until when a key that is not among them is not looked for again.
    settled_until: Timestamp,
}

/// How a JWT names the key it was signed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    pub(crate) kid: Option<&'a str>,
    pub(crate) algorithm: SigningAlgorithm,
}

impl Named<'_> {
    fn among(self, keys: &ClientJwks) -> Option<ClientKey> {
        keys.find(self.kid, self.algorithm).cloned()
    }
}

/// The client's key of this name, if it has one that fits the algorithm. May fetch: never called while a
/// transaction is open. Whoever asks for a new key while it is fetched waits for the same answer; what could
/// not be fetched is remembered by `outbound`, for a moment.
pub(crate) async fn find(
    ctx: &Context,
    account_id: AccountId,
    client: &Client,
    named: Named<'_>,
) -> Option<ClientKey> {
    if let Some(inline) = &client.metadata.jwks {
        return named.among(&ClientJwks::parse(inline.as_bytes()).ok()?);
    }
    let jwks_uri = client.metadata.jwks_uri.clone()?;
    let place = Place { account_id, client_id: client.id, jwks_uri };
    let now = ctx.now();
    let held = ctx.client_keys.held.get(&place).filter(|held| held.expires_at > now);
    if let Some(held) = &held {
        let found = named.among(&held.keys);
        if found.is_some() || held.settled_until > now {
            return found;
        }
    }
    if ctx.client_keys.unusable.get(&place).is_some_and(|until| until > now) {
        return None;
    }
    // A client that rotates its keys just after they were fetched is believed at once, and then no more for
    // a while: names cost nothing to whoever makes them up.
    let settled_for = match held {
        Some(_) => ctx.policy.client_jwts.keys_refetch_interval,
        None => Lifetime::seconds(0),
    };
    let fetched = fetch(ctx, place, settled_for).await?;
    named.among(&fetched)
}

/// Fetches a client's keys. Nothing but a valid set is kept.
async fn fetch(ctx: &Context, place: Place, settled_for: Lifetime) -> Option<Arc<ClientJwks>> {
    let whom = Whom::of(place.account_id, Some(place.client_id));
    let limit = ctx.policy.outbound.jwks_limit;
    let document = outbound::get(ctx, whom, &place.jwks_uri, limit).await.ok()?;
    let keys = match ClientJwks::parse(&document.body) {
        Ok(keys) => Arc::new(keys),
        Err(refused) => {
            tracing::warn!(client_id = %place.client_id, %refused, "a client's keys cannot be used");
            let until = ctx.now() + ctx.policy.outbound.failure_memory;
            ctx.client_keys.unusable.insert(place, until);
            return None;
        }
    };
    let now = ctx.now();
    let lifetime = lifetime(document.max_age, ctx.policy.client_jwts.keys_lifetime_range.clone());
    let held = Held {
        keys: Arc::clone(&keys),
        expires_at: now + lifetime,
        settled_until: now + settled_for,
    };
    ctx.client_keys.held.insert(place, held);
    Some(keys)
}

/// How long they are kept: as their server says, within bounds; the longest time if it says nothing.
fn lifetime(max_age: Option<Lifetime>, range: RangeInclusive<Lifetime>) -> Lifetime {
    let (shortest, longest) = range.into_inner();
    max_age.map_or(longest, |max_age| max_age.clamp(shortest, longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SS-04
    #[test]
    fn no_server_decides_alone_how_long_its_keys_are_kept() {
        let range = Lifetime::minutes(1)..=Lifetime::minutes(15);
        for (max_age, expected) in [(0, 60), (60, 60), (300, 300), (31_536_000, 900)] {
            let lifetime = lifetime(Some(Lifetime::seconds(max_age)), range.clone());
            assert_eq!(lifetime, Lifetime::seconds(expected), "{max_age}");
        }
        assert_eq!(lifetime(None, range), Lifetime::minutes(15));
    }
}
