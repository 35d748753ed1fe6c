//! The administration API: what Zendesk's clients call (zendesk-wire §1–§3, §9). Its contents page.
//!
//! Every call comes through one guard: a handler's first argument says whom it admits.

mod call;
mod clients;
mod cursor;
mod endpoint;
mod guard;
mod paging;
mod reply;
mod users;

use axum::Router;

pub(crate) use self::endpoint::unknown_path;
use self::endpoint::{Routes, get, put};
use crate::site::Site;

/// Every path below `/api/v2`, each with and without `.json`. Fixed words win over `{id}`.
pub(crate) fn routes() -> Router<Site> {
    Routes::default()
        .at("/oauth/clients", get(clients::list).post(clients::create))
        .at("/oauth/clients/{id}", get(clients::show).put(clients::update).delete(clients::delete))
        .at("/oauth/clients/{id}/generate_secret", put(clients::generate_secret))
        .at("/users/me", get(users::me))
        .at("/users/me/oauth/clients", get(clients::list_own))
        .at("/users/{id}", get(users::show))
        .into_router()
}
