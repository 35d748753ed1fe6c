//! The body of a client's create and update (zendesk-wire §3). Read-only and unknown keys are
//! ignored; a value of the wrong type is a fault of its field, not of the request.

use domain::{ClientDraft, ClientField};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::Patch;
use crate::json::{JsonRefused, read_object};

/// What a create or update says, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientRequest {
    /// The name.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub name: Patch<String>,
    /// The OAuth `client_id`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub identifier: Patch<String>,
    /// The company.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub company: Patch<String>,
    /// The description.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Patch<String>,
    /// The kind.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub kind: Patch<String>,
    /// The redirect URIs; a plain string counts as one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub redirect_uri: Patch<Vec<String>>,
    /// The allowed scopes.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub scopes: Patch<Vec<String>>,
    /// The fields that were sent as something else than text or an array of it.
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub unreadable: Vec<ClientField>,
}

/// The same in its wrapper, as it is sent.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct ClientRequestBody {
    /// What it says.
    pub client: ClientRequest,
}

impl ClientRequest {
    /// Reads a body. Without one, or without the key `client`, nothing is said of any field.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let fields = match read_object(body)?.remove("client") {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let mut reading = Reading { fields, unreadable: Vec::new() };
        Ok(Self {
            name: reading.field(ClientField::Name, text),
            identifier: reading.field(ClientField::Identifier, text),
            company: reading.field(ClientField::Company, text),
            description: reading.field(ClientField::Description, text),
            kind: reading.field(ClientField::Kind, text),
            redirect_uri: reading.field(ClientField::RedirectUris, one_or_more_texts),
            scopes: reading.field(ClientField::Scopes, texts),
            unreadable: reading.unreadable,
        })
    }

    /// Changes the draft of a new or stored client: null clears `company`, `description` and
    /// `scopes`, and counts as absent elsewhere.
    pub fn apply_to(self, draft: &mut ClientDraft) {
        if let Some(name) = self.name.value() {
            draft.name = name;
        }
        if let Some(identifier) = self.identifier.value() {
            draft.identifier = identifier;
        }
        if let Some(kind) = self.kind.value() {
            draft.kind = Some(kind);
        }
        if let Some(redirect_uris) = self.redirect_uri.value() {
            draft.redirect_uris = redirect_uris;
        }
        self.company.change(&mut draft.company);
        self.description.change(&mut draft.description);
        self.scopes.change(&mut draft.scopes);
        draft.unreadable = self.unreadable;
    }
}

/// The body as a caller writes it: what is absent is left out. `unreadable` is the reader's.
impl Serialize for ClientRequest {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut fields = Map::new();
        write(&mut fields, ClientField::Name, &self.name);
        write(&mut fields, ClientField::Identifier, &self.identifier);
        write(&mut fields, ClientField::Company, &self.company);
        write(&mut fields, ClientField::Description, &self.description);
        write(&mut fields, ClientField::Kind, &self.kind);
        write(&mut fields, ClientField::RedirectUris, &self.redirect_uri);
        write(&mut fields, ClientField::Scopes, &self.scopes);
        let mut body = to.serialize_map(Some(1))?;
        body.serialize_entry("client", &fields)?;
        body.end()
    }
}

fn write<T: Serialize>(fields: &mut Map<String, Value>, field: ClientField, patch: &Patch<T>) {
    let value = match patch {
        Patch::Absent => return,
        Patch::Null => Value::Null,
        Patch::Value(value) => json!(value),
    };
    fields.insert(field.as_str().to_owned(), value);
}

struct Reading {
    fields: Map<String, Value>,
    unreadable: Vec<ClientField>,
}

impl Reading {
    fn field<T>(&mut self, field: ClientField, read: fn(Value) -> Option<T>) -> Patch<T> {
        match self.fields.remove(field.as_str()) {
            None => Patch::Absent,
            Some(Value::Null) => Patch::Null,
            Some(value) => read(value).map_or_else(
                || {
                    self.unreadable.push(field);
                    Patch::Absent
                },
                Patch::Value,
            ),
        }
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.into_iter().map(text).collect(),
        _ => None,
    }
}

fn one_or_more_texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::String(only) => Some(vec![only]),
        several => texts(several),
    }
}
