//! A signing key of an account, and where it stands in its life.

use domain::{BaseUrl, RotationDraft, SigningKey};
use serde::{Deserialize, Serialize};

use super::Fields;
use crate::json::JsonRefused;
use crate::zendesk::{Date, PagingEnvelope, Patch};

/// A signing key as the API shows it: nothing of its private part. All keys are always present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyObject {
    /// The resource id.
    pub id: i64,
    /// Where it is.
    pub url: String,
    /// Its name in the JWKS, and in the headers of what it signs.
    pub kid: String,
    /// What it signs with: the JOSE name.
    pub algorithm: String,
    /// `next`, `current`, `retiring` or `retired`.
    pub state: String,
    /// When it was made.
    pub created_at: Date,
    /// When it began to sign; null: not yet, or with its making.
    pub current_at: Option<Date>,
    /// When it signed no more.
    pub retiring_at: Option<Date>,
    /// When it left the JWKS.
    pub retired_at: Option<Date>,
    /// When it was retired before its time.
    pub revoked_at: Option<Date>,
    /// When its next step is due.
    pub due_at: Option<Date>,
}

impl KeyObject {
    /// What is told of a key.
    pub fn new(key: &SigningKey, base_url: &BaseUrl) -> Self {
        let id = key.id.get();
        Self {
            id,
            url: format!("{}/api/v1/keys/{id}.json", base_url.as_str()),
            kid: key.kid.clone(),
            algorithm: key.algorithm.as_str().to_owned(),
            state: key.state.as_str().to_owned(),
            created_at: key.created_at.into(),
            current_at: key.current_at.map(Date::from),
            retiring_at: key.retiring_at.map(Date::from),
            retired_at: key.retired_at.map(Date::from),
            revoked_at: key.revoked_at.map(Date::from),
            due_at: key.due_at.map(Date::from),
        }
    }
}

/// One key, under its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyBody {
    /// The key.
    pub key: KeyObject,
}

/// A page of keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyList {
    /// The keys.
    pub keys: Vec<KeyObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// What a rotation comes to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotationBody {
    /// The next key of each algorithm that is rotated.
    pub keys: Vec<KeyObject>,
}

/// What a rotation is asked with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotationRequest {
    /// The algorithm to rotate; without one, all of them.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub algorithm: Patch<String>,
    /// The fields that were sent as something that cannot be read.
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub unreadable: Vec<&'static str>,
}

impl RotationRequest {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let mut fields = Fields::parse(body, "key")?;
        Ok(Self { algorithm: fields.text("algorithm"), unreadable: fields.into_unreadable() })
    }

    /// The rotation that is asked for: null counts as absent.
    pub fn into_draft(self) -> RotationDraft {
        RotationDraft { algorithm: self.algorithm.value(), unreadable: self.unreadable }
    }
}

/// The same in its wrapper, as it is sent.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct RotationRequestBody {
    /// What it says.
    pub key: RotationRequest,
}
