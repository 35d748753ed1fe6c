//! A caller with one connection that stays open. It costs the test next to nothing, so that fifty of
//! them measure the server.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;
use url::form_urlencoded;

/// The server closes a connection on which nothing was asked for 10 seconds.
const IDLE: Duration = Duration::from_secs(3);

/// What is asked.
#[derive(Clone)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    /// None: the name of all nodes.
    host: Option<String>,
    headers: String,
    body: String,
}

impl Request {
    pub(crate) fn new(method: &'static str, path: &str) -> Self {
        let (headers, body) = (String::new(), String::new());
        Self { method, path: path.to_owned(), host: None, headers, body }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// A form, sent by POST.
    pub(crate) fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Self::new("POST", path);
        Self { body, ..request }.header("Content-Type", "application/x-www-form-urlencoded")
    }

    /// A JSON body.
    pub(crate) fn json(method: &'static str, path: &str, body: &Value) -> Self {
        let request = Self::new(method, path);
        Self { body: body.to_string(), ..request }.header("Content-Type", "application/json")
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// As whoever has this name and secret.
    pub(crate) fn basic(self, (name, secret): (&str, &str)) -> Self {
        let credentials = STANDARD.encode(format!("{name}:{secret}"));
        self.header("Authorization", &format!("Basic {credentials}"))
    }

    /// Under another name than that of all nodes.
    pub(crate) fn at_host(self, host: &str) -> Self {
        Self { host: Some(host.to_owned()), ..self }
    }

    fn text(&self, name: SocketAddr) -> String {
        let Self { method, path, host, headers, body } = self;
        let host = host.clone().unwrap_or_else(|| name.to_string());
        let length = body.len();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        )
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A text of the JSON body.
    pub(crate) fn text(&self, name: &str) -> String {
        let json = self.json();
        json[name].as_str().unwrap_or_else(|| panic!("no {name} in {self:?}")).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The same, if it has this status.
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// One connection to one node.
pub(crate) struct Caller {
    address: SocketAddr,
    host: SocketAddr,
    connection: Option<BufStream<TcpStream>>,
    used_at: Instant,
}

impl Caller {
    /// A caller of a node, under the name of all nodes.
    pub(crate) fn of(address: SocketAddr, host: SocketAddr) -> Self {
        Self { address, host, connection: None, used_at: Instant::now() }
    }

    /// Asks until the node is not too busy to answer.
    pub(crate) async fn ask(&mut self, request: &Request) -> Reply {
        loop {
            let reply = self.send(request).await;
            if reply.status != 503 {
                return reply;
            }
        }
    }

    /// Asks, and waits for the reply.
    pub(crate) async fn send(&mut self, request: &Request) -> Reply {
        let text = request.text(self.host);
        let mut connection = match self.connection.take() {
            Some(connection) if self.used_at.elapsed() < IDLE => connection,
            _ => BufStream::new(TcpStream::connect(self.address).await.expect("connects")),
        };
        connection.write_all(text.as_bytes()).await.expect("sends");
        connection.flush().await.expect("sends");
        let reply = read(&mut connection).await;
        self.connection = Some(connection);
        self.used_at = Instant::now();
        reply
    }
}

async fn read(connection: &mut BufStream<TcpStream>) -> Reply {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let length = connection.read_line(&mut head).await.expect("a line of the head");
        assert_ne!(length, 0, "the connection was closed: {head}");
    }
    let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
    let mut reply = Reply { status, head, body: String::new() };
    let length = reply.header("content-length").map_or(Ok(0), str::parse).expect("a length");
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await.expect("the body");
    reply.body = String::from_utf8(body).expect("UTF-8");
    reply
}
