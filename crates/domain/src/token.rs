//! Tokens: the access and refresh token of one issue, and the family they descend from.

use crate::{
    AccountId, ClientId, ExpiryBucket, GrantId, Id, ScopeSet, SecretHash, SessionId, Timestamp,
    UserId,
};

/// The id of a [`Token`].
pub type TokenId = Id<Token>;

/// The record of one issue: an access token and, where there is one, its refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// The expiry bucket that both handles begin with.
    pub bucket: ExpiryBucket,
    /// The keyed hash of the access token (of its `jti` when it is a JWT).
    pub hash: SecretHash,
    /// The keyed hash of the refresh token.
    pub refresh_hash: Option<SecretHash>,
    /// The account it belongs to.
    pub account_id: AccountId,
    /// The client it was issued to.
    pub client_id: ClientId,
    /// The user it acts as.
    pub user_id: UserId,
    /// The family; none for client credentials and tokens made through the API.
    pub family_id: Option<TokenFamilyId>,
    /// Its place in the family, counted from 1; [`Self::OF_ITS_USER`] where it was made for its user
    /// without a family.
    pub generation: i64,
    /// What it may be used for.
    pub scopes: ScopeSet,
    /// The resource identifiers it is for (RFC 8707); empty: the issuer.
    pub resources: Vec<String>,
    /// The first ten characters of the access token.
    pub hint: String,
    /// The first ten characters of the refresh token.
    pub refresh_hint: Option<String>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When the access token ends; none: it does not.
    pub expires_at: Option<Timestamp>,
    /// When the refresh token ends.
    pub refresh_expires_at: Option<Timestamp>,
    /// When the access token was last used.
    pub used_at: Option<Timestamp>,
    /// When its refresh token was exchanged for a successor.
    pub rotated_at: Option<Timestamp>,
    /// When it was revoked by itself; a family or grant may have ended it as well.
    pub revoked_at: Option<Timestamp>,
}

impl Token {
    /// The generation of a token that was made through the API: it acts as its user.
    pub const OF_ITS_USER: i64 = 0;

    /// Whether it stands for the client itself (client credentials), not for a user.
    pub const fn acts_as_client(&self) -> bool {
        self.family_id.is_none() && self.generation != Self::OF_ITS_USER
    }

    /// Whether both the access and the refresh token have ended.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        let has_ended = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        has_ended(self.expires_at) && self.refresh_expires_at.is_none_or(|at| at <= now)
    }
}

/// The id of a [`TokenFamily`].
pub type TokenFamilyId = Id<TokenFamily>;

/// What descends from one authorization: one live leaf at a time (RFC 9700 §4.14.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFamily {
    /// Its id.
    pub id: TokenFamilyId,
    /// The account it belongs to.
    pub account_id: AccountId,
    /// The client it was issued to.
    pub client_id: ClientId,
    /// The user who authorized it.
    pub user_id: UserId,
    /// The grant it stands under.
    pub grant_id: GrantId,
    /// The session it was begun in.
    pub session_id: Option<SessionId>,
    /// How the client proved itself when the code was exchanged.
    pub possession: Possession,
    /// The scopes the user authorized.
    pub scopes: ScopeSet,
    /// What the authorization request named and the user did not get: dropped, not refused, later.
    pub requested_scopes: ScopeSet,
    /// The resources the user authorized.
    pub resources: Vec<String>,
    /// The claims that were asked for one by one and allowed, as the text of a JSON object.
    pub claims: Option<String>,
    /// The generation of the live leaf.
    pub generation: i64,
    /// When the user signed in.
    pub auth_time: Timestamp,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it ends, whatever is refreshed.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// How the client proved itself when a code was exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Possession {
    /// By client authentication.
    ClientSecret,
    /// By the PKCE verifier alone.
    CodeVerifier,
}

impl Possession {
    /// Its name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecret => "client_secret",
            Self::CodeVerifier => "code_verifier",
        }
    }

    /// The possession of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::ClientSecret, Self::CodeVerifier].into_iter().find(|it| it.as_str() == name)
    }
}
