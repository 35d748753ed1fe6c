//! A client (shown to people as "app").

use crate::{
    AccountId, ClientIdentifier, ClientMetadata, ClientSecret, GrantType, Id, LogoHash,
    RedirectUri, ScopeSet, Timestamp, UserId,
};

/// The id of a [`Client`].
pub type ClientId = Id<Client>;

/// An OAuth client (RFC 6749 §2), with everything that deciding about it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The resource id; not the OAuth `client_id`.
    pub id: ClientId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// The OAuth `client_id`.
    pub identifier: ClientIdentifier,
    /// Shown on the consent page.
    pub name: String,
    /// Shown on the consent page.
    pub company: Option<String>,
    /// Shown on the consent page.
    pub description: Option<String>,
    /// Whether it can keep a secret.
    pub kind: ClientKind,
    /// The grant types it may use; none: what its kind allows.
    pub grant_types: Option<Vec<GrantType>>,
    /// The scopes it may ask for; none: no ceiling.
    pub scopes: Option<ScopeSet>,
    /// Where codes may be sent, in the order and spelling registered.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a signed-out browser may be sent.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// How it authenticates at the token endpoint.
    pub authentication_method: ClientAuthenticationMethod,
    /// The owner: the user that client credentials act as.
    pub user_id: UserId,
    /// Where it stands between draft and suspended.
    pub state: ClientState,
    /// Since when it works in every account.
    pub global_at: Option<Timestamp>,
    /// Its logo, if it has one.
    pub logo: Option<LogoHash>,
    /// Since when it may introspect every token of its account.
    pub resource_server_at: Option<Timestamp>,
    /// What it says of itself beyond OAuth 2.0.
    pub metadata: ClientMetadata,
    /// Since when it has been its own: it registered by the protocol, and nobody of the account made it.
    pub registered_at: Option<Timestamp>,
    /// Its secrets, oldest first.
    pub secrets: Vec<ClientSecret>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Until when whatever was issued to it is dead: tokens and codes.
    pub not_before: Option<Timestamp>,
}

impl Client {
    /// Whether the grant type is open to this client (RFC 6749 §5.2, `unauthorized_client`).
    pub fn allows_grant_type(&self, grant_type: GrantType) -> bool {
        let kind_allows =
            grant_type != GrantType::ClientCredentials || self.kind == ClientKind::Confidential;
        kind_allows && self.grant_types.as_ref().is_none_or(|types| types.contains(&grant_type))
    }

    /// Whether it works in this account.
    pub fn belongs_to(&self, account_id: AccountId) -> bool {
        self.account_id == account_id || self.global_at.is_some()
    }

    /// Whether a request may name this address to send its code to.
    pub fn accepts_redirect_uri(&self, presented: &str) -> bool {
        let registered = || self.redirect_uris.iter();
        registered().any(|own| own.matches(presented, self.kind))
            || self.is_own_app_on_a_device()
                && registered().any(|own| own.matches_on_localhost(presented))
    }

    /// Whether it registered by itself, as a public client of nothing but the user's own machine.
    fn is_own_app_on_a_device(&self) -> bool {
        let is_here = |uri: &RedirectUri| uri.is_loopback() || uri.is_private_scheme();
        self.registered_at.is_some()
            && self.kind == ClientKind::Public
            && self.redirect_uris.iter().all(is_here)
    }

    /// Where its logo is, below a base URL.
    pub fn logo_path(&self) -> Option<String> {
        self.logo.map(|logo| logo.path(self.id))
    }

    /// Whether what was issued to it then still counts, as far as it decides.
    pub fn honours(&self, issued_at: Timestamp) -> bool {
        self.not_before.is_none_or(|mark| issued_at > mark)
    }

    /// The secret that is shown, truncated, for the client as a whole: the newest.
    pub fn newest_secret(&self) -> Option<&ClientSecret> {
        self.secrets.last()
    }
}

/// Whether a client can keep a secret (RFC 6749 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// It cannot: a browser or native app.
    Public,
    /// It can: software on a server.
    Confidential,
    /// Never said: confidential, but PKCE may stand in for the secret at code exchange.
    Unknown,
}

impl ClientKind {
    /// Its name on the wire, in files and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Confidential => "confidential",
            Self::Unknown => "unknown",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Public, Self::Confidential, Self::Unknown]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// How a client authenticates at the token endpoint (RFC 7591 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthenticationMethod {
    /// `client_secret_basic` and `client_secret_post` alike.
    Any,
    /// The secret in the `Authorization` header.
    ClientSecretBasic,
    /// The secret in the body.
    ClientSecretPost,
    /// A signed assertion (RFC 7523).
    PrivateKeyJwt,
    /// Nothing: a public client.
    None,
}

impl ClientAuthenticationMethod {
    /// Its name in files and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// The method of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Any,
            Self::ClientSecretBasic,
            Self::ClientSecretPost,
            Self::PrivateKeyJwt,
            Self::None,
        ]
        .into_iter()
        .find(|method| method.as_str() == name)
    }
}

/// Where a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientState {
    /// Being written; works for its owner only.
    Draft,
    /// Waiting for a review; works for its owner only.
    Pending,
    /// Works for everybody.
    Active,
    /// Works for nobody.
    Suspended,
}

impl ClientState {
    /// Its name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Draft, Self::Pending, Self::Active, Self::Suspended]
            .into_iter()
            .find(|state| state.as_str() == name)
    }

    /// Whether the client works for this user, given who owns it.
    pub fn works_for(self, user_id: UserId, owner_id: UserId) -> bool {
        match self {
            Self::Active => true,
            Self::Draft | Self::Pending => user_id == owner_id,
            Self::Suspended => false,
        }
    }
}
