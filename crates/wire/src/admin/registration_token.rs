//! The initial access token object (RFC 7591 §1.2): a permission to register clients.

use domain::{BaseUrl, RegistrationToken, RegistrationTokenDraft, Secret};
use serde::{Deserialize, Serialize};

use super::Fields;
use crate::json::JsonRefused;
use crate::text::optional_secret;
use crate::zendesk::{Date, PagingEnvelope};

/// One initial access token, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistrationTokenBody {
    /// The token.
    pub registration_token: RegistrationTokenObject,
}

/// A page of initial access tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistrationTokenList {
    /// The tokens.
    pub registration_tokens: Vec<RegistrationTokenObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// An initial access token. All keys but `full_token` are always present.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistrationTokenObject {
    /// The resource id.
    pub id: i64,
    /// Where it is.
    pub url: String,
    /// The admin to whom the clients belong.
    pub user_id: i64,
    /// What it is for.
    pub label: String,
    /// Its first nine characters.
    pub token: String,
    /// The whole token: in the reply that makes it, and never again.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_secret")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false))]
    pub full_token: Option<Secret>,
    /// How many clients it may register; null: any number.
    pub use_limit: Option<i64>,
    /// How many it has registered.
    pub use_count: i64,
    /// When it was made.
    pub created_at: Date,
    /// When it ends; null: when it is revoked.
    pub expires_at: Option<Date>,
    /// When it was last used.
    pub last_used_at: Option<Date>,
}

impl RegistrationTokenObject {
    /// The token.
    pub fn new(token: &RegistrationToken, base_url: &BaseUrl) -> Self {
        let id = token.id.get();
        Self {
            id,
            url: format!("{}/api/v1/registration_tokens/{id}.json", base_url.as_str()),
            user_id: token.user_id.get(),
            label: token.label.clone(),
            token: token.hint.clone(),
            full_token: None,
            use_limit: token.use_limit,
            use_count: token.use_count,
            created_at: token.created_at.into(),
            expires_at: token.expires_at.map(Date::from),
            last_used_at: token.used_at.map(Date::from),
        }
    }

    /// The token with all of it, to be told once.
    pub fn told(token: &RegistrationToken, full_token: Secret, base_url: &BaseUrl) -> Self {
        Self { full_token: Some(full_token), ..Self::new(token, base_url) }
    }
}

/// Reads the body that makes an initial access token.
pub fn registration_token_draft(body: &[u8]) -> Result<RegistrationTokenDraft, JsonRefused> {
    let mut fields = Fields::parse(body, "registration_token")?;
    Ok(RegistrationTokenDraft {
        label: fields.text("label").value().unwrap_or_default(),
        expires_at: fields.date("expires_at").value(),
        expires_in: fields.number("expires_in").value(),
        use_limit: fields.number("use_limit").value(),
        unreadable: fields.into_unreadable(),
    })
}

/// The body that makes an initial access token, for descriptions.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct RegistrationTokenRequestBody {
    /// The fields.
    pub registration_token: RegistrationTokenFields,
}

/// What such a body says.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct RegistrationTokenFields {
    /// What it is for.
    pub label: String,
    /// When it ends; not beside `expires_in`.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<String>,
    /// In how many seconds it ends.
    pub expires_in: Option<i64>,
    /// How many clients it may register.
    pub use_limit: Option<i64>,
}
