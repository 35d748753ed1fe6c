//! Stories through the router, by the noun they are about.

mod access_token_jwt;
mod account_apps;
mod authorization_code;
mod authorization_endpoint;
mod client_authentication;
mod client_credentials;
mod code_binding;
mod introspection;
mod pkce;
mod prompt;
mod redirect_uri;
mod redirect_uri_registration;
mod refresh_binding;
mod refresh_races;
mod refresh_token;
mod revocation;
mod set_up;
mod sign_in;
mod sign_out;
mod statement_counts;
mod token_endpoint;
mod token_request;
