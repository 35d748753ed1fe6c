//! What the OAuth endpoints take, as a form or as JSON. These are descriptions: `wire` reads the bodies.

use std::collections::BTreeMap;

use utoipa::ToSchema;
use wire::ActiveToken;

/// A token request (RFC 6749 §4.1.3, §4.4.2, §6).
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description of what wire::TokenRequest reads")]
pub(crate) struct TokenForm {
    /// `authorization_code`, `refresh_token` or `client_credentials`.
    grant_type: String,
    /// The client's identifier, unless it comes by HTTP Basic.
    client_id: Option<String>,
    /// The client's secret, unless it comes by HTTP Basic.
    client_secret: Option<String>,
    /// The code, with `authorization_code`.
    code: Option<String>,
    /// Where the code was sent.
    redirect_uri: Option<String>,
    /// The verifier of PKCE (RFC 7636 §4.5).
    code_verifier: Option<String>,
    /// The refresh token, with `refresh_token`.
    refresh_token: Option<String>,
    /// Names separated by spaces.
    scope: Option<String>,
    /// The resource that the token is for (RFC 8707 §2.2).
    resource: Option<String>,
    /// Seconds, 300 to 172,800.
    expires_in: Option<i64>,
    /// Seconds, 604,800 to 7,776,000.
    refresh_token_expires_in: Option<i64>,
}

/// A question about a token, or its revocation (RFC 7662 §2.1, RFC 7009 §2.1).
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description of what wire::IntrospectionRequest reads")]
pub(crate) struct TokenQueryForm {
    /// The token.
    token: String,
    /// `access_token` or `refresh_token`; a hint only.
    token_type_hint: Option<String>,
    /// The client's identifier, unless it comes by HTTP Basic.
    client_id: Option<String>,
    /// The client's secret, unless it comes by HTTP Basic.
    client_secret: Option<String>,
}

/// What is known of a token (RFC 7662 §2.2); of one that is not good, that alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description of what wire::IntrospectionResponse writes")]
pub(crate) struct IntrospectionReply {
    /// Whether it may be used now.
    active: bool,
    /// The rest, of an active token.
    #[serde(flatten)]
    token: Option<ActiveToken>,
}

/// An access token in a form (RFC 6750 §2.2).
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description of what wire::BearerToken reads")]
pub(crate) struct BearerForm {
    /// The access token, unless it stands in the `Authorization` header.
    access_token: Option<String>,
}

/// What is known of the user (OpenID Connect Core 1.0 §5.1), as far as scopes and requested claims go.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description of what protocol::userinfo tells")]
pub(crate) struct UserinfoReply {
    /// The user, as this client knows him.
    sub: String,
    /// Standard claims, by their names.
    #[serde(flatten)]
    claims: BTreeMap<String, serde_json::Value>,
}
