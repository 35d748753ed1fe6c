//! What both administration APIs are made of: guards, calls, pages of lists, replies.
//!
//! Every call comes through one guard: a handler's first argument says whom it admits.

mod account_clients;
mod call;
mod cursor;
mod endpoint;
mod global_client_list;
mod guard;
mod listing;
mod paging;
mod policy;
mod recent_sign_in;
mod reply;

pub(crate) use account_clients::AccountClients;
pub(crate) use call::Call;
pub(crate) use endpoint::{Routes, get, put, unknown_path};
pub(crate) use global_client_list::GlobalClientListing;
pub(crate) use guard::{
    AccountSettingsRead, AccountSettingsWrite, AdminCaller, AuditRead, Caller, CredentialManager,
    KnownCaller, NoScope, OauthRead, OauthWrite, OperatorCaller, PersonalCaller, UsersRead,
    UsersWrite,
};
pub(crate) use listing::{Listing, beside, numbered};
pub(crate) use paging::{Pages, PagingQuery};
pub use policy::{Audience, Policy, Route};
pub(crate) use recent_sign_in::Recently;
pub(crate) use reply::{Answer, Reply, refused};
