//! A client's secret: several per client, each with its own end.

use domain::{BaseUrl, RecordedSecret, Secret, SecretDraft, Timestamp};
use serde::{Deserialize, Serialize};

use super::Fields;
use crate::json::JsonRefused;
use crate::text::optional_secret;
use crate::zendesk::{Date, PagingEnvelope, Patch};

/// A secret as the API shows it. All keys but `full_secret` are always present.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretObject {
    /// The resource id.
    pub id: i64,
    /// Where it is.
    pub url: String,
    /// The client's resource id.
    pub client_id: i64,
    /// What it is for.
    pub label: Option<String>,
    /// Its first nine characters.
    pub secret: String,
    /// The whole secret: in the reply that makes it, and never again.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_secret")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false))]
    pub full_secret: Option<Secret>,
    /// Who made it; null: the operator.
    pub created_by: Option<i64>,
    /// When it was made.
    pub created_at: Date,
    /// When it ends; null: when it is replaced or removed.
    pub expires_at: Option<Date>,
    /// When it was last used; null: never. May lag by a minute.
    pub last_used_at: Option<Date>,
}

impl SecretObject {
    /// What is kept of a secret.
    pub fn new(recorded: &RecordedSecret, base_url: &BaseUrl) -> Self {
        let (id, client_id) = (recorded.secret.id.get(), recorded.client_id.get());
        let base_url = base_url.as_str();
        Self {
            id,
            url: format!("{base_url}/api/v1/clients/{client_id}/secrets/{id}.json"),
            client_id,
            label: recorded.secret.label.clone(),
            secret: recorded.secret.hint.clone(),
            full_secret: None,
            created_by: recorded.created_by.map(domain::Id::get),
            created_at: recorded.secret.created_at.into(),
            expires_at: recorded.secret.expires_at.map(Date::from),
            last_used_at: recorded.used_at.map(Date::from),
        }
    }

    /// A secret with all of it, to be told once.
    pub fn told(recorded: &RecordedSecret, secret: Secret, base_url: &BaseUrl) -> Self {
        Self { full_secret: Some(secret), ..Self::new(recorded, base_url) }
    }
}

/// One secret, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretBody {
    /// The secret.
    pub secret: SecretObject,
}

/// The secrets of a client, as one page.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretList {
    /// The secrets.
    pub secrets: Vec<SecretObject>,
    /// Where the page stands: there is one.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// What a create or update says of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretRequest {
    /// What it is for.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub label: Patch<String>,
    /// When it ends.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Date>))]
    pub expires_at: Patch<Timestamp>,
    /// The same in seconds from now.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub expires_in: Patch<i64>,
    /// In how many seconds the client's other secrets end; of a create only.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub expire_others_in: Patch<i64>,
    /// The fields that were sent as something that cannot be read.
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub unreadable: Vec<&'static str>,
}

impl SecretRequest {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let mut fields = Fields::parse(body, "secret")?;
        Ok(Self {
            label: fields.text("label"),
            expires_at: fields.date("expires_at"),
            expires_in: fields.number("expires_in"),
            expire_others_in: fields.number("expire_others_in"),
            unreadable: fields.into_unreadable(),
        })
    }

    /// Changes the draft of a new or stored secret: null clears label and end. An end that is told
    /// from now on stands in for the stored one.
    pub fn apply_to(self, draft: &mut SecretDraft) {
        self.label.change(&mut draft.label);
        if self.expires_in != Patch::Absent && self.expires_at == Patch::Absent {
            draft.expires_at = None;
        }
        self.expires_at.change(&mut draft.expires_at);
        draft.expires_in = self.expires_in.value();
        draft.expire_others_in = self.expire_others_in.value();
        draft.unreadable = self.unreadable;
    }
}

/// The same in its wrapper, as it is sent.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct SecretRequestBody {
    /// What it says.
    pub secret: SecretRequest,
}
