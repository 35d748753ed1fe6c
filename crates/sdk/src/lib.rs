//! How applications call Consentry: the code flow with PKCE, refresh, client credentials,
//! introspection, revocation, and the administration API of clients.
//!
//! ```no_run
//! use consentry_sdk::{Authorization, Credentials, Secret, Server};
//!
//! # async fn example(secret: Secret, redirected_to: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::discover("https://acme.example").await?;
//! let app = server.app("photo-album", Credentials::Basic(secret));
//!
//! // Send the browser to `url` and keep `pending` in its session …
//! let ask = Authorization::new("https://photos.example/callback").scope("read");
//! let (url, pending) = app.begin(&ask)?;
//!
//! // … and when it comes back to the callback:
//! let code = pending.check(redirected_to)?;
//! let tokens = app.redeem(&code).await?;
//! println!("{url} led to tokens for {}", tokens.scope);
//! # Ok(())
//! # }
//! ```

mod api;
mod api_error;
mod app;
mod authorization;
mod clients;
mod connection;
mod error;
mod server;
#[cfg(test)]
mod stub;

pub use api::{Api, ApiCaller};
pub use api_error::{ApiError, FieldFault};
pub use app::{App, Credentials};
pub use authorization::{Authorization, AuthorizedCode, PendingAuthorization, RedirectRefused};
pub use clients::{ClientFields, ClientPage, Clients};
pub use connection::{Connection, ConnectionFailed, Exchange};
pub use error::{Error, Refusal};
pub use server::Server;

pub use domain::{BaseUrl, ClientKind, Secret};
pub use reqwest;
pub use wire::zendesk::{ClientObject, CurrentUser, UserObject};
pub use wire::{
    ActiveToken, ErrorCode, IntrospectionResponse, ServerMetadata, TokenResponse, TokenType,
};
