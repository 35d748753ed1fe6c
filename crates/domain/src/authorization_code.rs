//! An authorization code (RFC 6749 §4.1): what it is bound to, and who may redeem it.

use crate::{
    AccountId, ClientId, CodeChallenge, ExpiryBucket, GrantId, Id, ScopeSet, SecretHash, SessionId,
    Timestamp, TokenFamilyId, UserId,
};

/// The id of an [`AuthorizationCode`].
pub type AuthorizationCodeId = Id<AuthorizationCode>;

/// A code and everything it is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// Its id.
    pub id: AuthorizationCodeId,
    /// The expiry bucket that its handle begins with.
    pub bucket: ExpiryBucket,
    /// The keyed hash of the code.
    pub hash: SecretHash,
    /// The account it was issued in.
    pub account_id: AccountId,
    /// The client it was issued to.
    pub client_id: ClientId,
    /// The user who authorized it.
    pub user_id: UserId,
    /// The grant it stands under.
    pub grant_id: GrantId,
    /// The session it was authorized in.
    pub session_id: SessionId,
    /// The redirect URI of the authorization request, byte for byte.
    pub redirect_uri: String,
    /// The PKCE challenge, if one was sent.
    pub code_challenge: Option<CodeChallenge>,
    /// The scopes the user allowed.
    pub scopes: ScopeSet,
    /// The scopes the authorization request named.
    pub requested_scopes: ScopeSet,
    /// The resources the user allowed.
    pub resources: Vec<String>,
    /// The OpenID Connect `nonce`.
    pub nonce: Option<String>,
    /// The claims that were asked for one by one and allowed, as the text of a JSON object.
    pub claims: Option<String>,
    /// When the user signed in.
    pub auth_time: Timestamp,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How many wrong verifiers were presented.
    pub failed_attempts: i64,
    /// When it was redeemed.
    pub redeemed_at: Option<Timestamp>,
    /// The family that redeeming it began.
    pub family_id: Option<TokenFamilyId>,
}
