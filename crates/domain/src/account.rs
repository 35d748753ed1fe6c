//! An account: a tenant, chosen by the request's base URL.

use crate::base_url::is_label;
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
    /// Whether API tokens are accepted.
    pub api_tokens: ApiTokenPolicy,
    /// Whether every token ends.
    pub token_expiry: TokenExpiryPolicy,
    /// How many calls of the administration API it may make in a minute; none: the policy's number.
    pub api_requests_per_minute: Option<u32>,
    /// Who may register a client.
    pub registration: RegistrationPolicy,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Since when it is suspended: nobody is served.
    pub suspended_at: Option<Timestamp>,
    /// Until when whatever was issued is dead: tokens, codes and sessions.
    pub not_before: Option<Timestamp>,
}

impl Account {
    /// How many base URLs one may have.
    pub const BASE_URL_LIMIT: usize = 8;

    /// Whether a text may be a slug: it stands in host names (RFC 1035 §2.3.1).
    pub fn is_slug(text: &str) -> bool {
        is_label(text)
    }

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

    /// Whether what was issued then still counts, as far as the account decides.
    pub fn honours(&self, issued_at: Timestamp) -> bool {
        self.is_active() && self.not_before.is_none_or(|mark| issued_at > mark)
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

/// Whether the account's users may use API tokens (Zendesk wire §1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiTokenPolicy {
    /// They may.
    Allowed,
    /// An API token is a failed authentication.
    Refused,
}

impl ApiTokenPolicy {
    /// Its name in files and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
        }
    }

    /// The policy of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Allowed, Self::Refused].into_iter().find(|policy| policy.as_str() == name)
    }
}

/// Which access tokens end by themselves (Zendesk wire §6.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenExpiryPolicy {
    /// Every one.
    Always,
    /// Those that were asked for with `expires_in`, and those of global clients: as at Zendesk before
    /// tokens ended.
    Legacy,
}

impl TokenExpiryPolicy {
    /// Its name in files and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Legacy => "legacy",
        }
    }

    /// The policy of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Always, Self::Legacy].into_iter().find(|policy| policy.as_str() == name)
    }
}

/// Who may register a client by the protocol (RFC 7591).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationPolicy {
    /// Everybody, within limits.
    Open,
    /// Whoever presents an initial access token.
    Token,
    /// Nobody; clients that registered before still look after themselves.
    Off,
}

impl RegistrationPolicy {
    /// Its name in files and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Token => "token",
            Self::Off => "off",
        }
    }

    /// The policy of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Open, Self::Token, Self::Off].into_iter().find(|policy| policy.as_str() == name)
    }
}
