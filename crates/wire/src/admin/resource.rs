//! A resource (RFC 8707): an API that tokens are for.

use domain::{BaseUrl, Lifetime, Resource, ResourceDraft};
use serde::{Deserialize, Serialize};

use super::Fields;
use crate::json::JsonRefused;
use crate::zendesk::{Date, PagingEnvelope, Patch};

/// A resource as the API shows it. All keys are always present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResourceObject {
    /// The resource id.
    pub id: i64,
    /// Where it is.
    pub url: String,
    /// The resource indicator (RFC 8707 §2).
    pub identifier: String,
    /// What people call it.
    pub name: String,
    /// The scopes that mean something there; empty: all.
    pub scopes: Vec<String>,
    /// `opaque` or `jwt`.
    pub access_token_format: String,
    /// `RS256`, `ES256`, `EdDSA` or `PS256`: what signs its JWT access tokens.
    pub signing_algorithm: String,
    /// How many seconds its access tokens last; null: the default.
    pub access_token_lifetime: Option<i64>,
    /// The identifiers of the clients that may introspect every token for it.
    pub introspection_clients: Vec<String>,
    /// When it was made.
    pub created_at: Date,
    /// When it was last changed.
    pub updated_at: Date,
}

impl ResourceObject {
    /// The resource.
    pub fn new(resource: &Resource, base_url: &BaseUrl) -> Self {
        let id = resource.id.get();
        Self {
            id,
            url: format!("{}/api/v1/resources/{id}.json", base_url.as_str()),
            identifier: resource.identifier.clone(),
            name: resource.name.clone(),
            scopes: resource.scopes.iter().map(|name| name.as_str().to_owned()).collect(),
            access_token_format: resource.access_token_format.as_str().to_owned(),
            signing_algorithm: resource.signing_algorithm.as_str().to_owned(),
            access_token_lifetime: resource.access_token_lifetime.map(Lifetime::as_seconds),
            introspection_clients: resource.introspection_clients.clone(),
            created_at: resource.created_at.into(),
            updated_at: resource.updated_at.into(),
        }
    }
}

/// One resource, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResourceBody {
    /// The resource.
    pub resource: ResourceObject,
}

/// A page of resources.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResourceList {
    /// The resources.
    pub resources: Vec<ResourceObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// What a create or update says of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResourceRequest {
    /// The resource indicator: an absolute URI without fragment.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub identifier: Patch<String>,
    /// What people call it; null: its identifier.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub name: Patch<String>,
    /// The scopes that mean something there; empty or null: all.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub scopes: Patch<Vec<String>>,
    /// `opaque` or `jwt`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub access_token_format: Patch<String>,
    /// `RS256`, `ES256`, `EdDSA` or `PS256`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub signing_algorithm: Patch<String>,
    /// How many seconds its access tokens last; null: the default.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub access_token_lifetime: Patch<i64>,
    /// The identifiers of the clients that may introspect every token for it; null: none.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub introspection_clients: Patch<Vec<String>>,
    /// The fields that were sent as something that cannot be read.
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub unreadable: Vec<&'static str>,
}

impl ResourceRequest {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let mut fields = Fields::parse(body, "resource")?;
        Ok(Self {
            identifier: fields.text("identifier"),
            name: fields.text("name"),
            scopes: fields.texts("scopes"),
            access_token_format: fields.text("access_token_format"),
            signing_algorithm: fields.text("signing_algorithm"),
            access_token_lifetime: fields.number("access_token_lifetime"),
            introspection_clients: fields.texts("introspection_clients"),
            unreadable: fields.into_unreadable(),
        })
    }

    /// Changes the draft of a new or stored resource: null clears what can be empty, makes the name the
    /// identifier, and counts as absent elsewhere.
    pub fn apply_to(self, draft: &mut ResourceDraft) {
        if let Some(identifier) = self.identifier.value() {
            draft.identifier = identifier;
        }
        self.name.change(&mut draft.name);
        if let Some(format) = self.access_token_format.value() {
            draft.access_token_format = Some(format);
        }
        if let Some(algorithm) = self.signing_algorithm.value() {
            draft.signing_algorithm = Some(algorithm);
        }
        self.access_token_lifetime.change(&mut draft.access_token_lifetime);
        for (sent, list) in [
            (self.scopes, &mut draft.scopes),
            (self.introspection_clients, &mut draft.introspection_clients),
        ] {
            match sent {
                Patch::Absent => {}
                Patch::Null => list.clear(),
                Patch::Value(names) => *list = names,
            }
        }
        draft.unreadable = self.unreadable;
    }
}

/// The same in its wrapper, as it is sent.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct ResourceRequestBody {
    /// What it says.
    pub resource: ResourceRequest,
}
