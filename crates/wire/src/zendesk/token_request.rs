//! The body of a token's create (zendesk-wire §4.3). Read-only and unknown keys are ignored.

use domain::{ClientId, TokenDraft};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, json};

use super::Patch;
use crate::admin::Fields;
use crate::json::JsonRefused;

/// What a create says; null counts as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewTokenRequest {
    /// The resource id of the client, not its identifier.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub client_id: Patch<i64>,
    /// The names of the scopes.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub scopes: Patch<Vec<String>>,
    /// How many seconds the token lasts.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub expires_in: Patch<i64>,
    /// The keys that were sent as something else.
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub unreadable: Vec<&'static str>,
}

/// The same in its wrapper, as it is sent.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct NewTokenRequestBody {
    /// What it says.
    pub token: NewTokenRequest,
}

impl NewTokenRequest {
    /// Reads a body. Without one, or without the key `token`, nothing is said of any field.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let mut fields = Fields::parse(body, "token")?;
        Ok(Self {
            client_id: fields.number("client_id"),
            scopes: fields.texts("scopes"),
            expires_in: fields.number("expires_in"),
            unreadable: fields.into_unreadable(),
        })
    }

    /// The same, to be judged.
    pub fn into_draft(self) -> TokenDraft {
        TokenDraft {
            client_id: self.client_id.value().map(ClientId::new),
            scopes: self.scopes.value(),
            expires_in: self.expires_in.value(),
            unreadable: self.unreadable,
        }
    }
}

/// The body as a caller writes it: what is absent is left out. `unreadable` is the reader's.
impl Serialize for NewTokenRequest {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut fields = Map::new();
        if let Patch::Value(client_id) = self.client_id {
            fields.insert("client_id".to_owned(), json!(client_id));
        }
        if let Patch::Value(scopes) = &self.scopes {
            fields.insert("scopes".to_owned(), json!(scopes));
        }
        if let Patch::Value(expires_in) = self.expires_in {
            fields.insert("expires_in".to_owned(), json!(expires_in));
        }
        let mut body = to.serialize_map(Some(1))?;
        body.serialize_entry("token", &fields)?;
        body.end()
    }
}
