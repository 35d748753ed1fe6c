//! How calls travel: one HTTP client, and whoever watches what it says and hears.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::{Client, Request, RequestBuilder, Response};

/// How long one call may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes of a reply: a hundred clients at their largest.
const REPLY_LIMIT: usize = 16 * 1024 * 1024;

type Watcher = Arc<dyn Fn(&Exchange<'_>) + Send + Sync>;

/// An HTTP client for calls to one or several servers; cheap to clone.
///
/// ```no_run
/// use consentry_sdk::{Connection, Server};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let connection = Connection::new()?
///     .watched(|exchange| println!("{} {}", exchange.request.url().path(), exchange.status));
/// let server = Server::discover_over(connection, "https://acme.example").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Connection {
    http: Client,
    watcher: Option<Watcher>,
}

/// One request and its reply, for a watcher. Secrets are in both.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'e> {
    /// What was sent.
    pub request: &'e Request,
    /// The status that came back.
    pub status: u16,
    /// The body that came back.
    pub body: &'e str,
}

/// Why a call has no answer that means anything.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionFailed {
    /// The HTTP client cannot be made, the server cannot be reached, or it stopped in between.
    #[error("the server cannot be reached")]
    Unreachable(#[from] reqwest::Error),
    /// The reply is larger than any of Consentry's.
    #[error("the reply is too large")]
    TooLarge,
    /// The reply is not one of Consentry's: something else answers at this address.
    #[error("the reply with status {status} cannot be understood")]
    NotUnderstood {
        /// The HTTP status.
        status: u16,
    },
}

impl Connection {
    /// A connection with a time limit of ten seconds. It follows no redirect, since secrets would travel along.
    ///
    /// ```no_run
    /// let connection = consentry_sdk::Connection::new()?;
    /// # Ok::<(), consentry_sdk::ConnectionFailed>(())
    /// ```
    pub fn new() -> Result<Self, ConnectionFailed> {
        let http = Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build()?;
        Ok(Self::over(http))
    }

    /// A connection over an HTTP client of your own, which should follow no redirects.
    ///
    /// ```no_run
    /// use consentry_sdk::{Connection, reqwest};
    ///
    /// let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    /// let connection = Connection::over(http.user_agent("photo-album/1.0").build()?);
    /// # Ok::<(), reqwest::Error>(())
    /// ```
    pub fn over(http: Client) -> Self {
        Self { http, watcher: None }
    }

    /// The same connection, watched: for debugging, as what the watcher sees holds secrets.
    ///
    /// ```no_run
    /// let connection = consentry_sdk::Connection::new()?
    ///     .watched(|exchange| eprintln!("{} was answered", exchange.request.url()));
    /// # Ok::<(), consentry_sdk::ConnectionFailed>(())
    /// ```
    #[must_use]
    pub fn watched(self, watcher: impl Fn(&Exchange<'_>) + Send + Sync + 'static) -> Self {
        Self { watcher: Some(Arc::new(watcher)), ..self }
    }

    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    /// Sends a request and reads the whole reply, whatever its status.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Reply, ConnectionFailed> {
        let request = request.build()?;
        let sent = self.watcher.as_ref().and_then(|_| request.try_clone());
        let response = self.http.execute(request).await?;
        let reply = Reply::read(response).await?;
        if let (Some(watcher), Some(request)) = (&self.watcher, &sent) {
            watcher(&Exchange { request, status: reply.status, body: &reply.body });
        }
        Ok(reply)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_watched = self.watcher.is_some();
        f.debug_struct("Connection").field("is_watched", &is_watched).finish_non_exhaustive()
    }
}

/// A reply, read to its end.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The seconds of `Retry-After`.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: String,
}

impl Reply {
    async fn read(mut response: Response) -> Result<Self, ConnectionFailed> {
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > REPLY_LIMIT {
                return Err(ConnectionFailed::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Self { status: response.status().as_u16(), retry_after, body })
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body of a success as the message that it must be.
    pub(crate) fn message<T: serde::de::DeserializeOwned>(&self) -> Result<T, ConnectionFailed> {
        serde_json::from_str(&self.body).map_err(|_| self.not_understood())
    }

    pub(crate) fn not_understood(&self) -> ConnectionFailed {
        ConnectionFailed::NotUnderstood { status: self.status }
    }
}
