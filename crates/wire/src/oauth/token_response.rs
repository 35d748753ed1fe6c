//! The token response (RFC 6749 §5.1; zendesk-wire §6).

use domain::Secret;
use serde::{Deserialize, Serialize};

use crate::text::{optional_secret, secret};

/// Tokens, freshly issued.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenResponse {
    /// The access token.
    #[serde(with = "secret")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub access_token: Secret,
    /// How it is used.
    pub token_type: TokenType,
    /// The scopes granted, separated by spaces; always said.
    pub scope: String,
    /// Seconds until the access token ends; absent only if it never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i64>,
    /// The refresh token.
    #[serde(default, with = "optional_secret", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false))]
    pub refresh_token: Option<Secret>,
    /// Seconds until the refresh token ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token_expires_in: Option<i64>,
    /// The ID token, where `openid` is granted (OpenID Connect Core 1.0 §3.1.3.3).
    #[serde(default, with = "optional_secret", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false))]
    pub id_token: Option<Secret>,
}

/// How an access token is used; in lower case, as clients of Zendesk expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TokenType {
    /// RFC 6750.
    Bearer,
}
