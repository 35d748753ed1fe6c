//! Every path of the product: the contents page. Grouped by who asks, in the order of the documentation.

use axum::Router;
use axum::routing::{get, post};

use crate::api::{Route, Routes};
use crate::browser::{
    account_apps, account_choice, consent, error_articles, home, set_up, sign_in, sign_out,
};
use crate::edge::Edge;
use crate::oauth::{
    authorization, check_session, client_registration, introspection, revocation, token, userinfo,
    well_known,
};
use crate::site::Site;
use crate::{api_v1, api_v2, assets, fallback, health, logos, openapi};

/// Everything that the public listener answers.
pub fn routes(site: Site) -> Edge {
    let router = Router::new()
        .merge(for_apps())
        .merge(for_people())
        .nest("/api/v1", api_v1::routes().into_router())
        .nest("/api/v2", api_v2::routes().into_router())
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::method_not_allowed)
        // After the fallbacks, which answer for an account.
        .merge(for_operators())
        .with_state(site.clone());
    Edge::new(site, router)
}

/// Every route of the administration APIs, with what it demands of its caller.
pub fn api_routes() -> Vec<Route> {
    [api_v1::routes(), api_v2::routes()].into_iter().flat_map(Routes::into_list).collect()
}

/// What looks after the process.
fn for_operators() -> Router<Site> {
    Router::new().route("/healthz", get(health::alive)).route("/readyz", get(health::ready))
}

/// What client software calls.
fn for_apps() -> Router<Site> {
    Router::new()
        .route("/.well-known/openid-configuration", get(well_known::provider_metadata))
        .route("/.well-known/oauth-authorization-server", get(well_known::server_metadata))
        .route("/.well-known/jwks.json", get(well_known::jwks))
        .route(
            "/oauth/authorizations/new",
            get(authorization::authorize).post(authorization::authorize_posted),
        )
        .route("/oauth/authorizations/{handle}/account", post(account_choice::choose))
        .route("/oauth/authorizations/{handle}/decision", post(consent::decide))
        .route("/oauth/tokens", post(token::exchange))
        .route("/oauth/tokens/introspect", post(introspection::introspect))
        .route("/oauth/tokens/revoke", post(revocation::revoke))
        .route("/oauth/session", get(check_session::show))
        .route("/oauth/userinfo", get(userinfo::show).post(userinfo::show_posted))
        .route("/oauth/register", post(client_registration::register))
        .route(
            "/oauth/register/{client_id}",
            get(client_registration::show)
                .put(client_registration::update)
                .delete(client_registration::delete),
        )
        .route("/openapi.json", get(openapi::show))
}

/// What people open.
fn for_people() -> Router<Site> {
    Router::new()
        .route("/", get(home::show))
        .route("/login", get(sign_in::show).post(sign_in::submit))
        .route("/logout", get(sign_out::show).post(sign_out::submit))
        .route("/setup/{token}", get(set_up::show).post(set_up::submit))
        .route("/account/apps", get(account_apps::list))
        .route("/account/apps/revoke", post(account_apps::revoke_all))
        .route("/account/apps/{grant_id}/revoke", post(account_apps::revoke))
        .route("/docs/errors/{code}", get(error_articles::show))
        .route("/assets/{file}", get(assets::show))
        .route("/logos/{file}", get(logos::show))
}
