//! A server that behaves as a test wants.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How long a test waits for what must come; far more than any machine needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server on loopback; dropping it ends it.
pub(super) struct Server {
    port: u16,
    seen: Arc<Mutex<Seen>>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    requests: Vec<String>,
    ended_count: usize,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A reply of 200 with these further header lines.
pub(super) fn reply(headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes()
}

impl Server {
    /// Says the same to everybody and hangs up.
    pub(super) async fn saying(answer: Vec<u8>) -> Self {
        let answer: Arc<[u8]> = answer.into();
        Self::behaving(move |mut stream: TcpStream| {
            let answer = Arc::clone(&answer);
            async move { drop(stream.write_all(&answer).await) }
        })
        .await
    }

    /// Hears everybody out and says nothing.
    pub(super) async fn silent() -> Self {
        Self::behaving(|stream: TcpStream| async move {
            std::future::pending::<()>().await;
            drop(stream);
        })
        .await
    }

    /// Reads each request and then behaves like this.
    pub(super) async fn behaving<F, B>(behave: F) -> Self
    where
        F: Fn(TcpStream) -> B + Send + Sync + 'static,
        B: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::<Mutex<Seen>>::default();
        let (behave, noted) = (Arc::new(behave), Arc::clone(&seen));
        let accepting = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (behave, noted) = (Arc::clone(&behave), Arc::clone(&noted));
                tokio::spawn(async move {
                    let request = read(&mut stream).await;
                    lock(&noted).requests.push(request);
                    behave(stream).await;
                    lock(&noted).ended_count += 1;
                });
            }
        });
        Self { port, seen, accepting }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The requests that came, with their bodies.
    pub(super) fn requests(&self) -> Vec<String> {
        lock(&self.seen).requests.clone()
    }

    /// Waits until so many requests came.
    pub(super) async fn asked(&self, count: usize) {
        self.until(|seen| seen.requests.len() >= count).await;
    }

    /// Waits until the other side hung up.
    pub(super) async fn ended(&self) {
        self.until(|seen| seen.ended_count > 0).await;
    }

    async fn until(&self, is_so: impl Fn(&Seen) -> bool) {
        let waiting = async {
            while !is_so(&lock(&self.seen)) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it comes");
    }
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads a request with its body.
async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 1024];
    while !is_whole(&bytes) {
        match stream.read(&mut buffer).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => break,
        }
    }
    String::from_utf8(bytes).expect("requests are text")
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().expect("a number"))
}
