//! A resource: an API that tokens are for (RFC 8707).

use crate::{AccountId, Id, Lifetime, ScopeSet, SigningAlgorithm, Timestamp};

/// The id of a [`Resource`].
pub type ResourceId = Id<Resource>;

/// An API with its own lifetimes and token format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// The account it belongs to.
    pub account_id: AccountId,
    /// The resource indicator (RFC 8707 §2): an absolute URI without fragment.
    pub identifier: String,
    /// What people call it.
    pub name: String,
    /// The scopes that mean something there; empty: all.
    pub scopes: ScopeSet,
    /// What its access tokens look like.
    pub access_token_format: AccessTokenFormat,
    /// What signs its JWT access tokens.
    pub signing_algorithm: SigningAlgorithm,
    /// The identifiers of the clients that may introspect every token for it.
    pub introspection_clients: Vec<String>,
    /// How long its access tokens last; none: the default.
    pub access_token_lifetime: Option<Lifetime>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What an access token looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTokenFormat {
    /// A handle that introspection explains.
    Opaque,
    /// A signed JWT (RFC 9068).
    Jwt,
}

impl AccessTokenFormat {
    /// Its name in files and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opaque => "opaque",
            Self::Jwt => "jwt",
        }
    }

    /// The format of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Opaque, Self::Jwt].into_iter().find(|format| format.as_str() == name)
    }
}

/// RFC 8707 §2: an absolute URI without fragment.
pub fn is_resource_indicator(identifier: &str) -> bool {
    let Some((scheme, rest)) = identifier.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || b"+.-".contains(&c));
    is_scheme
        && !rest.trim_start_matches('/').is_empty()
        && identifier.len() <= 2048
        && identifier.bytes().all(|c| c.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&c))
}
