//! What a client has beyond Zendesk's object: grant types, authentication, state.

use domain::{
    BaseUrl, Client, ClientDraft, ClientField, GrantType, MetadataMember, MetadataValue,
    RedirectUri, ScopeSet, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{ClientMetadataObject, Fields};
use crate::json::JsonRefused;
use crate::metadata_value;
use crate::zendesk::{Date, PagingEnvelope, Patch};

/// A client as our own API shows it. All keys are always present; none is a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientDetails {
    /// The resource id.
    pub id: i64,
    /// Where it is.
    pub url: String,
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
    /// `draft`, `pending`, `active` or `suspended`.
    pub state: String,
    /// The grant types it may use; null: what its kind allows.
    pub grant_types: Option<Vec<String>>,
    /// How it authenticates at the token endpoint; `any`: Basic or in the body.
    pub token_endpoint_auth_method: String,
    /// Where codes may be sent.
    pub redirect_uri: Vec<String>,
    /// Where a signed-out browser may be sent.
    pub post_logout_redirect_uris: Vec<String>,
    /// The allowed scopes; null: no ceiling.
    pub scopes: Option<Vec<String>>,
    /// Whether it may introspect every token of its account.
    pub resource_server: bool,
    /// Whether it works in every account.
    pub global: bool,
    /// The admin it belongs to.
    pub user_id: i64,
    /// Since when it has been its own: it registered by the protocol; null: an admin made it.
    pub registered_at: Option<Date>,
    /// What it says of itself beyond OAuth 2.0.
    #[serde(flatten)]
    pub metadata: ClientMetadataObject,
    /// When it was made.
    pub created_at: Date,
    /// When it was last changed.
    pub updated_at: Date,
}

impl ClientDetails {
    /// The client.
    pub fn new(client: &Client, base_url: &BaseUrl) -> Self {
        let id = client.id.get();
        let uris = |list: &[RedirectUri]| list.iter().map(|it| it.as_str().to_owned()).collect();
        let names =
            |types: &Vec<GrantType>| types.iter().map(|it| it.as_str().to_owned()).collect();
        Self {
            id,
            url: format!("{}/api/v1/clients/{id}.json", base_url.as_str()),
            identifier: client.identifier.as_str().to_owned(),
            name: client.name.clone(),
            company: client.company.clone(),
            description: client.description.clone(),
            kind: client.kind.as_str().to_owned(),
            state: client.state.as_str().to_owned(),
            grant_types: client.grant_types.as_ref().map(names),
            token_endpoint_auth_method: client.authentication_method.as_str().to_owned(),
            redirect_uri: uris(&client.redirect_uris),
            post_logout_redirect_uris: uris(&client.post_logout_redirect_uris),
            scopes: client.scopes.as_ref().map(ScopeSet::to_vec),
            resource_server: client.resource_server_at.is_some(),
            global: client.global_at.is_some(),
            user_id: client.user_id.get(),
            registered_at: client.registered_at.map(Date::from),
            metadata: (&client.metadata).into(),
            created_at: client.created_at.into(),
            updated_at: client.updated_at.into(),
        }
    }
}

/// One client, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientDetailsBody {
    /// The client.
    pub client: ClientDetails,
}

/// A page of clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientDetailsList {
    /// The clients.
    pub clients: Vec<ClientDetails>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// What an update says of a client; the rest of it is Zendesk's API to change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientExtras {
    /// Its grant types.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub grant_types: Patch<Vec<String>>,
    /// Where a signed-out browser may be sent.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub post_logout_redirect_uris: Patch<Vec<String>>,
    /// How it authenticates.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub token_endpoint_auth_method: Patch<String>,
    /// `active` or `suspended`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub state: Patch<String>,
    /// Whether it may introspect every token of its account.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    pub resource_server: Patch<bool>,
    /// The admin it belongs to.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub user_id: Patch<i64>,
    /// What it says of itself beyond OAuth 2.0: what is null becomes a default.
    #[cfg_attr(feature = "openapi", schema(value_type = ClientMetadataObject), serde(flatten))]
    pub metadata: Vec<(MetadataMember, Patch<MetadataValue>)>,
    #[cfg_attr(feature = "openapi", schema(ignore))]
    unreadable: Vec<ClientField>,
}

impl ClientExtras {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let mut fields = Fields::parse(body, "client")?;
        let extras = Self {
            grant_types: fields.texts(ClientField::GrantTypes.as_str()),
            post_logout_redirect_uris: fields.texts(ClientField::PostLogoutRedirectUris.as_str()),
            token_endpoint_auth_method: fields.text(ClientField::AuthenticationMethod.as_str()),
            state: fields.text(ClientField::State.as_str()),
            resource_server: fields.flag(ClientField::ResourceServer.as_str()),
            user_id: fields.number(ClientField::Owner.as_str()),
            metadata: MetadataMember::ALL.map(|it| (it, member(&mut fields, it))).into(),
            unreadable: Vec::new(),
        };
        let unreadable = fields.into_unreadable();
        let of_extras = [
            ClientField::GrantTypes,
            ClientField::PostLogoutRedirectUris,
            ClientField::AuthenticationMethod,
            ClientField::State,
            ClientField::ResourceServer,
            ClientField::Owner,
        ];
        let of_extras = of_extras.into_iter().chain(MetadataMember::ALL.map(ClientField::Metadata));
        let unreadable = of_extras.filter(|field| unreadable.contains(&field.as_str())).collect();
        Ok(Self { unreadable, ..extras })
    }

    /// Changes what is registered: null clears grant types and the authentication method, so that
    /// they follow from the kind.
    pub fn apply_to(self, draft: &mut ClientDraft, now: Timestamp) {
        self.grant_types.change(&mut draft.grant_types);
        self.token_endpoint_auth_method.change(&mut draft.authentication_method);
        if let Some(uris) = self.post_logout_redirect_uris.value() {
            draft.post_logout_redirect_uris = uris;
        }
        if let Some(flag) = self.resource_server.value() {
            draft.resource_server_at = flag.then(|| draft.resource_server_at.unwrap_or(now));
        }
        for (member, said) in self.metadata {
            match said {
                Patch::Absent => {}
                Patch::Null => draft.metadata.set(member, None),
                Patch::Value(value) => draft.metadata.set(member, Some(value)),
            }
        }
        draft.unreadable = self.unreadable;
    }
}

fn member(fields: &mut Fields, member: MetadataMember) -> Patch<MetadataValue> {
    fields.take(member.as_str(), |value| metadata_value::read(member, value))
}

/// The same in its wrapper, as it is sent.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct ClientExtrasBody {
    /// What it says.
    pub client: ClientExtras,
}
