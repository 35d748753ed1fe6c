//! The scope of a token: part of what was authorized, within the client's ceiling (RFC 6749 §3.3).

use domain::{Client, ScopeCatalogue, ScopeSet};

use super::TokenRefused;

/// What the user authorized, and what the authorization request had named.
pub(super) struct Authorized<'a> {
    pub(super) scopes: &'a ScopeSet,
    pub(super) requested: &'a ScopeSet,
}

/// The scope of a token under an authorization: all of it, or the part that is asked for. What the
/// request named but the user unticked, the ceiling lost or we do not know is dropped; only what
/// was never requested is refused.
pub(super) fn narrowed(
    client: &Client,
    catalogue: &ScopeCatalogue,
    authorized: &Authorized<'_>,
    asked: Option<&str>,
) -> Result<ScopeSet, TokenRefused> {
    let ceiling = within_ceiling(client, authorized.scopes);
    let granted = match asked {
        None => ceiling,
        Some(asked) => {
            let asked = ScopeSet::parse(asked).map_err(|_| TokenRefused::ScopeInvalid)?;
            let recognised = catalogue.recognised(&asked);
            if !recognised
                .iter()
                .all(|name| authorized.requested.covers(name) || authorized.scopes.covers(name))
            {
                return Err(TokenRefused::ScopeInvalid);
            }
            recognised.intersect_coverage(&ceiling)
        }
    };
    not_empty(granted)
}

/// The scope of client credentials: the account's defaults cut to the ceiling, or what is asked for.
pub(super) fn for_client(
    client: &Client,
    catalogue: &ScopeCatalogue,
    asked: Option<&str>,
) -> Result<ScopeSet, TokenRefused> {
    let Some(asked) = asked else {
        let defaults = catalogue.defaults();
        if defaults.is_empty() {
            return Err(TokenRefused::ScopeMissing);
        }
        return not_empty(within_ceiling(client, &defaults));
    };
    let asked = ScopeSet::parse(asked).map_err(|_| TokenRefused::ScopeInvalid)?;
    let recognised = catalogue.recognised(&asked);
    if client.scopes.as_ref().is_some_and(|ceiling| !ceiling.covers_all(&recognised)) {
        return Err(TokenRefused::ScopeInvalid);
    }
    not_empty(recognised)
}

fn within_ceiling(client: &Client, scopes: &ScopeSet) -> ScopeSet {
    match &client.scopes {
        Some(ceiling) => scopes.intersect_coverage(ceiling),
        None => scopes.clone(),
    }
}

fn not_empty(scopes: ScopeSet) -> Result<ScopeSet, TokenRefused> {
    if scopes.is_empty() { Err(TokenRefused::ScopeInvalid) } else { Ok(scopes) }
}
