//! Our own administration API: what Zendesk's does not have. Its contents page.

mod account;
mod accounts;
mod api_tokens;
mod audit_events;
mod client_secrets;
mod clients;
mod global_client_requests;
mod global_clients;
mod keys;
mod logos;
mod promotions;
mod registration_tokens;
mod resources;
mod scopes;
mod users;

use utoipa::OpenApi;

use crate::api::{Routes, get, put};

/// Every path below `/api/v1`.
pub(crate) fn routes() -> Routes {
    Routes::below("/api/v1")
        .at("/account", get(account::show).put(account::update))
        .at("/accounts", get(accounts::list).post(accounts::create))
        .at("/accounts/{id}", get(accounts::show).put(accounts::update))
        .at("/api_tokens", get(api_tokens::list).post(api_tokens::create))
        .at("/api_tokens/{id}", get(api_tokens::show).delete(api_tokens::delete))
        .at("/audit_events", get(audit_events::list))
        .at("/audit_events/{id}", get(audit_events::show))
        .at("/clients", get(clients::list))
        .at("/clients/{id}", get(clients::show).put(clients::update))
        .at("/clients/{id}/logo", put(logos::update).delete(logos::delete))
        .at("/clients/{id}/secrets", get(client_secrets::list).post(client_secrets::create))
        .at(
            "/clients/{id}/secrets/{secret_id}",
            get(client_secrets::show).put(client_secrets::update).delete(client_secrets::delete),
        )
        .at(
            "/registration_tokens",
            get(registration_tokens::list).post(registration_tokens::create),
        )
        .at(
            "/registration_tokens/{id}",
            get(registration_tokens::show).delete(registration_tokens::delete),
        )
        .at("/keys", get(keys::list).post(keys::rotate))
        .at("/keys/{id}", get(keys::show).delete(keys::retire))
        .at("/resources", get(resources::list).post(resources::create))
        .at(
            "/resources/{id}",
            get(resources::show).put(resources::update).delete(resources::delete),
        )
        .at("/scopes", get(scopes::list).post(scopes::create))
        .at("/scopes/{name}", get(scopes::show).put(scopes::update).delete(scopes::delete))
        .at("/users", get(users::list).post(users::create))
        .at("/users/{id}", get(users::show).put(users::update).delete(users::delete))
        .at("/users/{id}/password", put(users::set_password))
        .at(
            "/clients/{id}/promotion",
            get(promotions::show).post(promotions::create).delete(promotions::delete),
        )
        .at("/global_client_requests", get(global_client_requests::list))
        .at(
            "/global_client_requests/{id}",
            get(global_client_requests::show).put(global_client_requests::update),
        )
        .at("/global_clients", get(global_clients::list))
        .at("/global_clients/{id}", get(global_clients::show))
        .at(
            "/global_clients/{id}/block",
            put(global_clients::block).delete(global_clients::unblock),
        )
}

/// The same for the OpenAPI document.
#[derive(OpenApi)]
#[openapi(paths(
    account::show,
    account::update,
    accounts::list,
    accounts::create,
    accounts::show,
    accounts::update,
    api_tokens::list,
    api_tokens::create,
    api_tokens::show,
    api_tokens::delete,
    audit_events::list,
    audit_events::show,
    clients::list,
    clients::show,
    clients::update,
    logos::update,
    logos::delete,
    client_secrets::list,
    client_secrets::create,
    client_secrets::show,
    client_secrets::update,
    client_secrets::delete,
    registration_tokens::list,
    registration_tokens::create,
    registration_tokens::show,
    registration_tokens::delete,
    keys::list,
    keys::show,
    keys::rotate,
    keys::retire,
    resources::list,
    resources::create,
    resources::show,
    resources::update,
    resources::delete,
    scopes::list,
    scopes::create,
    scopes::show,
    scopes::update,
    scopes::delete,
    users::list,
    users::create,
    users::show,
    users::update,
    users::delete,
    users::set_password,
    promotions::show,
    promotions::create,
    promotions::delete,
    global_client_requests::list,
    global_client_requests::show,
    global_client_requests::update,
    global_clients::list,
    global_clients::show,
    global_clients::block,
    global_clients::unblock,
))]
pub(crate) struct Document;
