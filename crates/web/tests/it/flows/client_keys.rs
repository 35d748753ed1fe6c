//! Keys of clients that are fetched (`jwks_uri`, OpenID Connect Core §10.1): kept for a while, fetched again when
//! they were changed, and nobody's trouble but the client's own.

use std::time::Duration;

use domain::{ClientAuthenticationMethod, Lifetime};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::support::{Consent, Elsewhere, Reply, TestApp, signed_as, stories, with_assertion};

const CLIENT: &str = "daily-report";
const ASKED: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "read")];

/// A set with the Ed25519 key of the fixtures under these names.
async fn keys_named(app: &TestApp, kids: &[&str]) -> String {
    let jwks: Value = serde_json::from_str(&app.fixture_jwks().await).expect("JSON");
    let keys = jwks["keys"].as_array().expect("keys");
    let key = keys.iter().find(|key| key["alg"] == "EdDSA").expect("a key");
    let named = kids.iter().map(|kid| {
        let mut key = key.clone();
        key["kid"] = json!(kid);
        key
    });
    json!({"keys": named.collect::<Vec<_>>()}).to_string()
}

async fn fetches_from(app: &TestApp, jwks_uri: &str) {
    app.rewrite_client(CLIENT, |client| {
        client.authentication_method = ClientAuthenticationMethod::PrivateKeyJwt;
        client.metadata.jwks_uri = Some(jwks_uri.to_owned());
    })
    .await;
}

async fn present(app: &TestApp, kid: &str) -> Reply {
    let header = json!({"alg": "EdDSA", "kid": kid});
    let assertion = signed_as(Algorithm::EdDSA, &header, &app.assertion_claims(CLIENT));
    app.send(with_assertion("/oauth/tokens", &assertion, &ASKED)).await
}

stories! {
    // oidcc-registration-jwks-uri
    async fn keys_are_fetched_once_and_kept(app) {
        let elsewhere = Elsewhere::serving(&keys_named(app, &["a"]).await).await;
        fetches_from(app, &elsewhere.url("/jwks")).await;
        for _ in 0..3 {
            present(app, "a").await.expect(200);
        }
        assert_eq!(elsewhere.requests(), 1);
        app.advance(Lifetime::minutes(15));
        present(app, "a").await.expect(200);
        assert_eq!(elsewhere.requests(), 2);
        // A client that moves is asked where it is now.
        fetches_from(app, &elsewhere.url("/moved")).await;
        present(app, "a").await.expect(200);
        assert_eq!(elsewhere.requests(), 3);
    }

    // oidcc-refresh-token-rp-key-rotation
    async fn a_client_that_rotates_its_keys_goes_on_refreshing(app) {
        let tokens = app.client(CLIENT).tokens(&Consent::default()).await;
        let refresh_token = tokens.text("refresh_token");
        let elsewhere = Elsewhere::serving(&keys_named(app, &["a"]).await).await;
        fetches_from(app, &elsewhere.url("/jwks")).await;
        present(app, "a").await.expect(200);
        elsewhere.serve(&keys_named(app, &["b"]).await);
        let header = json!({"alg": "EdDSA", "kid": "b"});
        let assertion = signed_as(Algorithm::EdDSA, &header, &app.assertion_claims(CLIENT));
        let asked = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token)];
        app.send(with_assertion("/oauth/tokens", &assertion, &asked)).await.expect(200);
        present(app, "a").await.expect(401);
    }

    // SS-04
    async fn an_unknown_key_is_looked_for_once_a_minute(app) {
        let elsewhere = Elsewhere::serving(&keys_named(app, &["a"]).await).await;
        fetches_from(app, &elsewhere.url("/jwks")).await;
        present(app, "a").await.expect(200);
        elsewhere.serve(&keys_named(app, &["a", "b"]).await);
        present(app, "b").await.expect(200);
        assert_eq!(elsewhere.requests(), 2, "it may have rotated them just now");
        for kid in ["c", "d", "c"] {
            present(app, kid).await.expect(401);
        }
        assert_eq!(elsewhere.requests(), 2);
        present(app, "a").await.expect(200);
        app.advance(Lifetime::minutes(1));
        for kid in ["c", "d"] {
            present(app, kid).await.expect(401);
        }
        assert_eq!(elsewhere.requests(), 3);
    }

    // SS-04
    async fn whoever_comes_while_a_new_key_is_fetched_waits_for_it(app) {
        let elsewhere = Elsewhere::serving(&keys_named(app, &["a"]).await).await;
        fetches_from(app, &elsewhere.url("/jwks")).await;
        present(app, "a").await.expect(200);
        app.advance(Lifetime::minutes(1));
        elsewhere.serve(&keys_named(app, &["a", "b"]).await);
        let held = elsewhere.hold().await;
        let second = async {
            elsewhere.asked(2).await;
            let mut second = Box::pin(present(app, "b"));
            // Enough for an answer that does not wait; on a slow machine it comes later, and is the same.
            let early = tokio::time::timeout(Duration::from_millis(500), &mut second).await;
            assert!(early.is_err(), "the key may be among those that are being fetched");
            drop(held);
            second.await
        };
        let (first, second) = tokio::join!(present(app, "b"), second);
        first.expect(200);
        second.expect(200);
        let requests = elsewhere.requests();
        present(app, "c").await.expect(401);
        assert_eq!(elsewhere.requests(), requests, "they were fetched a moment ago");
    }

    // SS-04
    async fn a_failure_delays_a_new_key_only_for_a_moment(app) {
        let elsewhere = Elsewhere::serving(&keys_named(app, &["a"]).await).await;
        fetches_from(app, &elsewhere.url("/jwks")).await;
        present(app, "a").await.expect(200);
        app.advance(Lifetime::minutes(1));
        elsewhere.serve("<html>");
        for _ in 0..3 {
            present(app, "b").await.expect(401);
        }
        assert_eq!(elsewhere.requests(), 2);
        present(app, "a").await.expect(200);
        elsewhere.serve(&keys_named(app, &["a", "b"]).await);
        app.advance(Lifetime::seconds(10));
        present(app, "b").await.expect(200);
        assert_eq!(elsewhere.requests(), 3);
    }

    // SS-03, SS-04
    async fn only_a_valid_set_is_kept(app) {
        let elsewhere = Elsewhere::serving("<html>").await;
        fetches_from(app, &elsewhere.url("/jwks")).await;
        let ten_thousand = json!({"keys": vec![json!({"kty": "OKP"}); 10_000]}).to_string();
        let deep = format!("{{\"keys\":[{}{}]}}", "[".repeat(2_000), "]".repeat(2_000));
        let symmetric = json!({"keys": [{"kty": "oct", "k": "AAAA"}]}).to_string();
        let large = " ".repeat(256 * 1024) + &keys_named(app, &["a"]).await;
        for body in ["", "{}", &ten_thousand, &deep, &symmetric, &large] {
            elsewhere.serve(body);
            let reply = present(app, "a").await;
            assert_eq!(reply.error(), (401, "invalid_client".to_owned()));
            // A failure is remembered for ten seconds.
            app.advance(Lifetime::seconds(10));
        }
        elsewhere.serve(&keys_named(app, &["a"]).await);
        present(app, "a").await.expect(200);
    }

    // SS-02, SS-05
    async fn nothing_inside_is_called_and_nothing_is_told(app) {
        let mut told = Vec::new();
        for jwks_uri in [
            "http://127.0.0.2:8080/.well-known/jwks.json",
            "https://127.0.0.2/jwks",
            "https://10.0.0.1/jwks",
            "https://[::1]/jwks",
            "https://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
        ] {
            fetches_from(app, jwks_uri).await;
            told.push(present(app, "a").await.expect(401).body);
        }
        assert!(told.iter().all(|body| *body == told[0]), "{told:?}");
    }

    // SS-03
    async fn a_client_whose_server_is_silent_holds_up_nobody_twice(app) {
        // Connections are taken and never answered.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = silent.local_addr().expect("an address").port();
        fetches_from(app, &format!("http://127.0.0.1:{port}/jwks")).await;
        let impatient = app
            .another_node_under(|policy| policy.outbound.deadline = Lifetime::millis(200))
            .await;
        let app = &impatient;
        present(app, "a").await.expect(401);
        silent.set_nonblocking(true).expect("it can");
        silent.accept().expect("it was called once");
        for _ in 0..5 {
            present(app, "a").await.expect(401);
        }
        let again = silent.accept().map(drop).map_err(|error| error.kind());
        assert_eq!(again, Err(std::io::ErrorKind::WouldBlock), "nobody called it again");
        app.client("photo-album").token(&ASKED).await.expect(200);
    }
}
