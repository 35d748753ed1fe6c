//! The server: listens, encrypts, answers, and drains when it is told to stop.

mod deadline;
mod management;
mod tls;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::{Service, ServiceExt as _};

pub use management::{Metrics, management_routes};
pub use tls::{Tls, TlsError};

use self::deadline::InTime;
use crate::origin::Encrypted;

/// How long a client may take to send its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a TLS handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long requests that were accepted may still take when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);

/// The most connections at once, unless a listener says otherwise.
pub const CONNECTION_LIMIT: usize = 10_000;

/// The most bytes of a request's headers.
const HEADER_LIMIT: usize = 16 * 1024;

/// One listener and what answers on it.
pub struct Server<S> {
    /// Where it listens.
    pub listener: TcpListener,
    /// What answers.
    pub service: S,
    /// How connections are encrypted; none: they are not.
    pub tls: Option<Tls>,
    /// The most connections at once; the next one waits in the listen queue.
    pub connection_limit: usize,
}

/// What answers requests: the edge, or a router.
pub trait Answers:
    Service<http::Request<Body>, Response = Response, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S> Answers for S where
    S: Service<http::Request<Body>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Tells servers to stop; dropping it does so too.
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// A switch, and what servers watch.
    pub fn new() -> (Self, watch::Receiver<bool>) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), receiver)
    }

    /// Accept nothing more; finish what was accepted.
    pub fn stop(&self) {
        let _ = self.0.send(true);
    }
}

impl<S: Answers> Server<S> {
    /// Serves until it is told to stop, then finishes what it has accepted.
    pub async fn run(self, mut stopped: watch::Receiver<bool>) {
        let graceful = GracefulShutdown::new();
        let connections = Arc::new(Semaphore::new(self.connection_limit));
        let protocols = Arc::new(Protocols::new());
        while !*stopped.borrow() {
            let place = tokio::select! {
                place = Arc::clone(&connections).acquire_owned() => place,
                _ = stopped.changed() => break,
            };
            let Ok(place) = place else { break };
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let _ = stream.set_nodelay(true);
                        let connection = Connection {
                            service: self.service.clone(),
                            protocols: Arc::clone(&protocols),
                            peer,
                            watcher: graceful.watcher(),
                            _place: place,
                        };
                        tokio::spawn(connection.serve(stream, self.tls.clone()));
                    }
                    // Out of file descriptors, most likely: wait until some are given back.
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
                _ = stopped.changed() => break,
            }
        }
        drop(self.listener);
        if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
    }
}

/// How each version of HTTP is spoken. Which one is known before the first byte, so that nobody can
/// keep a connection by not sending it.
struct Protocols {
    http1: auto::Builder<TokioExecutor>,
    http2: auto::Builder<TokioExecutor>,
}

impl Protocols {
    fn new() -> Self {
        Self { http1: builder().http1_only(), http2: builder().http2_only() }
    }

    /// The version that the TLS handshake agreed on (RFC 7301); HTTP/1.1 without one.
    fn agreed(&self, alpn: Option<&[u8]>) -> &auto::Builder<TokioExecutor> {
        if alpn == Some(tls::HTTP2) { &self.http2 } else { &self.http1 }
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        // Head and body go in one piece: copying a small body costs less than a vectored write.
        .writev(false)
        .max_buf_size(HEADER_LIMIT + 8 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(HEADER_LIMIT).unwrap_or(u32::MAX))
        .keep_alive_interval(Some(Duration::from_secs(30)));
    builder
}

/// One accepted connection.
struct Connection<S> {
    service: S,
    protocols: Arc<Protocols>,
    peer: SocketAddr,
    watcher: hyper_util::server::graceful::Watcher,
    _place: OwnedSemaphorePermit,
}

impl<S: Answers> Connection<S> {
    async fn serve(self, stream: tokio::net::TcpStream, tls: Option<Tls>) {
        let Some(tls) = tls else { return self.answer(stream, None).await };
        let handshake = tls.acceptor().accept(stream);
        match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
            Ok(Ok(stream)) => {
                let alpn = stream.get_ref().1.alpn_protocol().unwrap_or_default().to_vec();
                self.answer(stream, Some(alpn)).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, peer = %self.peer, "TLS handshake failed"),
            Err(_) => tracing::debug!(peer = %self.peer, "TLS handshake took too long"),
        }
    }

    /// Answers until the connection ends; `alpn` is what the TLS handshake agreed on, if there was one.
    async fn answer(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        alpn: Option<Vec<u8>>,
    ) {
        let encrypted = alpn.is_some().then_some(Encrypted);
        let peer = ConnectInfo(self.peer);
        let service = self.service.map_request(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            if let Some(encrypted) = encrypted {
                request.extensions_mut().insert(encrypted);
            }
            request.map(|body| Body::new(InTime::new(body, BODY_TIMEOUT)))
        });
        let service = TowerToHyperService::new(service);
        let builder = self.protocols.agreed(alpn.as_deref());
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        if let Err(error) = self.watcher.watch(connection).await {
            tracing::debug!(%error, peer = %self.peer, "a connection ended early");
        }
    }
}
