//! An authorization request that waits for a person: to sign in, or to allow or deny.

use crate::{AccountId, Id, SecretHash, Timestamp, UserId};

/// The id of an [`AuthorizationRequest`].
pub type AuthorizationRequestId = Id<AuthorizationRequest>;

/// A stored authorization request. Its handle is in the URL of the pages that it waits on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Its id.
    pub id: AuthorizationRequestId,
    /// The keyed hash of its handle.
    pub hash: SecretHash,
    /// The account it was made at.
    pub account_id: AccountId,
    /// The recognised parameters, form-encoded, exactly as received.
    pub parameters: String,
    /// The user the consent page was shown to; only he may decide.
    pub user_id: Option<UserId>,
    /// When it arrived: a sign-in after this satisfies `prompt=login`.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When the user decided.
    pub decided_at: Option<Timestamp>,
}
