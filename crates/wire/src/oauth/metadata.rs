//! Provider and authorization server metadata (OpenID Connect Discovery 1.0 §3, RFC 8414 §2): one
//! message for both documents. What is not built is absent, never null.

use domain::{BaseUrl, GrantType, SigningAlgorithm};
use serde::{Deserialize, Serialize};

/// How a client may authenticate with a secret.
const SECRET_METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

/// The scopes of OpenID Connect Core §5.4 and §11.
const OPENID_SCOPES: [&str; 6] =
    ["openid", "profile", "email", "address", "phone", "offline_access"];

/// The claims that ID tokens and userinfo can have (OpenID Connect Core §2, §5.1).
const CLAIMS: [&str; 30] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "sid",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
];

/// The documents at `/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerMetadata {
    /// The account's issuer.
    pub issuer: String,
    /// Where authorization requests go.
    pub authorization_endpoint: String,
    /// Where token requests go.
    pub token_endpoint: String,
    /// Where the public keys are.
    pub jwks_uri: String,
    /// RFC 7009.
    pub revocation_endpoint: String,
    /// RFC 7662.
    pub introspection_endpoint: String,
    /// RFC 7591, where clients may register by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub registration_endpoint: Option<String>,
    /// The scopes worth knowing: not the whole catalogue.
    pub scopes_supported: Vec<String>,
    /// `code` only.
    pub response_types_supported: Vec<String>,
    /// How the response travels.
    pub response_modes_supported: Vec<String>,
    /// Always said, as its default would include `implicit`.
    pub grant_types_supported: Vec<String>,
    /// RFC 7636: `S256` only.
    pub code_challenge_methods_supported: Vec<String>,
    /// RFC 9207 §3.
    pub authorization_response_iss_parameter_supported: bool,
    /// How clients authenticate.
    #[serde(flatten)]
    pub authentication: AuthenticationMetadata,
    /// OpenID Connect.
    #[serde(flatten)]
    pub openid: OpenidMetadata,
}

/// How clients authenticate at the endpoints that they call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AuthenticationMetadata {
    /// At the token endpoint.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// What an assertion may be signed with there.
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// At the revocation endpoint.
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// What an assertion may be signed with there.
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// At the introspection endpoint.
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// What an assertion may be signed with there.
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
}

/// What OpenID Connect adds: Discovery §3, and the four logout specifications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "keys of a message, each of its own")]
pub struct OpenidMetadata {
    /// Where claims of a user are read.
    pub userinfo_endpoint: String,
    /// RP-Initiated Logout §2.1.
    pub end_session_endpoint: String,
    /// Session Management §3.3, where it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub check_session_iframe: Option<String>,
    /// Whether a user is the same to all clients, or another to each.
    pub subject_types_supported: Vec<String>,
    /// What ID tokens may be signed with.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// What userinfo may be signed with.
    pub userinfo_signing_alg_values_supported: Vec<String>,
    /// What request objects may be signed with: never `none`.
    pub request_object_signing_alg_values_supported: Vec<String>,
    /// Request objects by value.
    pub request_parameter_supported: bool,
    /// Request objects by reference; absent would mean yes.
    pub request_uri_parameter_supported: bool,
    /// By registered references only.
    pub require_request_uri_registration: bool,
    /// The `claims` parameter.
    pub claims_parameter_supported: bool,
    /// Claims are said, not referred to.
    pub claim_types_supported: Vec<String>,
    /// The claims that there may be.
    pub claims_supported: Vec<String>,
    /// The classes that a sign-in can meet.
    pub acr_values_supported: Vec<String>,
    /// Initiating User Registration §4.1 names the member.
    pub prompt_values_supported: Vec<String>,
    /// The languages of our pages.
    pub ui_locales_supported: Vec<String>,
    /// Front-Channel Logout §3.
    pub frontchannel_logout_supported: bool,
    /// Whether `iss` and `sid` come with it.
    pub frontchannel_logout_session_supported: bool,
    /// Back-Channel Logout §2.1.
    pub backchannel_logout_supported: bool,
    /// Whether logout tokens have a `sid`.
    pub backchannel_logout_session_supported: bool,
}

impl ServerMetadata {
    /// The document of the account with this issuer, and these scopes beside those of OpenID Connect.
    pub fn new(issuer: &BaseUrl, scopes: Vec<String>) -> Self {
        let issuer = issuer.as_str();
        let mut scopes_supported = list(&OPENID_SCOPES);
        scopes_supported
            .extend(scopes.into_iter().filter(|it| !OPENID_SCOPES.contains(&it.as_str())));
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: format!("{issuer}/oauth/authorizations/new"),
            token_endpoint: format!("{issuer}/oauth/tokens"),
            jwks_uri: format!("{issuer}/.well-known/jwks.json"),
            revocation_endpoint: format!("{issuer}/oauth/tokens/revoke"),
            introspection_endpoint: format!("{issuer}/oauth/tokens/introspect"),
            registration_endpoint: None,
            scopes_supported,
            response_types_supported: list(&["code"]),
            response_modes_supported: list(&["query", "form_post"]),
            grant_types_supported: list(&GrantType::ALL.map(GrantType::as_str)),
            code_challenge_methods_supported: list(&["S256"]),
            authorization_response_iss_parameter_supported: true,
            authentication: AuthenticationMetadata::new(),
            openid: OpenidMetadata::new(issuer),
        }
    }

    /// The same where clients may register by themselves.
    #[must_use]
    pub fn with_registration(mut self) -> Self {
        self.registration_endpoint = Some(format!("{}/oauth/register", self.issuer));
        self
    }

    /// The same where clients may watch the session.
    #[must_use]
    pub fn with_session_iframe(mut self) -> Self {
        self.openid.check_session_iframe = Some(format!("{}/oauth/session", self.issuer));
        self
    }

    /// The same with the classes that a sign-in can meet.
    #[must_use]
    pub fn with_acr_values(mut self, values: &[&str]) -> Self {
        self.openid.acr_values_supported = list(values);
        self
    }
}

impl AuthenticationMetadata {
    fn new() -> Self {
        let [basic, post] = SECRET_METHODS;
        let any_method = list(&[basic, post, "private_key_jwt", "none"]);
        let algorithms = algorithms();
        Self {
            token_endpoint_auth_methods_supported: any_method.clone(),
            token_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
            revocation_endpoint_auth_methods_supported: any_method,
            revocation_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
            introspection_endpoint_auth_methods_supported: list(&[basic, post, "private_key_jwt"]),
            introspection_endpoint_auth_signing_alg_values_supported: algorithms,
        }
    }
}

impl OpenidMetadata {
    fn new(issuer: &str) -> Self {
        let algorithms = algorithms();
        Self {
            userinfo_endpoint: format!("{issuer}/oauth/userinfo"),
            end_session_endpoint: format!("{issuer}/logout"),
            check_session_iframe: None,
            subject_types_supported: list(&["public", "pairwise"]),
            id_token_signing_alg_values_supported: algorithms.clone(),
            userinfo_signing_alg_values_supported: algorithms.clone(),
            request_object_signing_alg_values_supported: algorithms,
            request_parameter_supported: true,
            request_uri_parameter_supported: true,
            require_request_uri_registration: true,
            claims_parameter_supported: true,
            claim_types_supported: list(&["normal"]),
            claims_supported: list(&CLAIMS),
            acr_values_supported: Vec::new(),
            prompt_values_supported: list(&["none", "login", "consent", "select_account"]),
            ui_locales_supported: list(&["en"]),
            frontchannel_logout_supported: true,
            frontchannel_logout_session_supported: true,
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
        }
    }
}

/// What we sign with, and verify.
fn algorithms() -> Vec<String> {
    list(&SigningAlgorithm::ALL.map(SigningAlgorithm::as_str))
}

fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
