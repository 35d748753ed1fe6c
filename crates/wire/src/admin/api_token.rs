//! The API token object: a person's static credential for the administration APIs.

use domain::{ApiToken, BaseUrl, Secret};
use serde::{Deserialize, Serialize};

use super::Fields;
use crate::json::JsonRefused;
use crate::text::optional_secret;
use crate::zendesk::{Date, PagingEnvelope};

/// One API token, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiTokenBody {
    /// The API token.
    pub api_token: ApiTokenObject,
}

/// A page of API tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiTokenList {
    /// The API tokens.
    pub api_tokens: Vec<ApiTokenObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// An API token. All keys but `full_token` are always present.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiTokenObject {
    /// The resource id.
    pub id: i64,
    /// Where it is.
    pub url: String,
    /// Whom it acts as.
    pub user_id: i64,
    /// What it is for.
    pub label: String,
    /// Its first nine characters.
    pub token: String,
    /// The whole token: in the reply that makes it, and never again.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_secret")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false))]
    pub full_token: Option<Secret>,
    /// When it was made.
    pub created_at: Date,
    /// When it was last used; may lag behind.
    pub last_used_at: Option<Date>,
}

impl ApiTokenObject {
    /// The API token.
    pub fn new(token: &ApiToken, base_url: &BaseUrl) -> Self {
        let id = token.id.get();
        Self {
            id,
            url: format!("{}/api/v1/api_tokens/{id}.json", base_url.as_str()),
            user_id: token.user_id.get(),
            label: token.label.clone(),
            token: token.hint.clone(),
            full_token: None,
            created_at: token.created_at.into(),
            last_used_at: token.used_at.map(Date::from),
        }
    }

    /// The API token with all of it, to be told once.
    pub fn told(token: &ApiToken, full_token: Secret, base_url: &BaseUrl) -> Self {
        Self { full_token: Some(full_token), ..Self::new(token, base_url) }
    }
}

/// The body that makes an API token.
#[derive(Debug)]
pub struct ApiTokenRequest {
    /// What it is for.
    pub label: String,
    /// What was sent as something else than text.
    pub unreadable: Vec<&'static str>,
}

impl ApiTokenRequest {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let mut fields = Fields::parse(body, "api_token")?;
        let label = fields.text("label").value().unwrap_or_default();
        Ok(Self { label, unreadable: fields.into_unreadable() })
    }
}

/// The body that makes an API token, for descriptions.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct ApiTokenRequestBody {
    /// The fields.
    pub api_token: ApiTokenFields,
}

/// What such a body says.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct ApiTokenFields {
    /// What it is for.
    pub label: String,
}
