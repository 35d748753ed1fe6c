//! The members of a client's metadata, as requests, files and replies name them (OpenID Connect Dynamic
//! Client Registration 1.0 §2 and the logout specifications).

/// A member that can be said of a client beyond OAuth 2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetadataMember {
    /// `web` or `native`.
    ApplicationType,
    /// Ways to reach those who are responsible for it.
    Contacts,
    /// Its home page.
    ClientUri,
    /// Its logo.
    LogoUri,
    /// How it uses people's data.
    PolicyUri,
    /// Its terms of service.
    TosUri,
    /// Its public keys.
    Jwks,
    /// Where its public keys are.
    JwksUri,
    /// What its pairwise subjects are derived from.
    SectorIdentifierUri,
    /// `public` or `pairwise`.
    SubjectType,
    /// What its ID tokens are signed with.
    IdTokenSignedResponseAlg,
    /// What its userinfo replies are signed with.
    UserinfoSignedResponseAlg,
    /// What its request objects are signed with.
    RequestObjectSigningAlg,
    /// What its assertions are signed with.
    TokenEndpointAuthSigningAlg,
    /// How old a sign-in may be.
    DefaultMaxAge,
    /// Whether it insists on `auth_time`.
    RequireAuthTime,
    /// How users should sign in.
    DefaultAcrValues,
    /// Where somebody else begins a sign-in at it.
    InitiateLoginUri,
    /// Where its request objects may be.
    RequestUris,
    /// Where it hears of a sign-out from the server.
    BackchannelLogoutUri,
    /// Whether it insists on `sid` there.
    BackchannelLogoutSessionRequired,
    /// Where it hears of a sign-out from the browser.
    FrontchannelLogoutUri,
    /// Whether it insists on `iss` and `sid` there.
    FrontchannelLogoutSessionRequired,
    /// Which software it is.
    SoftwareId,
    /// Which version of it.
    SoftwareVersion,
    /// Texts for people in other languages, by their names with a language tag.
    Localized,
}

/// What the value of a member looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetadataShape {
    /// A text.
    Text,
    /// A list of texts.
    Texts,
    /// A whole number.
    Number,
    /// True or false.
    Flag,
    /// An object, kept as its JSON text.
    Object,
    /// Texts by name.
    Named,
}

impl MetadataMember {
    /// Every member, in the order of the specifications.
    pub const ALL: [Self; 26] = [
        Self::ApplicationType,
        Self::Contacts,
        Self::ClientUri,
        Self::LogoUri,
        Self::PolicyUri,
        Self::TosUri,
        Self::Jwks,
        Self::JwksUri,
        Self::SectorIdentifierUri,
        Self::SubjectType,
        Self::IdTokenSignedResponseAlg,
        Self::UserinfoSignedResponseAlg,
        Self::RequestObjectSigningAlg,
        Self::TokenEndpointAuthSigningAlg,
        Self::DefaultMaxAge,
        Self::RequireAuthTime,
        Self::DefaultAcrValues,
        Self::InitiateLoginUri,
        Self::RequestUris,
        Self::BackchannelLogoutUri,
        Self::BackchannelLogoutSessionRequired,
        Self::FrontchannelLogoutUri,
        Self::FrontchannelLogoutSessionRequired,
        Self::SoftwareId,
        Self::SoftwareVersion,
        Self::Localized,
    ];

    /// Its key on the wire and in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationType => "application_type",
            Self::Contacts => "contacts",
            Self::ClientUri => "client_uri",
            Self::LogoUri => "logo_uri",
            Self::PolicyUri => "policy_uri",
            Self::TosUri => "tos_uri",
            Self::Jwks => "jwks",
            Self::JwksUri => "jwks_uri",
            Self::SectorIdentifierUri => "sector_identifier_uri",
            Self::SubjectType => "subject_type",
            Self::IdTokenSignedResponseAlg => "id_token_signed_response_alg",
            Self::UserinfoSignedResponseAlg => "userinfo_signed_response_alg",
            Self::RequestObjectSigningAlg => "request_object_signing_alg",
            Self::TokenEndpointAuthSigningAlg => "token_endpoint_auth_signing_alg",
            Self::DefaultMaxAge => "default_max_age",
            Self::RequireAuthTime => "require_auth_time",
            Self::DefaultAcrValues => "default_acr_values",
            Self::InitiateLoginUri => "initiate_login_uri",
            Self::RequestUris => "request_uris",
            Self::BackchannelLogoutUri => "backchannel_logout_uri",
            Self::BackchannelLogoutSessionRequired => "backchannel_logout_session_required",
            Self::FrontchannelLogoutUri => "frontchannel_logout_uri",
            Self::FrontchannelLogoutSessionRequired => "frontchannel_logout_session_required",
            Self::SoftwareId => "software_id",
            Self::SoftwareVersion => "software_version",
            Self::Localized => "localized",
        }
    }

    /// The member with this key.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|member| member.as_str() == key)
    }

    /// What its value looks like.
    pub const fn shape(self) -> MetadataShape {
        match self {
            Self::Contacts | Self::DefaultAcrValues | Self::RequestUris => MetadataShape::Texts,
            Self::DefaultMaxAge => MetadataShape::Number,
            Self::RequireAuthTime
            | Self::BackchannelLogoutSessionRequired
            | Self::FrontchannelLogoutSessionRequired => MetadataShape::Flag,
            Self::Jwks => MetadataShape::Object,
            Self::Localized => MetadataShape::Named,
            _ => MetadataShape::Text,
        }
    }
}

/// The members that people read, which may also be there in other languages (RFC 7591 §2.2).
pub const LOCALIZED_MEMBERS: [&str; 5] =
    ["client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri"];
