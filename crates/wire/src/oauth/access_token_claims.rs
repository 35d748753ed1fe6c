//! The claims of a JWT access token (RFC 9068 §2.2).

use serde::Serialize;

use super::Audience;

/// The payload of a JWT access token; its header says `at+jwt`. Moments are whole seconds.
#[derive(Clone, Debug, Serialize)]
pub struct AccessTokenClaims<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// Whom the token is for.
    pub aud: &'a Audience,
    /// The user, or the client itself with client credentials.
    pub sub: &'a str,
    /// The client's identifier.
    pub client_id: &'a str,
    /// The scopes, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'a str>,
    /// When it was issued.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// Its own name, for deny lists.
    pub jti: &'a str,
    /// When the user signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How the user signed in (RFC 9068 §2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<&'a str>,
}
