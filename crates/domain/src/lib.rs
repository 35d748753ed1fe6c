//! What is true: the entities, value objects and pure rules of Consentry.
//!
//! Nothing here does I/O, awaits, reads a clock or draws randomness.

mod account;
mod account_registration;
mod api_token;
mod audit;
mod authorization_code;
mod authorization_request;
mod base_url;
mod client;
mod client_fault;
mod client_identifier;
mod client_metadata;
mod client_registration;
mod client_secret;
mod email_address;
mod expiry_bucket;
mod failure_count;
mod global_client;
mod grant;
mod grant_type;
mod handle;
mod id;
mod key_policy;
mod logo;
mod logout_delivery;
mod logout_request;
mod pkce;
mod policy;
mod record_fault;
mod redirect_uri;
mod registration_token;
mod resource;
mod resource_draft;
mod rotation_draft;
mod scope;
mod scope_catalogue;
mod scope_draft;
mod scope_entry;
mod secret;
mod sector;
mod self_registration;
mod session;
mod signing_key;
mod standard_claim_values;
mod standard_claims;
mod time;
mod token;
mod token_draft;
mod user;
mod user_registration;
mod web_origin;

pub use account::{
    Account, AccountId, ApiTokenPolicy, ConsentPolicy, PkcePolicy, RegistrationPolicy,
    TokenExpiryPolicy,
};
pub use account_registration::{AccountDraft, AccountRegistration};
pub use api_token::{ApiToken, ApiTokenId};
pub use audit::{Actor, AuditEvent, AuditEventId};
pub use authorization_code::{AuthorizationCode, AuthorizationCodeId};
pub use authorization_request::{AuthorizationRequest, AuthorizationRequestId};
pub use base_url::{BaseUrl, BaseUrlRefused};
pub use client::{Client, ClientAuthenticationMethod, ClientId, ClientKind, ClientState};
pub use client_fault::{ClientFault, ClientField, FaultCode};
pub use client_identifier::{ClientIdentifier, ClientIdentifierPrefix, ClientIdentifierRefused};
pub use client_metadata::{ApplicationType, ClientMetadata, SubjectType};
pub use client_registration::{ClientDraft, ClientRegistration};
pub use client_secret::{ClientSecret, ClientSecretId, RecordedSecret, SecretDraft, SecretTerms};
pub use email_address::{EmailAddress, EmailAddressRefused};
pub use expiry_bucket::ExpiryBucket;
pub use failure_count::FailureCount;
pub use global_client::{GlobalClient, GlobalClientRequest, GlobalClientRequestId, RequestState};
pub use grant::{Grant, GrantId};
pub use grant_type::GrantType;
pub use handle::{Handle, HandleKind, HandlePrefix};
pub use id::Id;
pub use key_policy::KeyPolicy;
pub use logo::LogoHash;
pub use logout_delivery::{LogoutDelivery, LogoutOutcome};
pub use logout_request::{LogoutProgress, LogoutRequest, LogoutRequestId, SignedOutSession};
pub use pkce::{CodeChallenge, CodeVerifier, PkceRefused};
pub use policy::Policy;
pub use record_fault::{Checked, RecordFault, RecordFaults, bounded_text, required_text};
pub use redirect_uri::{RedirectUri, RedirectUriRefused};
pub use registration_token::{
    RegistrationToken, RegistrationTokenDraft, RegistrationTokenId, RegistrationTokenTerms,
};
pub use resource::{AccessTokenFormat, Resource, ResourceId, is_resource_indicator};
pub use resource_draft::{ResourceDraft, ResourceTerms, Surroundings};
pub use rotation_draft::RotationDraft;
pub use scope::{ScopeName, ScopeRefused, ScopeSet};
pub use scope_catalogue::{Risk, Scope, ScopeCatalogue};
pub use scope_draft::ScopeDraft;
pub use scope_entry::ScopeEntry;
pub use secret::{Secret, SecretHash};
pub use self_registration::SelfRegistration;
pub use session::{Session, SessionId};
pub use signing_key::{KeyState, SigningAlgorithm, SigningKey, SigningKeyId};
pub use standard_claims::StandardClaims;
pub use time::{Lifetime, Timestamp};
pub use token::{Possession, Token, TokenFamily, TokenFamilyId, TokenId};
pub use token_draft::{TokenDraft, TokenTerms};
pub use user::{Role, User, UserId};
pub use user_registration::{UserDraft, UserRegistration};
pub use web_origin::WebOrigin;
