//! A server for tests that answers what it is told and notes what it is asked.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::{Router, serve};
use domain::BaseUrl;
use tokio::net::TcpListener;
use wire::ServerMetadata;

use crate::error::Error;
use crate::server::Server;

/// A token response.
pub(crate) const TOKENS: &str = r#"{"access_token":"at1","token_type":"bearer","scope":"read",
    "expires_in":1800,"refresh_token":"rt2","refresh_token_expires_in":2592000}"#;

/// A client, just made.
pub(crate) const CLIENT: &str = r#"{"client":{"id":7,"identifier":"photo-album","name":"Photo Album",
    "company":null,"description":null,"kind":"confidential","redirect_uri":[],"scopes":null,
    "secret":"cstcs_7Hq2mLpX0","global":false,"logo_url":null,"user_id":1,
    "created_at":"2026-05-04T09:30:00Z","updated_at":"2026-05-04T09:30:00Z",
    "url":"https://acme.example/api/v2/oauth/clients/7.json"}}"#;

/// What the server was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Method, path and query.
    pub(crate) line: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
}

/// The server; it begins by answering with metadata.
pub(crate) struct Stub {
    issuer: String,
    script: Arc<Mutex<Script>>,
}

struct Script {
    answer: (StatusCode, String),
    asked: Vec<Asked>,
}

impl Stub {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let issuer = format!("http://{address}");
        let metadata = ServerMetadata::new(&BaseUrl::parse(&issuer).expect("loopback"), Vec::new());
        let body = serde_json::to_string(&metadata).expect("plain texts");
        let script = Script { answer: (StatusCode::OK, body), asked: Vec::new() };
        let script = Arc::new(Mutex::new(script));
        let router = Router::new().fallback(play).with_state(Arc::clone(&script));
        tokio::spawn(async move { serve(listener, router).await });
        Self { issuer, script }
    }

    pub(crate) fn issuer(&self) -> String {
        self.issuer.clone()
    }

    pub(crate) async fn discover(&self) -> Result<Server, Error> {
        Server::discover(&self.issuer).await
    }

    /// What to answer from now on.
    pub(crate) fn answer(&self, status: u16, body: &str) {
        let status = StatusCode::from_u16(status).expect("a status of HTTP");
        self.script().answer = (status, body.to_owned());
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.script().asked.clone()
    }

    pub(crate) fn last(&self) -> Asked {
        self.asked().pop().expect("something was asked")
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().expect("no test panics while it holds the lock")
    }
}

async fn play(
    State(script): State<Arc<Mutex<Script>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok());
    let asked = Asked {
        line: format!("{method} {uri}"),
        authorization: authorization.map(str::to_owned),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let mut script = script.lock().expect("no test panics while it holds the lock");
    script.asked.push(asked);
    script.answer.clone()
}
