//! A server that really listens: what stands on the wire, who is cut off, how it stops.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use web::Site;
use web::server::{CONNECTION_LIMIT, Server, Stop, Tls};

use crate::support::TestApp;

mod flood;
mod framing;
mod stopping;
mod tls;

/// A server on a port of its own, with the cast on SQLite behind it.
struct Listening {
    app: TestApp,
    address: SocketAddr,
    stop: Stop,
    running: JoinHandle<()>,
}

impl Listening {
    async fn start() -> Self {
        Self::start_with(None).await
    }

    async fn start_with(tls: Option<Tls>) -> Self {
        Self::start_as(tls, CONNECTION_LIMIT).await
    }

    /// One that has room for so many connections.
    async fn start_limited(connection_limit: usize) -> Self {
        Self::start_as(None, connection_limit).await
    }

    async fn start_as(tls: Option<Tls>, connection_limit: usize) -> Self {
        let app = TestApp::on_sqlite().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = web::routes(Site::new(Arc::clone(&app.ctx), Vec::new()));
        let (stop, stopped) = Stop::new();
        let server = Server { listener, service: router, tls, connection_limit };
        let running = tokio::spawn(server.run(stopped));
        Self { app, address, stop, running }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it listens")
    }

    /// Sends these bytes and reads until the server closes.
    async fn exchange(&self, sent: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(sent.as_bytes()).await.expect("sent");
        read_to_end(&mut stream).await
    }

    async fn end(self) {
        self.stop.stop();
        self.running.await.expect("it stops");
        self.app.check_invariants().await;
    }
}

/// What comes until the other side closes; a connection that stays open fails the test.
async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut received = Vec::new();
    let reading = stream.read_to_end(&mut received);
    let ended = tokio::time::timeout(Duration::from_mins(1), reading).await;
    assert!(ended.is_ok(), "still open after {:?}", String::from_utf8_lossy(&received));
    String::from_utf8_lossy(&received).into_owned()
}

/// Reads one response with a length, and leaves the connection open.
async fn read_response(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> String {
    let mut received = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.expect("it answers");
        assert!(count > 0, "closed after {:?}", String::from_utf8_lossy(&received));
        received.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&received);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().expect("a number"));
        if body.len() >= length {
            return text.into_owned();
        }
    }
}

/// How many responses stand in what was received.
fn responses(received: &str) -> usize {
    received.matches("HTTP/1.1 ").count()
}
