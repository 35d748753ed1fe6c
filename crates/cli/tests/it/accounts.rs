//! `account`: made, changed, suspended and resumed, also beside a running server.

use std::net::TcpListener;

use reqwest::StatusCode;
use serde_json::{Value, json};
use store::testing::{TestDatabase, eventually};

use crate::running::Running;
use crate::support::{Place, Run};

const METADATA: &str = "/.well-known/oauth-authorization-server";

fn account(place: &Place, arguments: &[&str]) -> Run {
    place.run(&[&["account"], arguments].concat())
}

fn row(run: &Run) -> Value {
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    serde_json::from_str(&run.out).expect("JSON")
}

#[test]
fn an_account_is_made_listed_shown_and_changed() {
    let place = Place::seeded();
    let urls = ["--base-url", "https://*.example.com", "--base-url", "http://*.localhost:8080"];
    let made = row(&account(&place, &[&["create", "acme", "-o", "json"], &urls[..]].concat()));
    let base_urls = json!(["https://acme.example.com", "http://acme.localhost:8080"]);
    assert_eq!((&made["slug"], &made["name"]), (&json!("acme"), &json!("acme")));
    assert_eq!(made["base_urls"], base_urls);
    assert_eq!(made["refresh_grace"], 30);
    assert_eq!(made["api_requests_per_minute"], Value::Null);
    let settings = "--name Acme --consent always --pkce all_clients --refresh-grace 0s \
                    --api-tokens refused --token-expiry legacy --api-requests-per-minute 7 \
                    --registration open";
    let settings: Vec<&str> = settings.split_whitespace().collect();
    account(&place, &[&["update", "acme"], &settings[..]].concat());
    let shown = row(&account(&place, &["show", "acme", "-o", "json"]));
    assert_eq!(shown["base_urls"], base_urls, "what was not said stays");
    for (key, value) in [
        ("name", json!("Acme")),
        ("consent", json!("always")),
        ("pkce", json!("all_clients")),
        ("refresh_grace", json!(0)),
        ("api_tokens", json!("refused")),
        ("token_expiry", json!("legacy")),
        ("api_requests_per_minute", json!(7)),
        ("registration", json!("open")),
    ] {
        assert_eq!(shown[key], value, "{key}");
    }
    let back = ["update", "acme", "--api-requests-per-minute", "default", "-o", "json"];
    assert_eq!(row(&account(&place, &back))["api_requests_per_minute"], Value::Null);
    let listed = account(&place, &["list", "-o", "csv"]).out;
    assert!(listed.starts_with("id,slug,name,base_urls,created_at,suspended_at\r\n"), "{listed}");
    assert_eq!(account(&place, &["list", "-o", "id"]).out.lines().count(), 2);
    assert_eq!(account(&place, &["list", "--limit", "1", "-o", "jsonl"]).out.lines().count(), 1);
}

#[test]
fn what_is_wrong_with_an_account_is_told_together() {
    let place = Place::seeded();
    let taken = ["create", "demo", "--base-url", "http://localhost:8080"];
    let run = account(&place, &taken);
    let message = "error: Slug: \"demo\" is taken by another account; choose another one\n\
                   error: Base urls: http://localhost:8080 selects another account already; choose \
                   another one, or take it from that account first\n";
    assert_eq!((run.code, run.err.as_str()), (5, message));
    let wrong = ["create", "-", "--base-url", "https://*", "--refresh-grace", "2m"];
    let run = account(&place, &wrong);
    let message = "error: Slug: must be 1 to 63 of a-z, 0-9 and -, and neither begin nor end with -\n\
                   error: Base urls: \"https://*\" must have its one * as the whole first label of a \
                   domain, like https://*.example.com\n\
                   error: Refresh grace: must be 0 to 60 seconds\n";
    assert_eq!((run.code, run.err.as_str()), (5, message));
    for (arguments, code, message) in [
        (&["show", "nobody"][..], 3, "error: no account \"nobody\"\n"),
        (&["update", "demo"], 2, "error: nothing to change: say what with --name, --base-url …\n"),
        (
            &["suspend", "demo"],
            5,
            "error: the account is the first one, from which the platform is run: it cannot be \
             suspended; stop the server instead\n",
        ),
    ] {
        let run = account(&place, arguments);
        assert_eq!((run.code, run.err.as_str()), (code, message), "{arguments:?}");
    }
    assert_eq!(account(&place, &["create", "acme"]).code, 2, "it answers nowhere");
    assert_eq!(account(&place, &["list", "-o", "id"]).out.lines().count(), 1);
}

/// A server on this database, and where its second account would answer.
fn serve(place: &Place, database: &[&str]) -> (Running, String) {
    // The port must be known before: somebody else may take it in between, but not each time.
    let mut tries = 0..20;
    loop {
        let (mut server, second) = try_to_serve(place, database);
        if server.says("It listens on") {
            return (server, second);
        }
        tries.next().expect("a port that is free");
    }
}

fn try_to_serve(place: &Place, database: &[&str]) -> (Running, String) {
    let free = TcpListener::bind("127.0.0.1:0").expect("binds").local_addr().expect("an address");
    let (listen, public) = (format!("0.0.0.0:{}", free.port()), format!("http://{free}"));
    let arguments = [
        "serve",
        "--listen",
        &listen,
        "--public-url",
        &public,
        "--management-listen",
        "127.0.0.1:0",
    ];
    let server = Running::start(place, &[&arguments, database].concat());
    (server, format!("http://127.0.0.2:{}", free.port()))
}

async fn status(origin: &str, path: &str) -> StatusCode {
    reqwest::get(format!("{origin}{path}")).await.expect("answers").status()
}

/// The running server learns of it.
async fn becomes(origin: &str, path: &str, wanted: StatusCode) {
    let learned = eventually(async || status(origin, path).await == wanted).await;
    assert!(learned, "{path} is never {wanted}");
}

async fn a_running_server_follows(database: &[&str]) {
    let place = Place::empty();
    let (server, second) = serve(&place, database);
    assert_eq!(status(&second, METADATA).await, StatusCode::NOT_FOUND);
    let command = |arguments: &[&str]| {
        let run = account(&place, &[arguments, database].concat());
        assert_eq!(run.code, 0, "{}", run.err);
    };
    command(&["create", "second", "--base-url", &second]);
    becomes(&second, METADATA, StatusCode::OK).await;
    assert_eq!(status(&second, "/login").await, StatusCode::OK);
    command(&["suspend", "second"]);
    becomes(&second, METADATA, StatusCode::NOT_FOUND).await;
    command(&["resume", "second"]);
    becomes(&second, METADATA, StatusCode::OK).await;
    assert_eq!(server.stop().0, Some(0));
}

#[tokio::test]
async fn a_running_server_follows_on_sqlite() {
    a_running_server_follows(&[]).await;
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn a_running_server_follows_on_postgres() {
    let database = TestDatabase::postgres().await;
    a_running_server_follows(&["--database-url", database.url()]).await;
}
