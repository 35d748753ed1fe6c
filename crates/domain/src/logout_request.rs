//! A request at the logout endpoint that is remembered for a while (OpenID Connect RP-Initiated Logout 1.0 §2).

use crate::{AccountId, ClientId, Id, SecretHash, SessionId, Timestamp};

/// The id of a [`LogoutRequest`].
pub type LogoutRequestId = Id<LogoutRequest>;

/// A remembered request. Its handle is in the URL of the page that goes on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutRequest {
    /// Its id.
    pub id: LogoutRequestId,
    /// The keyed hash of its handle.
    pub hash: SecretHash,
    /// The account it was made at.
    pub account_id: AccountId,
    /// How far it has come.
    pub progress: LogoutProgress,
    /// When it arrived.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// How far a request has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoutProgress {
    /// It came by POST, and waits for its browser to come back by GET.
    Posted {
        /// The recognised parameters, form-encoded, exactly as received.
        parameters: String,
    },
    /// The user has signed out.
    Done(SignedOutSession),
}

/// What is left to be done when a session has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOutSession {
    /// The first of the sessions that ended.
    pub lineage_id: SessionId,
    /// The client that asked for it.
    pub client_id: Option<ClientId>,
    /// Where the browser goes on to: a registered URI of that client with its `state`.
    pub destination: Option<String>,
}
