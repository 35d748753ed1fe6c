//! What a route of the administration API demands, as data: so that tests can go through every route.

use http::Method;

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, without credentials too.
    Anybody,
    /// Every user of the account.
    Users,
    /// Admins of the account, and agents who may manage API credentials.
    CredentialManagers,
    /// Admins of the account.
    Admins,
    /// Operators of the platform, at the home account.
    Operators,
}

/// What a route demands of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who is let in.
    pub audience: Audience,
    /// The scopes one of which a Bearer token must have; empty: it needs none.
    pub scopes: &'static [&'static str],
    /// Whether an access token must stem from a recent sign-in of its user (RFC 9470).
    pub wants_recent_sign_in: bool,
}

impl Policy {
    /// Admits this audience, by Bearer tokens with one of these scopes.
    pub(crate) const fn of(audience: Audience, scopes: &'static [&'static str]) -> Self {
        Self { audience, scopes, wants_recent_sign_in: false }
    }
}

/// A route of the administration API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The whole path, without `.json`; ids stand in braces.
    pub path: String,
    /// What it demands.
    pub policy: Policy,
}
