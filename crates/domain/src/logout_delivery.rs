//! A logout token that a client is to receive (OpenID Connect Back-Channel Logout 1.0 §2.5).

use crate::{AccountId, ClientId, SessionId, Timestamp, UserId};

/// A delivery that a node has taken: nobody else tries it until its lease has run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutDelivery {
    /// The session that ended.
    pub session_id: SessionId,
    /// The client that hears of it.
    pub client_id: ClientId,
    /// The account whose session it was.
    pub account_id: AccountId,
    /// Whose session it was.
    pub user_id: UserId,
    /// How many tries have begun, this one included. It tells this lease from every other.
    pub attempts: i64,
    /// When the session ended.
    pub created_at: Timestamp,
}

/// How a delivery came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutOutcome {
    /// The client took the logout token.
    Delivered,
    /// The client answered that it could not sign the user out (§2.8).
    Refused,
    /// It did not answer as often as it was tried.
    GivenUp,
    /// The client is gone, or does not want to hear of it any more.
    Unwanted,
}

impl LogoutOutcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Delivered, Self::Refused, Self::GivenUp, Self::Unwanted];

    /// Its name in the database and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::GivenUp => "given_up",
            Self::Unwanted => "unwanted",
        }
    }

    /// The outcome of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}
