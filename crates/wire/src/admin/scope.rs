//! A scope of the account's catalogue: built in, or the account's own.

use ::percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use domain::{BaseUrl, ScopeDraft, ScopeEntry};
use serde::{Deserialize, Serialize};

use super::Fields;
use crate::json::JsonRefused;
use crate::zendesk::{PagingEnvelope, Patch};

/// What is written as it is in a segment of a path (RFC 3986 §3.3).
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// A scope as the API shows it. All keys are always present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(clippy::struct_excessive_bools, reason = "keys of a message, each of its own")]
pub struct ScopeObject {
    /// Its name in requests.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// A few words, as on a button.
    pub title: String,
    /// A sentence for the consent page.
    pub description: String,
    /// `low`, `medium` or `high`.
    pub risk: String,
    /// Whether a request without `scope` asks for it.
    pub default: bool,
    /// Whether a user may leave it out.
    pub optional: bool,
    /// Whether every account has a scope of this name.
    pub built_in: bool,
    /// Whether it is built in, and the account changed it; a DELETE undoes that.
    pub changed: bool,
}

impl ScopeObject {
    /// A scope of the catalogue.
    pub fn new(entry: &ScopeEntry, base_url: &BaseUrl) -> Self {
        let ScopeEntry { scope, is_built_in, is_own } = entry;
        let name = scope.name.as_str();
        let segment = utf8_percent_encode(name, SEGMENT);
        Self {
            name: name.to_owned(),
            url: format!("{}/api/v1/scopes/{segment}.json", base_url.as_str()),
            title: scope.title.clone(),
            description: scope.description.clone(),
            risk: scope.risk.as_str().to_owned(),
            default: scope.default_at.is_some(),
            optional: scope.optional_at.is_some(),
            built_in: *is_built_in,
            changed: *is_built_in && *is_own,
        }
    }
}

/// One scope, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeBody {
    /// The scope.
    pub scope: ScopeObject,
}

/// A page of scopes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeList {
    /// The scopes.
    pub scopes: Vec<ScopeObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// What a create or update says of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeRequest {
    /// Its name in requests; of a create only.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub name: Patch<String>,
    /// A few words, as on a button.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub title: Patch<String>,
    /// A sentence for the consent page; null: the title.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Patch<String>,
    /// `low`, `medium` or `high`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub risk: Patch<String>,
    /// Whether a request without `scope` asks for it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    pub default: Patch<bool>,
    /// Whether a user may leave it out.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    pub optional: Patch<bool>,
    /// The fields that were sent as something that cannot be read.
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub unreadable: Vec<&'static str>,
}

impl ScopeRequest {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let mut fields = Fields::parse(body, "scope")?;
        Ok(Self {
            name: fields.text("name"),
            title: fields.text("title"),
            description: fields.text("description"),
            risk: fields.text("risk"),
            default: fields.flag("default"),
            optional: fields.flag("optional"),
            unreadable: fields.into_unreadable(),
        })
    }

    /// Changes the draft of a new or stored scope: null makes the description the title, and counts as
    /// absent elsewhere.
    pub fn apply_to(self, draft: &mut ScopeDraft) {
        if let Some(name) = self.name.value() {
            draft.name = name;
        }
        if let Some(title) = self.title.value() {
            draft.title = title;
        }
        self.description.change(&mut draft.description);
        if let Some(risk) = self.risk.value() {
            draft.risk = Some(risk);
        }
        if let Some(is_default) = self.default.value() {
            draft.is_default = is_default;
        }
        if let Some(is_optional) = self.optional.value() {
            draft.is_optional = is_optional;
        }
        draft.unreadable = self.unreadable;
    }
}

/// The same in its wrapper, as it is sent.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct ScopeRequestBody {
    /// What it says.
    pub scope: ScopeRequest,
}
