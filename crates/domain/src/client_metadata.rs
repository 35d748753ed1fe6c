//! What a client says of itself beyond OAuth 2.0: the metadata of OpenID Connect Dynamic Client
//! Registration 1.0 §2 and the logout specifications. A client that never said anything has the
//! defaults.

use crate::{Lifetime, SigningAlgorithm};

/// The metadata of a client; its names, redirect URIs, scopes and grant types stand in the client itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientMetadata {
    /// Where it runs: it decides what its redirect URIs may be.
    pub application_type: ApplicationType,
    /// Ways to reach the people who are responsible for it.
    pub contacts: Vec<String>,
    /// Its home page.
    pub client_uri: Option<String>,
    /// Its logo, elsewhere; it is shown only after it was fetched and drawn anew.
    pub logo_uri: Option<String>,
    /// How it uses people's data.
    pub policy_uri: Option<String>,
    /// Its terms of service.
    pub tos_uri: Option<String>,
    /// Its public keys, as the text of a JWK Set (RFC 7517 §5).
    pub jwks: Option<String>,
    /// Where its public keys are; never beside [`Self::jwks`].
    pub jwks_uri: Option<String>,
    /// What its pairwise subjects are derived from, beside other clients of the same owner.
    pub sector_identifier_uri: Option<String>,
    /// Which `sub` it is told.
    pub subject_type: SubjectType,
    /// What its ID tokens and logout tokens are signed with.
    pub id_token_signed_response_alg: SigningAlgorithm,
    /// What its userinfo replies are signed with; none: they are plain JSON.
    pub userinfo_signed_response_alg: Option<SigningAlgorithm>,
    /// What its request objects must be signed with; none: any algorithm that is supported.
    pub request_object_signing_alg: Option<SigningAlgorithm>,
    /// What its assertions must be signed with; none: any algorithm that is supported.
    pub token_endpoint_auth_signing_alg: Option<SigningAlgorithm>,
    /// How old a sign-in may be, where the request does not say.
    pub default_max_age: Option<Lifetime>,
    /// Whether it insists on `auth_time`, which every ID token has.
    pub require_auth_time: bool,
    /// How the user should sign in, where the request does not say; the first one counts most.
    pub default_acr_values: Vec<String>,
    /// Where somebody else begins a sign-in at it (OpenID Connect Core 1.0 §4).
    pub initiate_login_uri: Option<String>,
    /// Where its request objects may be (RFC 9101 §5.2).
    pub request_uris: Vec<String>,
    /// Where it hears of a sign-out from the server (Back-Channel Logout 1.0 §2.2).
    pub backchannel_logout_uri: Option<String>,
    /// Whether it insists on `sid` there.
    pub backchannel_logout_session_required: bool,
    /// Where it hears of a sign-out from the browser (Front-Channel Logout 1.0 §2).
    pub frontchannel_logout_uri: Option<String>,
    /// Whether it insists on `iss` and `sid` there.
    pub frontchannel_logout_session_required: bool,
    /// Which software it is an instance of (RFC 7591 §2).
    pub software_id: Option<String>,
    /// The version of that software.
    pub software_version: Option<String>,
    /// Texts and addresses for people in other languages, by their names with a language tag: `client_name#de`.
    pub localized: Vec<(String, String)>,
}

impl Default for ClientMetadata {
    fn default() -> Self {
        Self {
            application_type: ApplicationType::Web,
            contacts: Vec::new(),
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            jwks: None,
            jwks_uri: None,
            sector_identifier_uri: None,
            subject_type: SubjectType::Public,
            id_token_signed_response_alg: SigningAlgorithm::Rs256,
            userinfo_signed_response_alg: None,
            request_object_signing_alg: None,
            token_endpoint_auth_signing_alg: None,
            default_max_age: None,
            require_auth_time: false,
            default_acr_values: Vec::new(),
            initiate_login_uri: None,
            request_uris: Vec::new(),
            backchannel_logout_uri: None,
            backchannel_logout_session_required: false,
            frontchannel_logout_uri: None,
            frontchannel_logout_session_required: false,
            software_id: None,
            software_version: None,
            localized: Vec::new(),
        }
    }
}

/// Where a client runs (OpenID Connect Dynamic Client Registration 1.0 §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApplicationType {
    /// On a server or in a browser: its redirect URIs are `https`.
    #[default]
    Web,
    /// On a device: its redirect URIs are loopback or of a private scheme.
    Native,
}

impl ApplicationType {
    /// Its name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Native => "native",
        }
    }

    /// The type of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Web, Self::Native].into_iter().find(|it| it.as_str() == name)
    }
}

/// Which `sub` a client is told (OpenID Connect Core 1.0 §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubjectType {
    /// The same as every other client.
    #[default]
    Public,
    /// One that clients of other sectors cannot compare with theirs.
    Pairwise,
}

impl SubjectType {
    /// Every type, in the order they are announced.
    pub const ALL: [Self; 2] = [Self::Public, Self::Pairwise];

    /// Its name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Pairwise => "pairwise",
        }
    }

    /// The type of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}
