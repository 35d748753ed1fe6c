//! What is shown: endpoints, administration API and pages.

mod api;
mod api_v1;
mod api_v2;
mod assets;
mod browser;
mod cookies;
mod cors;
mod edge;
mod fallback;
mod form;
mod forwarded;
mod framing;
mod header_limit;
mod health;
mod logos;
mod oauth;
mod openapi;
mod origin;
pub mod pages;
mod request_id;
mod respond;
mod routes;
mod security_headers;
mod segment;
pub mod server;
mod site;
mod suspended;

pub use api::{Audience, Policy, Route};
pub use edge::Edge;
pub use openapi::document as openapi_document;
pub use routes::{api_routes, routes};
pub use site::Site;
