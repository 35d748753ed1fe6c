//! An audit event: who did what to what, and when.

use crate::{AccountId, Id, Timestamp, UserId};

/// The id of an [`AuditEvent`].
pub type AuditEventId = Id<AuditEvent>;

/// One line of the audit log, written in the transaction of the change it tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its id.
    pub id: AuditEventId,
    /// The account it happened in.
    pub account_id: AccountId,
    /// When.
    pub occurred_at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What: a noun and a past participle, `client.created`.
    pub action: &'static str,
    /// The noun and id of what it was done to: `("client", 17)`.
    pub target: (&'static str, i64),
    /// Facts a reader needs, as the text of a JSON object without any secret.
    pub details: String,
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, through a page or the administration API.
    User(UserId),
    /// A person whose token runs a call for an end user: both did it.
    OnBehalf {
        /// Who called.
        caller: UserId,
        /// Whom the call acted as.
        user: UserId,
    },
    /// A client, through the protocol.
    Client(crate::ClientId),
    /// The operator, through the command line or an applied file.
    Operator,
    /// Consentry itself.
    System,
}

impl Actor {
    /// What kind of actor: its name in the database.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) | Self::OnBehalf { .. } => "user",
            Self::Client(_) => "client",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }

    /// The id, of a user or client: who really acted.
    pub const fn id(self) -> Option<i64> {
        match self {
            Self::User(id) | Self::OnBehalf { caller: id, .. } => Some(id.get()),
            Self::Client(id) => Some(id.get()),
            Self::Operator | Self::System => None,
        }
    }

    /// The end user in whose name he acted, if it was not his own.
    pub const fn on_behalf_of(self) -> Option<UserId> {
        match self {
            Self::OnBehalf { user, .. } => Some(user),
            Self::User(_) | Self::Client(_) | Self::Operator | Self::System => None,
        }
    }
}
