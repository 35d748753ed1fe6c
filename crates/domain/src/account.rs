//! An account: a tenant, chosen by the request's base URL.

use crate::{BaseUrl, Id, Lifetime, Timestamp};

/// The id of an [`Account`].
pub type AccountId = Id<Account>;

/// A tenant with its own issuer, users, clients and policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its short name, unique on this installation.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Where it answers; never empty. The first one is its issuer.
    pub base_urls: Vec<BaseUrl>,
    /// Whether an allowed app is asked about again.
    pub consent: ConsentPolicy,
    /// Who must use PKCE.
    pub pkce: PkcePolicy,
    /// How long a rotated refresh token still returns its successor pair; 0…60 s.
    pub refresh_grace: Lifetime,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is suspended: nobody is served.
    pub suspended_at: Option<Timestamp>,
}

impl Account {
    /// The issuer identifier (RFC 8414 §2): the first base URL.
    ///
    /// # Panics
    /// Never for a stored account: base URLs are at least one by construction.
    pub fn issuer(&self) -> &BaseUrl {
        self.base_urls.first().expect("an account has at least one base URL")
    }

    /// Whether requests are served at all.
    pub fn is_active(&self) -> bool {
        self.suspended_at.is_none()
    }
}

/// Whether consent that was given once is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentPolicy {
    /// A grant that covers the request passes without a page, where the client's identity is assured.
    Remember,
    /// The page is shown each time.
    Always,
}

impl ConsentPolicy {
    /// Its name in files and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Remember => "remember",
            Self::Always => "always",
        }
    }

    /// The policy of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Remember, Self::Always].into_iter().find(|policy| policy.as_str() == name)
    }
}

/// Which clients must use PKCE (RFC 9700 §2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PkcePolicy {
    /// Public clients must; the others may.
    PublicClients,
    /// Every client must.
    AllClients,
}

impl PkcePolicy {
    /// Its name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PublicClients => "public_clients",
            Self::AllClients => "all_clients",
        }
    }

    /// The policy of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::PublicClients, Self::AllClients].into_iter().find(|policy| policy.as_str() == name)
    }
}
