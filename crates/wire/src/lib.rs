//! What is said: the RFC and Zendesk message shapes of Consentry.
//!
//! Requests are parsed strictly here, once; replies are written here, byte for byte as the golden
//! files of the tests pin them. Nothing here knows a web framework, an HTTP type or SQL.

pub mod admin;
mod json;
mod metadata_value;
mod oauth;
mod parameters;
mod percent_encoding;
mod text;
pub mod zendesk;

pub use json::{JsonRefused, read_object, to_bytes};
pub use oauth::{
    AccessTokenClaims, ActiveToken, Audience, AuthenticationMetadata, AuthorizationCodeClaim,
    AuthorizationParameters, AuthorizationResponse, BearerToken, BearerTokenRefused,
    BodyCredentials, ClaimsRefused, ClaimsRequest, ClientInformation, ClientJwks, ClientKey,
    CredentialsRefused, ErrorCode, GrantRequest, IdTokenClaims, IntrospectionRequest,
    IntrospectionResponse, Jwk, Jwks, JwksRefused, KeyUse, LoginInitiation, LogoutEvent,
    LogoutParameters, LogoutTokenClaims, OauthError, OpenidMetadata, PresentedCredentials,
    PublicKey, RequestObjectRefused, RequestedClaim, RequestedClaims, RevocationRequest,
    ServerMetadata, TokenRequest, TokenResponse, TokenType, registration_request,
};
pub use parameters::{BodyFormat, ParameterNames, Parameters, ParametersRefused, PresentedSeconds};
