//! Stories through the router, by the noun they are about.

mod authorization_code;
mod authorization_endpoint;
mod prompt;
mod redirect_uri;
mod redirect_uri_registration;
mod sign_in;
