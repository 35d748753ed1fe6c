//! The client object (zendesk-wire §3).

use domain::{BaseUrl, Client, ScopeSet, Secret};
use serde::{Deserialize, Serialize};

use super::Date;
use crate::text::secret;

/// A client as the API shows it. All keys are always present.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientObject {
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
    /// The redirect URIs: singular name, array value.
    pub redirect_uri: Vec<String>,
    /// The allowed scopes; null: no ceiling.
    pub scopes: Option<Vec<String>>,
    /// The secret; after its making only its first nine characters.
    #[serde(with = "secret")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub secret: Secret,
    /// Whether it works in every account.
    pub global: bool,
    /// Where its logo is.
    pub logo_url: Option<String>,
    /// The admin who made it.
    pub user_id: i64,
    /// When it was made.
    pub created_at: Date,
    /// When it was last changed.
    pub updated_at: Date,
    /// Where it is.
    pub url: String,
}

impl ClientObject {
    /// The client with its whole secret: for the replies of create and `generate_secret` only.
    pub fn with_secret(client: &Client, secret: &Secret, base_url: &BaseUrl) -> Self {
        Self::showing(client, secret.clone(), base_url)
    }

    /// The client with what its newest secret begins with.
    pub fn new(client: &Client, base_url: &BaseUrl) -> Self {
        let hint = client.newest_secret().map(|secret| secret.hint.clone()).unwrap_or_default();
        Self::showing(client, Secret::new(hint), base_url)
    }

    fn showing(client: &Client, secret: Secret, base_url: &BaseUrl) -> Self {
        let id = client.id.get();
        let uris = client.redirect_uris.iter().map(|uri| uri.as_str().to_owned());
        Self {
            id,
            identifier: client.identifier.as_str().to_owned(),
            name: client.name.clone(),
            company: client.company.clone(),
            description: client.description.clone(),
            kind: client.kind.as_str().to_owned(),
            redirect_uri: uris.collect(),
            scopes: client.scopes.as_ref().map(ScopeSet::to_vec),
            secret,
            global: client.global_at.is_some(),
            logo_url: client.logo_path().map(|path| format!("{}{path}", base_url.as_str())),
            user_id: client.user_id.get(),
            created_at: client.created_at.into(),
            updated_at: client.updated_at.into(),
            url: format!("{}/api/v2/oauth/clients/{id}.json", base_url.as_str()),
        }
    }
}

/// One client, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientBody {
    /// The client.
    pub client: ClientObject,
}

impl From<ClientObject> for ClientBody {
    fn from(client: ClientObject) -> Self {
        Self { client }
    }
}
