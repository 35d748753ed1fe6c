//! Global clients as an account sees them (zendesk-wire §8): no secret, no redirect URIs.

use domain::{BaseUrl, GlobalClient};
use serde::{Deserialize, Serialize};

use super::{ApiError, Date, PagingEnvelope};
use crate::parameters::form_pairs;

/// A global client as the API shows it. All keys are always present.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GlobalClientObject {
    /// The resource id.
    pub id: i64,
    /// The OAuth `client_id`.
    pub identifier: String,
    /// Shown on the consent page.
    pub name: String,
    /// Shown on the consent page.
    pub company: Option<String>,
    /// Shown on the consent page.
    pub description: Option<String>,
    /// `public`, `confidential` or `unknown`.
    pub kind: String,
    /// Where its logo is.
    pub logo_url: Option<String>,
}

impl GlobalClientObject {
    /// The client, its logo at this base URL.
    pub fn new(client: &GlobalClient, base_url: &BaseUrl) -> Self {
        Self {
            id: client.id.get(),
            identifier: client.identifier.as_str().to_owned(),
            name: client.name.clone(),
            company: client.company.clone(),
            description: client.description.clone(),
            kind: client.kind.as_str().to_owned(),
            logo_url: client.logo_path().map(|path| format!("{}{path}", base_url.as_str())),
        }
    }
}

/// One global client, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GlobalClientBody {
    /// The client.
    pub global_client: GlobalClientObject,
}

/// A page of global clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GlobalClientList {
    /// The clients.
    pub global_clients: Vec<GlobalClientObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// What a global client has in the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenSummaryObject {
    /// The resource id.
    pub id: i64,
    /// When one of its tokens was last used; null: never.
    pub last_used_at: Option<Date>,
    /// How many tokens of the account it holds.
    pub tokens_count: i64,
}

impl From<&GlobalClient> for TokenSummaryObject {
    fn from(client: &GlobalClient) -> Self {
        Self {
            id: client.id.get(),
            last_used_at: client.last_used_at.map(Date::from),
            tokens_count: client.tokens_count,
        }
    }
}

/// A page of the summary of tokens. The key is that of the clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenSummaryList {
    /// What each client has.
    pub global_clients: Vec<TokenSummaryObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// What the summary of tokens is narrowed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SummaryFilters {
    /// This client alone.
    pub global_client_id: Option<i64>,
    /// Tokens count that have ended, too.
    pub include_expired: bool,
}

impl SummaryFilters {
    /// Reads a query without its question mark; what belongs to paging is left alone.
    pub fn parse(query: &[u8]) -> Result<Self, ApiError> {
        let (mut id, mut expired) = (None, None);
        for pair in form_pairs(query) {
            let (name, value) = pair.map_err(|refused| invalid(&refused.to_string()))?;
            let known = match &*name {
                "global_client_id" => &mut id,
                "include_expired" => &mut expired,
                _ => continue,
            };
            if known.replace(value).is_some() {
                return Err(invalid(&format!("{name} must not be repeated")));
            }
        }
        let id = id.filter(|value| !value.is_empty()).map(|value| value.parse());
        let id = id.transpose().map_err(|_| invalid("global_client_id must be an integer"))?;
        let include_expired = match expired.as_deref() {
            None | Some("" | "false") => false,
            Some("true") => true,
            Some(_) => return Err(invalid("include_expired must be true or false")),
        };
        Ok(Self { global_client_id: id, include_expired })
    }

    /// The filters as links repeat them.
    pub fn repeated(self) -> Vec<(&'static str, String)> {
        let id = self.global_client_id.map(|id| ("global_client_id", id.to_string()));
        let expired = self.include_expired.then(|| ("include_expired", "true".to_owned()));
        id.into_iter().chain(expired).collect()
    }
}

fn invalid(reason: &str) -> ApiError {
    ApiError::InvalidRequest(reason.to_owned())
}
