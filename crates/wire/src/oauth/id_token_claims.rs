//! The claims of an ID token (OpenID Connect Core 1.0 §2).

use serde::Serialize;
use serde_json::{Map, Value};

/// The payload of an ID token. Moments are whole seconds.
#[derive(Clone, Debug, Serialize)]
pub struct IdTokenClaims<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// The user, as this client knows him.
    pub sub: &'a str,
    /// The identifier of the client; as it is the only audience, there is no `azp`.
    pub aud: &'a str,
    /// When it ends.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// When the user signed in.
    pub auth_time: i64,
    /// What the request brought, unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    /// What binds it to the access token beside it (§3.1.3.6).
    pub at_hash: &'a str,
    /// The class that the sign-in meets.
    pub acr: &'a str,
    /// How the user signed in (RFC 8176).
    pub amr: &'a [&'a str],
    /// The session (OpenID Connect Front-Channel Logout 1.0 §3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<&'a str>,
    /// What was asked for about the user; none of the names above.
    #[serde(flatten)]
    pub of_user: &'a Map<String, Value>,
}
