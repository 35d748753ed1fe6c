//! Clients that register by themselves, and documents that they serve.

use domain::RegistrationPolicy;
use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Reply, RequestBuilder, TestApp};

/// Where clients register.
pub(crate) const REGISTER: &str = "/oauth/register";

impl TestApp {
    /// Says who may register at the home account.
    pub(crate) async fn let_register(&self, policy: RegistrationPolicy) {
        self.change_account(|account| account.registration = policy).await;
    }

    /// A new initial access token of the admin.
    pub(crate) async fn initial_access_token(&self, fields: Value) -> String {
        let mut token = json!({"label": "story"});
        for (key, value) in fields.as_object().expect("an object") {
            token[key] = value.clone();
        }
        let body = json!({"registration_token": token});
        let made = self.admin_post("/api/v1/registration_tokens", &body).await.expect(201).json();
        made["registration_token"]["full_token"].as_str().expect("a token").to_owned()
    }

    /// Registers with a token.
    pub(crate) async fn register_with(&self, token: &str, body: &Value) -> Reply {
        self.send(RequestBuilder::post(REGISTER).bearer(token).json(body)).await
    }

    /// A client that has registered with this metadata beside its redirect URI.
    pub(crate) async fn registered_client(&self, fields: Value) -> Registered<'_> {
        let token = self.initial_access_token(json!({})).await;
        let mut body = json!({"redirect_uris": ["https://app.example.com/cb"]});
        for (key, value) in fields.as_object().expect("an object") {
            body[key] = value.clone();
        }
        let told = self.register_with(&token, &body).await.expect(201).json();
        Registered { app: self, told }
    }
}

/// A client that has registered.
pub(crate) struct Registered<'a> {
    app: &'a TestApp,
    /// What it was told.
    pub(crate) told: Value,
}

impl Registered<'_> {
    pub(crate) fn text(&self, key: &str) -> &str {
        self.told[key].as_str().unwrap_or_else(|| panic!("no {key} in {}", self.told))
    }

    /// Where its registration is.
    pub(crate) fn path(&self) -> String {
        format!("{REGISTER}/{}", self.text("client_id"))
    }

    /// A request about its own registration, with its own token.
    pub(crate) fn request(&self, method: Method) -> RequestBuilder {
        let token = self.text("registration_access_token");
        RequestBuilder::new(method, &self.path()).bearer(token)
    }

    pub(crate) async fn show(&self) -> Reply {
        self.app.send(self.request(Method::GET)).await
    }

    /// Replaces its registration by what it was told, with these members changed.
    pub(crate) async fn put(&self, fields: Value) -> Reply {
        let mut body = self.told.clone();
        let members = body.as_object_mut().expect("an object");
        for only_told in ["client_secret_expires_at", "client_id_issued_at"] {
            members.remove(only_told);
        }
        members.retain(|name, _| !name.starts_with("registration_"));
        for (key, value) in fields.as_object().expect("an object") {
            body[key] = value.clone();
        }
        self.app.send(self.request(Method::PUT).json(&body)).await
    }
}

/// Serves this document at every path of a port of its own, and returns its address.
pub(crate) async fn serve_json(document: Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let body = document.to_string();
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let reply = reply.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(reply.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    format!("http://{address}/document.json")
}
