//! Why no token is issued, and the code that says so (RFC 6749 §5.2).

use wire::{ErrorCode, OauthError};

use crate::client_authentication::ClientRefused;

/// Why no token is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// The client did not authenticate.
    #[error(transparent)]
    Client(#[from] ClientRefused),
    /// An unknown grant type, `password` among them.
    #[error("this grant_type is not supported")]
    GrantTypeUnsupported,
    /// Not open to this client or kind.
    #[error("this client may not use this grant_type")]
    GrantTypeNotAllowed,
    /// No `code`.
    #[error("code is missing")]
    CodeMissing,
    /// No `refresh_token`.
    #[error("refresh_token is missing")]
    RefreshTokenMissing,
    /// `expires_in` is out of range.
    #[error(
        "expires_in must be a whole number of seconds from 300 to 172800, and not above the refresh lifetime"
    )]
    LifetimeInvalid,
    /// `refresh_token_expires_in` is out of range.
    #[error("refresh_token_expires_in must be a whole number of seconds from 604800 to 7776000")]
    RefreshLifetimeInvalid,
    /// Unknown, expired, used, of another client, or with the wrong redirect URI or verifier.
    #[error("the authorization code is not valid for this request")]
    CodeInvalid,
    /// Unknown, expired, revoked, reused or of another client.
    #[error("the refresh token is not valid for this client")]
    RefreshTokenInvalid,
    /// The scope is malformed, unknown, never authorized or beyond the ceiling.
    #[error("the scope is malformed, unknown, or beyond what was authorized")]
    ScopeInvalid,
    /// No scope, and nothing to take instead (RFC 6749 §3.3).
    #[error("no scope was asked for, and this account has no default scopes")]
    ScopeMissing,
    /// RFC 8707 §2.
    #[error("the resource is unknown or was not authorized")]
    TargetInvalid,
    /// The user that the client acts as is of another account.
    #[error("this client acts as a user of another account: it gets this grant_type there only")]
    OwnerElsewhere,
    /// The user that the client acts as may not.
    #[error("the user this client acts as is suspended or removed")]
    OwnerInactive,
}

impl TokenRefused {
    /// The error on the wire.
    pub fn error(self) -> OauthError {
        OauthError::new(self.code(), self.to_string())
    }

    fn code(self) -> ErrorCode {
        match self {
            Self::Client(refused) => client_code(refused),
            Self::GrantTypeUnsupported => ErrorCode::UnsupportedGrantType,
            Self::GrantTypeNotAllowed | Self::OwnerElsewhere | Self::OwnerInactive => {
                ErrorCode::UnauthorizedClient
            }
            Self::CodeMissing
            | Self::RefreshTokenMissing
            | Self::LifetimeInvalid
            | Self::RefreshLifetimeInvalid => ErrorCode::InvalidRequest,
            Self::CodeInvalid | Self::RefreshTokenInvalid => ErrorCode::InvalidGrant,
            Self::ScopeInvalid | Self::ScopeMissing => ErrorCode::InvalidScope,
            Self::TargetInvalid => ErrorCode::InvalidTarget,
        }
    }
}

/// The code of a failed client authentication; also at introspection and revocation.
pub(crate) fn client_code(refused: ClientRefused) -> ErrorCode {
    match refused {
        ClientRefused::Credentials(refused) => refused.error_code(),
        ClientRefused::Failed => ErrorCode::InvalidClient,
        ClientRefused::Throttled(_) => ErrorCode::TemporarilyUnavailable,
    }
}
