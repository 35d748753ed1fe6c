//! The token object (zendesk-wire §4).

use domain::{BaseUrl, ScopeSet, Secret, Token};
use serde::{Deserialize, Serialize};

use super::Date;
use crate::text::optional_secret;

/// A token as the API shows it. Its keys are always present, but for `full_token`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenObject {
    /// The resource id.
    pub id: i64,
    /// The resource id of the client.
    pub client_id: i64,
    /// The user it acts as.
    pub user_id: i64,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// The first ten characters of the access token.
    pub token: String,
    /// The whole access token: in the reply of create only.
    #[serde(default, with = "optional_secret", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false))]
    pub full_token: Option<Secret>,
    /// The first ten characters of the refresh token.
    pub refresh_token: Option<String>,
    /// When it was issued.
    pub created_at: Date,
    /// When the access token ends; null: it does not.
    pub expires_at: Option<Date>,
    /// When the refresh token ends.
    pub refresh_token_expires_at: Option<Date>,
    /// When it was last used.
    pub used_at: Option<Date>,
    /// Where it is.
    pub url: String,
}

impl TokenObject {
    /// The token with what it begins with.
    pub fn new(token: &Token, base_url: &BaseUrl) -> Self {
        let id = token.id.get();
        Self {
            id,
            client_id: token.client_id.get(),
            user_id: token.user_id.get(),
            scopes: ScopeSet::to_vec(&token.scopes),
            token: token.hint.clone(),
            full_token: None,
            refresh_token: token.refresh_hint.clone(),
            created_at: token.created_at.into(),
            expires_at: token.expires_at.map(Date::from),
            refresh_token_expires_at: token.refresh_expires_at.map(Date::from),
            used_at: token.used_at.map(Date::from),
            url: format!("{}/api/v2/oauth/tokens/{id}.json", base_url.as_str()),
        }
    }

    /// The token just made, with the whole of it.
    pub fn with_full_token(token: &Token, full_token: Secret, base_url: &BaseUrl) -> Self {
        Self { full_token: Some(full_token), ..Self::new(token, base_url) }
    }
}

/// One token, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenBody {
    /// The token.
    pub token: TokenObject,
}
