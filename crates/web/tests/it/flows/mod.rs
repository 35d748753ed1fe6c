//! Stories through the router, by the noun they are about.

mod account_apps;
mod authorization_code;
mod authorization_endpoint;
mod code_binding;
mod consent;
mod consent_to_resources;
mod pkce;
mod prompt;
mod redirect_uri;
mod redirect_uri_registration;
mod set_up;
mod sign_in;
mod sign_out;
mod well_known;
