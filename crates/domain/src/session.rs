//! A session: a signed-in browser.

use crate::{AccountId, Id, SecretHash, Timestamp, UserId};

/// The id of a [`Session`].
pub type SessionId = Id<Session>;

/// A signed-in browser. The cookie's value is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The keyed hash of the cookie's value.
    pub hash: SecretHash,
    /// The first of the sessions that it goes on with: each new sign-in of the same user in the same
    /// browser begins a new session. Its own id: it is the first.
    pub lineage_id: SessionId,
    /// The account it belongs to.
    pub account_id: AccountId,
    /// Who signed in.
    pub user_id: UserId,
    /// When the user last proved who he is.
    pub auth_time: Timestamp,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last used; may lag by a minute.
    pub last_seen_at: Timestamp,
    /// When it ends, however much it is used.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}
