//! The registration of a client that registered by itself: what it proves itself with when it changes
//! or removes it (RFC 7592), and when it ends unless it was used.

use crate::{AccountId, ClientId, RegistrationTokenId, SecretHash, Timestamp};

/// What is kept beside a client that registered. The registration access token itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfRegistration {
    /// The client.
    pub client_id: ClientId,
    /// Its account.
    pub account_id: AccountId,
    /// The keyed hash of the registration access token.
    pub hash: SecretHash,
    /// The initial access token that it was registered with; none: anybody could.
    pub registration_token_id: Option<RegistrationTokenId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends with its client, unless that was used lately.
    pub ends_at: Timestamp,
}
