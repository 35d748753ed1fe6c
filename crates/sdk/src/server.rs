//! An authorization server, found by its metadata (RFC 8414).

use std::sync::Arc;

use domain::BaseUrl;
use wire::ServerMetadata;

use crate::app::{App, Credentials};
use crate::connection::Connection;
use crate::error::{Error, refused};

/// Where an issuer keeps its metadata (RFC 8414 §3).
const METADATA_PATH: &str = "/.well-known/oauth-authorization-server";

/// An account of a Consentry server: who issues the tokens, and where its endpoints are.
///
/// ```no_run
/// # async fn example() -> Result<(), consentry_sdk::Error> {
/// let server = consentry_sdk::Server::discover("https://acme.example").await?;
/// println!("tokens come from {}", server.metadata().token_endpoint);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Server {
    connection: Connection,
    metadata: Arc<ServerMetadata>,
}

impl Server {
    /// Reads the metadata of an issuer such as `https://acme.example`.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), consentry_sdk::Error> {
    /// let server = consentry_sdk::Server::discover("https://acme.example").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn discover(issuer: &str) -> Result<Self, Error> {
        Self::discover_over(Connection::new()?, issuer).await
    }

    /// The same over a connection of your own.
    ///
    /// ```no_run
    /// use consentry_sdk::{Connection, Server};
    ///
    /// # async fn example(http: reqwest::Client) -> Result<(), consentry_sdk::Error> {
    /// let server = Server::discover_over(Connection::over(http), "https://acme.example").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn discover_over(connection: Connection, issuer: &str) -> Result<Self, Error> {
        let issuer = BaseUrl::parse(issuer)?;
        let request = connection.http().get(format!("{issuer}{METADATA_PATH}"));
        let reply = connection.send(request).await?;
        if !reply.is_success() {
            return Err(refused(&reply));
        }
        let metadata: ServerMetadata = reply.message()?;
        // RFC 8414 §3.3: anything else is somebody who speaks for another issuer.
        if metadata.issuer != issuer.as_str() {
            let asked = issuer.as_str().to_owned();
            return Err(Error::IssuerDiffers { asked, told: metadata.issuer });
        }
        Ok(Self { connection, metadata: Arc::new(metadata) })
    }

    /// The same server over another connection, without asking it again.
    ///
    /// ```no_run
    /// # use consentry_sdk::{Connection, Server};
    /// # fn example(server: Server, http: reqwest::Client) {
    /// let server = server.over(Connection::over(http));
    /// # }
    /// ```
    #[must_use]
    pub fn over(&self, connection: Connection) -> Self {
        Self { connection, metadata: Arc::clone(&self.metadata) }
    }

    /// What the server says of itself.
    ///
    /// ```no_run
    /// # fn example(server: consentry_sdk::Server) {
    /// println!("{:?}", server.metadata().scopes_supported);
    /// # }
    /// ```
    pub fn metadata(&self) -> &ServerMetadata {
        &self.metadata
    }

    /// The app of this identifier (the OAuth `client_id`) at this server.
    ///
    /// ```no_run
    /// use consentry_sdk::{Credentials, Secret};
    ///
    /// # fn example(server: consentry_sdk::Server, secret: Secret) {
    /// let on_a_server = server.app("photo-album", Credentials::Basic(secret));
    /// let on_a_phone = server.app("photo-album-mobile", Credentials::Public);
    /// # }
    /// ```
    pub fn app(&self, client_id: &str, credentials: Credentials) -> App {
        App::new(self.connection.clone(), Arc::clone(&self.metadata), client_id, credentials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ConnectionFailed;
    use crate::stub::Stub;

    #[tokio::test]
    async fn the_metadata_are_read_from_the_well_known_path() {
        let stub = Stub::start().await;
        let server = stub.discover().await.expect("metadata");
        assert_eq!(server.metadata().issuer, stub.issuer());
        assert_eq!(stub.asked()[0].line, format!("GET {METADATA_PATH}"));
    }

    #[tokio::test]
    async fn metadata_of_another_issuer_are_refused() {
        let stub = Stub::start().await;
        let issuer = stub.issuer().replace("127.0.0.1", "localhost");
        let refused = Server::discover(&issuer).await.err();
        assert!(matches!(refused, Some(Error::IssuerDiffers { .. })), "{refused:?}");
    }

    #[tokio::test]
    async fn an_issuer_is_an_https_origin_or_on_this_machine() {
        for issuer in ["http://acme.example", "https://acme.example/", "acme.example", ""] {
            let refused = Server::discover(issuer).await.err();
            assert!(matches!(refused, Some(Error::Issuer(_))), "{issuer}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn a_server_of_another_kind_is_not_understood() {
        let stub = Stub::start().await;
        stub.answer(404, "<h1>Not found</h1>");
        let refused = stub.discover().await.err();
        let expected = matches!(
            refused,
            Some(Error::Connection(ConnectionFailed::NotUnderstood { status: 404 }))
        );
        assert!(expected, "{refused:?}");
    }
}
