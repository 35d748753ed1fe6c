//! Global clients in our own API: what an account may do about them, what it asks of the operator, and what
//! the operator answers.

use domain::{BaseUrl, Client, GlobalClient, GlobalClientRequest, RedirectUri, ScopeSet};
use serde::{Deserialize, Serialize};

use super::Fields;
use crate::JsonRefused;
use crate::zendesk::{Date, GlobalClientObject, PagingEnvelope};

/// A global client, and what the account has to do with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountGlobalClientObject {
    /// The client.
    #[serde(flatten)]
    pub client: GlobalClientObject,
    /// Whether a user of the account has authorised it.
    pub authorized: bool,
    /// Whether the account wants none of it.
    pub blocked: bool,
    /// When one of its tokens was last used; null: never.
    pub last_used_at: Option<Date>,
    /// How many live tokens of the account it holds.
    pub tokens_count: i64,
}

impl AccountGlobalClientObject {
    /// The client, its logo at this base URL.
    pub fn new(client: &GlobalClient, base_url: &BaseUrl) -> Self {
        Self {
            client: GlobalClientObject::new(client, base_url),
            authorized: client.is_authorized,
            blocked: client.blocked_at.is_some(),
            last_used_at: client.last_used_at.map(Date::from),
            tokens_count: client.tokens_count,
        }
    }
}

/// One global client, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountGlobalClientBody {
    /// The client.
    pub global_client: AccountGlobalClientObject,
}

/// A page of global clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountGlobalClientList {
    /// The clients.
    pub global_clients: Vec<AccountGlobalClientObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// What an account asked for a client of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromotionObject {
    /// The id of the request.
    pub id: i64,
    /// The resource id of the client.
    pub client_id: i64,
    /// Who asked.
    pub user_id: i64,
    /// `pending`, `approved` or `refused`.
    pub state: String,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When it was asked.
    pub created_at: Date,
    /// When it was decided.
    pub decided_at: Option<Date>,
}

impl From<&GlobalClientRequest> for PromotionObject {
    fn from(request: &GlobalClientRequest) -> Self {
        Self {
            id: request.id.get(),
            client_id: request.client_id.get(),
            user_id: request.user_id.get(),
            state: request.state.as_str().to_owned(),
            reason: request.state.reason().map(str::to_owned),
            created_at: request.created_at.into(),
            decided_at: request.state.decided_at().map(Date::from),
        }
    }
}

/// What was asked, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromotionBody {
    /// What was asked.
    pub promotion: PromotionObject,
}

/// The same as the operator sees it: with the account that asks, and the client.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GlobalClientRequestObject {
    /// What was asked.
    #[serde(flatten)]
    pub promotion: PromotionObject,
    /// The slug of the account.
    pub account: String,
    /// The client as it is.
    pub client: RequestedClientObject,
}

/// What the operator decides by.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestedClientObject {
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
    /// The redirect URIs: singular name, array value.
    pub redirect_uri: Vec<String>,
    /// The allowed scopes; null: no ceiling.
    pub scopes: Option<Vec<String>>,
}

impl GlobalClientRequestObject {
    /// The request of an account for a client of its own.
    pub fn new(request: &GlobalClientRequest, account: &str, client: &Client) -> Self {
        let uris = client.redirect_uris.iter().map(RedirectUri::as_str);
        Self {
            promotion: request.into(),
            account: account.to_owned(),
            client: RequestedClientObject {
                identifier: client.identifier.as_str().to_owned(),
                name: client.name.clone(),
                company: client.company.clone(),
                description: client.description.clone(),
                kind: client.kind.as_str().to_owned(),
                redirect_uri: uris.map(str::to_owned).collect(),
                scopes: client.scopes.as_ref().map(ScopeSet::to_vec),
            },
        }
    }
}

/// One request, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GlobalClientRequestBody {
    /// The request.
    pub global_client_request: GlobalClientRequestObject,
}

/// A page of requests.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GlobalClientRequestList {
    /// The requests.
    pub global_client_requests: Vec<GlobalClientRequestObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// What the operator says to a request, as he sent it. What is not of the right type is not said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerdictRequest {
    /// `approved` or `refused`.
    pub state: Option<String>,
    /// Why it is refused.
    pub reason: Option<String>,
}

/// The same in its wrapper, as it is sent.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct VerdictRequestBody {
    /// What the operator says.
    pub global_client_request: VerdictRequest,
}

impl VerdictRequest {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let mut fields = Fields::parse(body, "global_client_request")?;
        let state = fields.text("state").value();
        Ok(Self { state, reason: fields.text("reason").value() })
    }
}
