//! The audit event object: who did what to what, and when.

use domain::{Actor, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::zendesk::{Date, PagingEnvelope};

/// One event, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEventBody {
    /// The event.
    pub audit_event: AuditEventObject,
}

/// A page of events.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEventList {
    /// The events.
    pub audit_events: Vec<AuditEventObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// One line of the audit log. All keys are always present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEventObject {
    /// The resource id.
    pub id: i64,
    /// Where it is.
    pub url: String,
    /// When it happened.
    pub occurred_at: Date,
    /// Who really did it.
    pub actor: ActorObject,
    /// The user in whose name he did it, if it was not his own.
    pub on_behalf_of: Option<i64>,
    /// What: a noun and a past participle, `client.created`.
    pub action: String,
    /// What it was done to.
    pub target: TargetObject,
    /// Facts for the reader, never a secret.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub details: Map<String, Value>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActorObject {
    /// `user`, `client`, `operator` (by the command line or an applied file) or `system`.
    pub kind: String,
    /// The id of a user or client.
    pub id: Option<i64>,
}

/// What something was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TargetObject {
    /// The noun.
    pub kind: String,
    /// The id.
    pub id: i64,
}

impl From<Actor> for ActorObject {
    fn from(actor: Actor) -> Self {
        Self { kind: actor.kind().to_owned(), id: actor.id() }
    }
}

/// The id of the user in whose name somebody acted.
pub fn on_behalf_of(actor: Actor) -> Option<i64> {
    actor.on_behalf_of().map(UserId::get)
}
