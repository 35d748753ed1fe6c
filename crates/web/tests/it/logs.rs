//! Log lines: one per event, whatever is in it, and no secret in any.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use store::testing::{self, Hideable};
use tracing_subscriber::EnvFilter;

use crate::support::{Consent, RequestBuilder, TestApp, password};

/// Where lines go.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Logs as the product does in JSON, everything there is, until the guard goes.
    fn begin(&self) -> tracing::subscriber::DefaultGuard {
        let lines = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("trace"))
            .with_writer(move || lines.clone())
            .json()
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("nobody panicked").clone()).expect("UTF-8")
    }
}

const HOSTILE: &str =
    "x\r\n{\"level\":\"INFO\",\"fields\":{\"message\":\"planted\"}}\u{1b}[31m\"\u{7}\u{85}\u{2028}";

// HT-06, V16.2.1–5, V16.4.1–2
#[tokio::test]
async fn an_event_is_one_line_whatever_is_in_it() {
    let (lines, app) = (Lines::default(), TestApp::on_sqlite().await);
    let guard = lines.begin();
    tracing::info!(user_agent = HOSTILE, username = %HOSTILE, error = ?HOSTILE, "{HOSTILE}");
    let mut browser = app.anonymous();
    let page = browser.get("/login").await.expect(200);
    browser.submit(&page, &[("username", HOSTILE), ("password", HOSTILE)]).await.expect(422);
    let agent = "x {\"level\":\"INFO\"} \\n\\u001b[31m\"";
    app.send(RequestBuilder::get("/login").header("user-agent", agent)).await.expect(200);
    testing::hide(&app.ctx.store, Hideable::TokenFamilies).await.expect("hidden");
    let client = app.client("photo-album");
    client.post("/oauth/tokens/introspect", &[("token", HOSTILE)]).await;
    testing::bring_back(&app.ctx.store, Hideable::TokenFamilies).await.expect("back");
    drop(guard);

    let text = lines.text();
    assert!(text.ends_with('\n'));
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    for event in &events {
        assert!(event["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{event}");
        assert_ne!(event["fields"]["message"], "planted");
    }
    assert_eq!(events[0]["fields"]["user_agent"], HOSTILE);
    let control = |c: char| c.is_ascii_control() && c != '\n';
    assert!(!text.contains(control), "{text}");
    app.check_invariants().await;
}

// V16.2.1–5, HT-06
#[tokio::test]
async fn no_secret_is_logged() {
    let (lines, app) = (Lines::default(), TestApp::on_sqlite().await);
    let guard = lines.begin();
    let client = app.client("photo-album");
    let code = client.code(&Consent::default()).await;
    let tokens = client.redeem(&code).await.expect(200);
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    client.introspect(&access).await;
    let renewed = client.refresh(&refresh).await.expect(200).text("access_token");
    app.send(RequestBuilder::get("/api/v2/users/me").bearer(&renewed)).await;
    app.admin_get("/api/v2/users/me").await.expect(200);
    let mut browser = app.anonymous();
    let page = browser.get("/login").await.expect(200);
    browser.submit(&page, &[("username", "alice@example.com"), ("password", "my other one")]).await;
    testing::hide(&app.ctx.store, Hideable::AuditEvents).await.expect("hidden");
    browser.submit(&page, &[("username", "bob@example.com"), ("password", password("bob"))]).await;
    client.post("/oauth/tokens/revoke", &[("token", &renewed)]).await;
    testing::bring_back(&app.ctx.store, Hideable::AuditEvents).await.expect("back");
    drop(guard);

    let text = lines.text();
    assert!(text.contains("a request met a fault"), "the log sees the cause");
    let csrf = crate::support::PageForm::read(&page.body).hidden[0].1.clone();
    let secrets = [
        &*code,
        &access,
        &refresh,
        &renewed,
        &csrf,
        "my other one",
        password("alice"),
        password("bob"),
        "photo-album-secret-000000",
        "admin-api-token-000000",
        "dBjftJeZ4CVP",
    ];
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
    app.check_invariants().await;
}
