//! Claims about the user that a request asked for one by one (OpenID Connect Core 1.0 §5.5): which
//! scopes the user allows them by, and what is told of them later.

use domain::{Client, ScopeName, ScopeSet, StandardClaims, User};
use serde_json::{Map, Value};
use wire::{ClaimsRequest, RequestedClaims};

/// The scopes that hold the claims: asking for a claim is asking for its scope.
pub(crate) fn scopes(request: &ClaimsRequest) -> ScopeSet {
    request.names().filter_map(StandardClaims::scope_of).collect()
}

/// What is stored of a request: the claims about the user whose scopes he allowed.
pub(crate) fn allowed(request: &ClaimsRequest, scopes: &ScopeSet) -> Option<String> {
    let is_allowed = |name: &str| is_held(name, |scope| scopes.contains(scope));
    let allowed = request.clone().filtered(is_allowed);
    (!allowed.is_empty()).then(|| allowed.to_json())
}

/// What an ID token tells of the user, given the request as stored.
pub(crate) fn in_id_token(
    client: &Client,
    user: &User,
    stored: Option<&str>,
) -> Map<String, Value> {
    stored.map(read).map_or_else(Map::new, |request| told(client, user, &request.id_token))
}

/// What userinfo tells of the user besides what its scopes hold, given the request as stored.
pub(crate) fn in_userinfo(
    client: &Client,
    user: &User,
    stored: Option<&str>,
) -> Map<String, Value> {
    stored.map(read).map_or_else(Map::new, |request| told(client, user, &request.userinfo))
}

/// What was stored can be read, unless somebody else wrote it: then nothing is told.
fn read(stored: &str) -> ClaimsRequest {
    ClaimsRequest::parse(stored).unwrap_or_default()
}

/// The claims that are known, have a value that was asked for, and whose scope the client may still
/// ask for.
fn told(client: &Client, user: &User, requested: &RequestedClaims) -> Map<String, Value> {
    let within = |scope: &ScopeName| client.scopes.as_ref().is_none_or(|it| it.contains(scope));
    let known = StandardClaims::of(user).into_iter();
    known
        .filter(|(name, value)| requested.get(name).is_some_and(|claim| claim.accepts(value)))
        .filter(|(name, _)| is_held(name, within))
        .collect()
}

fn is_held(name: &str, holds: impl Fn(&ScopeName) -> bool) -> bool {
    StandardClaims::scope_of(name).is_some_and(|scope| holds(&scope))
}
