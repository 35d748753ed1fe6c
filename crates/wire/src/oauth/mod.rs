//! The messages of OAuth 2.0 and its extensions, one file each.

mod access_token_claims;
mod audience;
mod authorization_parameters;
mod authorization_response;
mod bearer_token;
mod claims_request;
mod client_jwks;
mod credentials;
mod error;
mod id_token_claims;
mod introspection;
mod jwks;
mod metadata;
mod revocation;
mod token_request;
mod token_response;

pub use access_token_claims::AccessTokenClaims;
pub use audience::Audience;
pub use authorization_parameters::AuthorizationParameters;
pub use authorization_response::AuthorizationResponse;
pub use bearer_token::{BearerToken, BearerTokenRefused};
pub use claims_request::{ClaimsRefused, ClaimsRequest, RequestedClaim, RequestedClaims};
pub use client_jwks::{ClientJwks, ClientKey, JwksRefused};
pub use credentials::{BodyCredentials, CredentialsRefused, PresentedCredentials};
pub use error::{ErrorCode, OauthError};
pub use id_token_claims::IdTokenClaims;
pub use introspection::{ActiveToken, IntrospectionRequest, IntrospectionResponse};
pub use jwks::{Jwk, Jwks, KeyUse, PublicKey};
pub use metadata::{AuthenticationMetadata, OpenidMetadata, ServerMetadata};
pub use revocation::RevocationRequest;
pub use token_request::{AuthorizationCodeClaim, GrantRequest, TokenRequest};
pub use token_response::{TokenResponse, TokenType};
