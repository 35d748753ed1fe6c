//! The message shapes of our own administration API, `/api/v1`: objects under the key of their noun,
//! errors and paging as in Zendesk's API.

mod account;
mod api_token;
mod audit_event;
mod client;
mod client_metadata;
mod client_secret;
mod fields;
mod filters;
mod global_client;
mod key;
mod registration_token;
mod resource;
mod scope;
mod user;

pub use account::{AccountBody, AccountList, AccountObject, AccountRequest};
#[cfg(feature = "openapi")]
pub use account::{AccountRequestBody, AccountSettingsBody};
#[cfg(feature = "openapi")]
pub use api_token::ApiTokenRequestBody;
pub use api_token::{ApiTokenBody, ApiTokenList, ApiTokenObject, ApiTokenRequest};
pub use audit_event::{
    ActorObject, AuditEventBody, AuditEventList, AuditEventObject, TargetObject, on_behalf_of,
};
#[cfg(feature = "openapi")]
pub use client::ClientExtrasBody;
pub use client::{ClientDetails, ClientDetailsBody, ClientDetailsList, ClientExtras};
pub use client_metadata::ClientMetadataObject;
#[cfg(feature = "openapi")]
pub use client_secret::SecretRequestBody;
pub use client_secret::{SecretBody, SecretList, SecretObject, SecretRequest};
pub use fields::Fields;
pub use filters::{FilterRefused, Filters};
#[cfg(feature = "openapi")]
pub use global_client::VerdictRequestBody;
pub use global_client::{
    AccountGlobalClientBody, AccountGlobalClientList, AccountGlobalClientObject,
    GlobalClientRequestBody, GlobalClientRequestList, GlobalClientRequestObject, PromotionBody,
    PromotionObject, RequestedClientObject, VerdictRequest,
};
#[cfg(feature = "openapi")]
pub use key::RotationRequestBody;
pub use key::{KeyBody, KeyList, KeyObject, RotationBody, RotationRequest};
#[cfg(feature = "openapi")]
pub use registration_token::RegistrationTokenRequestBody;
pub use registration_token::{
    RegistrationTokenBody, RegistrationTokenList, RegistrationTokenObject, registration_token_draft,
};
#[cfg(feature = "openapi")]
pub use resource::ResourceRequestBody;
pub use resource::{ResourceBody, ResourceList, ResourceObject, ResourceRequest};
#[cfg(feature = "openapi")]
pub use scope::ScopeRequestBody;
pub use scope::{ScopeBody, ScopeList, ScopeObject, ScopeRequest};
pub use user::{PasswordRequest, UserBody, UserList, UserObject, UserRequest};
#[cfg(feature = "openapi")]
pub use user::{PasswordRequestBody, UserRequestBody};
