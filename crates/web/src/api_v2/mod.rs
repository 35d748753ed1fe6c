//! The administration API that Zendesk's clients call (zendesk-wire §1–§4, §9). Its contents page.

mod clients;
mod global_clients;
mod tokens;
mod users;

use utoipa::OpenApi;

use crate::api::{Routes, get, put};

/// Every path below `/api/v2`, each with and without `.json`. Fixed words win over `{id}`.
pub(crate) fn routes() -> Routes {
    Routes::below("/api/v2")
        .at("/oauth/clients", get(clients::list).post(clients::create))
        .at("/oauth/clients/{id}", get(clients::show).put(clients::update).delete(clients::delete))
        .at("/oauth/clients/{id}/generate_secret", put(clients::generate_secret))
        .at("/oauth/global_clients", get(global_clients::list))
        .at("/oauth/global_clients/token_summary", get(global_clients::token_summary))
        .at("/oauth/global_clients/{id}", get(global_clients::show))
        .at("/oauth/tokens", get(tokens::list).post(tokens::create))
        .at("/oauth/tokens/current", get(tokens::show_current).delete(tokens::delete_current))
        .at("/oauth/tokens/{id}", get(tokens::show).delete(tokens::delete))
        .at("/users/me", get(users::me))
        .at("/users/me/oauth/clients", get(clients::list_own))
        .at("/users/{id}", get(users::show))
}

/// The same for the OpenAPI document.
#[derive(OpenApi)]
#[openapi(paths(
    clients::list,
    clients::create,
    clients::show,
    clients::update,
    clients::delete,
    clients::generate_secret,
    clients::list_own,
    global_clients::list,
    global_clients::token_summary,
    global_clients::show,
    tokens::list,
    tokens::create,
    tokens::show_current,
    tokens::delete_current,
    tokens::show,
    tokens::delete,
    users::me,
    users::show,
))]
pub(crate) struct Document;
