//! Authorization server metadata (RFC 8414 §2). What is not built is absent, never null.

use domain::{BaseUrl, GrantType};
use serde::{Deserialize, Serialize};

/// The document at `/.well-known/oauth-authorization-server`.
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
    /// How clients authenticate at the token endpoint.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// How clients authenticate at the revocation endpoint.
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// How clients authenticate at the introspection endpoint.
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// RFC 9207 §3.
    pub authorization_response_iss_parameter_supported: bool,
}

/// How a client may authenticate, beside `none`.
const SECRET_METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

impl ServerMetadata {
    /// The document of the account with this issuer.
    pub fn new(issuer: &BaseUrl, scopes_supported: Vec<String>) -> Self {
        let issuer = issuer.as_str();
        let any_method = [SECRET_METHODS[0], SECRET_METHODS[1], "none"];
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: format!("{issuer}/oauth/authorizations/new"),
            token_endpoint: format!("{issuer}/oauth/tokens"),
            jwks_uri: format!("{issuer}/.well-known/jwks.json"),
            revocation_endpoint: format!("{issuer}/oauth/tokens/revoke"),
            introspection_endpoint: format!("{issuer}/oauth/tokens/introspect"),
            scopes_supported,
            response_types_supported: list(&["code"]),
            response_modes_supported: list(&["query"]),
            grant_types_supported: list(&GrantType::ALL.map(GrantType::as_str)),
            code_challenge_methods_supported: list(&["S256"]),
            token_endpoint_auth_methods_supported: list(&any_method),
            revocation_endpoint_auth_methods_supported: list(&any_method),
            introspection_endpoint_auth_methods_supported: list(&SECRET_METHODS),
            authorization_response_iss_parameter_supported: true,
        }
    }
}

fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
