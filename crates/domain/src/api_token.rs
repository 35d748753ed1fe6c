//! An API token: a person's static credential for the administration API.

use crate::{AccountId, Id, SecretHash, Timestamp, UserId};

/// The id of an [`ApiToken`].
pub type ApiTokenId = Id<ApiToken>;

/// A personal credential. The token itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// The account it belongs to.
    pub account_id: AccountId,
    /// Who it acts as.
    pub user_id: UserId,
    /// What it is for.
    pub label: String,
    /// The keyed hash of the token.
    pub hash: SecretHash,
    /// Its first nine characters.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}
