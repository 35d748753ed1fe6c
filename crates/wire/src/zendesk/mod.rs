//! The message shapes of Zendesk's OAuth API, as zendesk-wire.md pins them. They stand nowhere else.

mod api_credentials;
mod api_error;
mod client;
mod client_request;
mod date;
mod global_client;
mod list;
mod paging;
mod patch;
mod token;
mod token_query;
mod token_request;
mod user;

pub use api_credentials::ApiCredentials;
pub use api_error::{ApiError, FieldFault};
pub use client::{ClientBody, ClientObject};
pub use client_request::ClientRequest;
#[cfg(feature = "openapi")]
pub use client_request::ClientRequestBody;
pub use date::Date;
pub use global_client::{
    GlobalClientBody, GlobalClientList, GlobalClientObject, SummaryFilters, TokenSummaryList,
    TokenSummaryObject,
};
pub use list::{
    ClientList, CursorEnvelope, CursorLinks, CursorMeta, CursorPage, ListUrl, OffsetEnvelope,
    PagingEnvelope, TokenList,
};
pub use paging::{CursorPaging, CursorPosition, OffsetPaging, Paging, PagingRefused, Sort};
pub use patch::Patch;
pub use token::{TokenBody, TokenObject};
pub use token_query::{TokenFilters, TokenFiltersRefused, TokenQuery};
pub use token_request::NewTokenRequest;
#[cfg(feature = "openapi")]
pub use token_request::NewTokenRequestBody;
pub use user::{AnonymousUser, CurrentUser, UserBody, UserObject, role_name};
