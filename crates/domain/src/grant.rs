//! A grant: what a user allowed a client, and when.

use crate::{AccountId, ClientId, Id, ScopeSet, Timestamp, UserId};

/// The id of a [`Grant`].
pub type GrantId = Id<Grant>;

/// A user's consent to a client. Revoking it ends every token under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// The account it was given in.
    pub account_id: AccountId,
    /// Who gave it.
    pub user_id: UserId,
    /// Who got it.
    pub client_id: ClientId,
    /// Everything allowed so far.
    pub scopes: ScopeSet,
    /// The resources allowed so far.
    pub resources: Vec<String>,
    /// When it was first given.
    pub created_at: Timestamp,
    /// When it was last given or widened.
    pub updated_at: Timestamp,
    /// When a token under it was last used.
    pub used_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}
