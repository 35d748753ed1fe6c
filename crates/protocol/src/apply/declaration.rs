//! What an operator declares: plain structs, as read from a file. A key that is absent keeps what
//! is stored, or takes its default when the object is made.

use domain::{
    AccessTokenFormat, ApiTokenPolicy, ClientAuthenticationMethod, ClientKind, ConsentPolicy,
    GrantType, Lifetime, MetadataMember, MetadataValue, PkcePolicy, RegistrationPolicy, Risk, Role,
    Secret, SigningAlgorithm, TokenExpiryPolicy,
};

/// Everything that one file declares.
#[derive(Clone, Debug, Default)]
pub struct Declaration {
    /// The tenants.
    pub accounts: Vec<AccountDeclaration>,
    /// The people.
    pub users: Vec<UserDeclaration>,
    /// The scopes besides the built-in catalogue.
    pub scopes: Vec<ScopeDeclaration>,
    /// The APIs that tokens are for (RFC 8707).
    pub resources: Vec<ResourceDeclaration>,
    /// The apps.
    pub clients: Vec<ClientDeclaration>,
    /// The personal credentials for the administration API.
    pub api_tokens: Vec<ApiTokenDeclaration>,
}

/// An account, known by its slug.
#[derive(Clone, Debug, Default)]
pub struct AccountDeclaration {
    /// Its short name.
    pub slug: String,
    /// What people call it.
    pub name: Option<String>,
    /// Where it answers, `*` as a first label standing for the slug; the first is its issuer.
    pub base_urls: Option<Vec<String>>,
    /// The scopes asked for when a request names none.
    pub default_scopes: Option<Vec<String>>,
    /// Whether consent is remembered.
    pub consent: Option<ConsentPolicy>,
    /// Who must use PKCE.
    pub pkce: Option<PkcePolicy>,
    /// How long a rotated refresh token still returns its successor.
    pub refresh_grace: Option<Lifetime>,
    /// Whether API tokens are accepted.
    pub api_tokens: Option<ApiTokenPolicy>,
    /// Whether every token ends.
    pub token_expiry: Option<TokenExpiryPolicy>,
    /// How many calls of the administration API it may make in a minute.
    pub api_requests_per_minute: Option<i64>,
    /// Who may register a client.
    pub registration: Option<RegistrationPolicy>,
}

/// A user, known by account and e-mail address.
#[derive(Clone, Debug, Default)]
pub struct UserDeclaration {
    /// The slug of the account.
    pub account: String,
    /// The address to sign in with.
    pub email: String,
    /// The password, on creation; none: one is made.
    pub password: Option<Secret>,
    /// The full name.
    pub name: Option<String>,
    /// What the user may do.
    pub role: Option<Role>,
    /// Whether the user runs the platform.
    pub operator: Option<bool>,
    /// Single permissions beside the role.
    pub permissions: Option<Vec<String>>,
    /// OpenID Connect standard claims as the text of a JSON object.
    pub claims: Option<String>,
}

/// A scope of an account's own, known by account and name.
#[derive(Clone, Debug, Default)]
pub struct ScopeDeclaration {
    /// The slug of the account.
    pub account: String,
    /// Its name on the wire.
    pub name: String,
    /// Its title on the consent page.
    pub title: Option<String>,
    /// One sentence for people.
    pub description: Option<String>,
    /// How much harm it can do.
    pub risk: Option<Risk>,
    /// Whether the user may untick it.
    pub optional: Option<bool>,
}

/// A resource, known by account and identifier.
#[derive(Clone, Debug, Default)]
pub struct ResourceDeclaration {
    /// The slug of the account.
    pub account: String,
    /// The resource indicator (RFC 8707 §2).
    pub identifier: String,
    /// What people call it.
    pub name: Option<String>,
    /// The scopes that mean something there.
    pub scopes: Option<Vec<String>>,
    /// What its access tokens look like.
    pub access_token_format: Option<AccessTokenFormat>,
    /// What signs its JWT access tokens.
    pub signing_algorithm: Option<SigningAlgorithm>,
    /// The clients that may introspect every token for it.
    pub introspection_clients: Option<Vec<String>>,
    /// How long its access tokens last.
    pub access_token_lifetime: Option<Lifetime>,
}

/// A client, known by account and identifier.
#[derive(Clone, Debug, Default)]
pub struct ClientDeclaration {
    /// The slug of the account.
    pub account: String,
    /// The OAuth `client_id`.
    pub identifier: String,
    /// Shown on the consent page.
    pub name: Option<String>,
    /// Shown on the consent page.
    pub company: Option<String>,
    /// Shown on the consent page.
    pub description: Option<String>,
    /// The owner's e-mail address.
    pub owner: Option<String>,
    /// Whether it can keep a secret.
    pub kind: Option<ClientKind>,
    /// Whether it works in every account.
    pub global: Option<bool>,
    /// The secret, on creation; none: one is made.
    pub secret: Option<Secret>,
    /// Where codes may be sent.
    pub redirect_uris: Option<Vec<String>>,
    /// Where a signed-out browser may be sent.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// The grant types it may use; none: what its kind allows.
    pub grant_types: Option<Vec<GrantType>>,
    /// The scopes it may ask for; none: no ceiling.
    pub scopes: Option<Vec<String>>,
    /// How it authenticates at the token endpoint.
    pub authentication_method: Option<ClientAuthenticationMethod>,
    /// Whether it may introspect every token of its account.
    pub resource_server: Option<bool>,
    /// What is said of it beyond OAuth 2.0, member by member.
    pub metadata: Vec<(MetadataMember, MetadataValue)>,
}

/// An API token, known by account, user and label.
#[derive(Clone, Debug, Default)]
pub struct ApiTokenDeclaration {
    /// The slug of the account.
    pub account: String,
    /// The e-mail address of the person it acts as.
    pub user: String,
    /// What it is for.
    pub label: String,
    /// The token, on creation; none: one is made.
    pub token: Option<Secret>,
}
