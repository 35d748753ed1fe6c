//! Request objects (RFC 9101, OpenID Connect Core §6): what a client signed counts, whoever carried it, and
//! nothing else passes for it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use domain::{Lifetime, SigningAlgorithm};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::support::{
    Browser, Challenge, Elsewhere, ORIGIN, Reply, TestApp, password, signed, signed_as, stories,
    unsigned,
};

const CLIENT: &str = "photo-album";
const CALLBACK: &str = "https://app.example.com/callback";
const SECOND_CALLBACK: &str = "https://app.example.com/b?x=1";

/// The claims of a good request object.
fn claims(app: &TestApp) -> Value {
    let now = app.ctx.now().as_seconds();
    json!({
        "iss": CLIENT, "aud": ORIGIN, "exp": now + 60, "nbf": now,
        "client_id": CLIENT, "response_type": "code", "redirect_uri": CALLBACK,
        "scope": "read", "state": "signed",
        "code_challenge": Challenge::RFC.challenge, "code_challenge_method": "S256",
    })
}

fn with(mut json: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => drop(json.as_object_mut().expect("an object").remove(name)),
        value => json[name] = value,
    }
    json
}

fn sign(claims: &Value) -> String {
    signed(Algorithm::EdDSA, claims)
}

/// The client has keys, and Alice allowed it what it asks for.
async fn prepare(app: &TestApp) -> Browser<'_> {
    let jwks = app.fixture_jwks().await;
    app.rewrite_client(CLIENT, |client| client.metadata.jwks = Some(jwks.clone())).await;
    app.client(CLIENT).tokens(&crate::support::Consent::default()).await;
    app.browser("alice").await
}

/// What an app puts beside its object: where a refusal may go, and what OpenID Connect demands.
fn beside<'v>(name: &'v str, value: &'v str) -> Vec<(&'v str, &'v str)> {
    vec![
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("state", "xyz"),
        (name, value),
    ]
}

async fn send(browser: &mut Browser<'_>, object: &str) -> Reply {
    browser.authorize(&beside("request", object)).await
}

stories! {
    // JW-08
    async fn what_the_client_signed_stands_in_place_of_the_query(app) {
        let mut browser = prepare(app).await;
        for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA] {
            let reply = send(&mut browser, &signed(algorithm, &claims(app))).await;
            reply.expect_code_at(CALLBACK);
            assert_eq!(reply.parameter("state").as_deref(), Some("signed"));
        }
        // Nobody who carries it can turn it: scope, challenge and address are the signed ones.
        let object = with(claims(app), "redirect_uri", json!(SECOND_CALLBACK));
        let object = sign(&object);
        let mut tampered = beside("request", &object);
        tampered.extend([("scope", "write"), ("code_challenge", "x"), ("prompt", "none")]);
        let reply = browser.authorize(&tampered).await.expect(303);
        assert!(reply.location().starts_with(SECOND_CALLBACK), "{}", reply.location());
        let code = reply.parameter("code").expect("a code");
        let claim = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", SECOND_CALLBACK),
            ("code_verifier", Challenge::RFC.verifier),
        ];
        let tokens = app.client(CLIENT).token(&claim).await.expect(200);
        assert_eq!(tokens.text("scope"), "read");
    }

    /// RFC 9101 §5: nothing but the client has to stand beside it.
    async fn an_object_may_say_everything(app) {
        let mut browser = prepare(app).await;
        let object = sign(&claims(app));
        let reply = browser.authorize(&[("client_id", CLIENT), ("request", &object)]).await;
        reply.expect_code_at(CALLBACK);
        let reply = browser.authorize(&[("request", &object)]).await;
        assert_eq!(reply.status, 400, "who signed it is what the query says");
    }

    // CA-04, CA-05, JW-08, V9.1.1, V9.1.2, V9.1.3, V9.2.1, V9.2.2, V9.2.3
    // oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported
    async fn each_fault_of_an_object_has_its_words(app) {
        let mut browser = prepare(app).await;
        let now = app.ctx.now().as_seconds();
        let changed = |name, value| sign(&with(claims(app), name, value));
        let headed = |name: &str, value| {
            let header = with(json!({"alg": "EdDSA"}), name, value);
            signed_as(Algorithm::EdDSA, &header, &claims(app))
        };
        for (object, words) in [
            ("nonsense".to_owned(), "is not a compact JWS"),
            (format!("{}.", unsigned(&json!({"alg": "none"}), &claims(app))), "is not signed"),
            (format!("{}.", unsigned(&json!({"alg": "EdDSA"}), &claims(app))), "is not signed"),
            (signed(Algorithm::HS256, &claims(app)), "an algorithm that is not supported"),
            (signed_as(Algorithm::ES256, &json!({"alg": "EdDSA"}), &claims(app)), "wrong signature"),
            (headed("kid", json!("../../dev/null")), "names no key"),
            (headed("crit", json!(["exp"])), "critical"),
            (headed("typ", json!("at+jwt")), "another type"),
            (headed("typ", json!("client-authentication+jwt")), "another type"),
            (changed("exp", json!(now - 10)), "has expired"),
            (changed("nbf", json!(now + 61)), "is not valid yet"),
            (changed("iat", json!(now + 61)), "is not valid yet"),
            (changed("iss", json!("daily-report")), "an iss that is not"),
            (changed("aud", json!("https://elsewhere.example.com")), "an aud that is not"),
            (changed("aud", json!([])), "an aud that is not"),
            // An assertion of the same client is no request (RFC 9101 §10.8).
            (changed("sub", json!(CLIENT)), "a wrong sub"),
            (changed("request", json!("jwt")), "contains request"),
            (changed("request_uri", json!("https://a.example.com/")), "contains request"),
            (changed("scope", json!(["read"])), "wrong type"),
        ] {
            let reply = send(&mut browser, &object).await;
            reply.expect_error_at(CALLBACK, "invalid_request_object");
            let description = reply.parameter("error_description").expect("a description");
            assert!(description.contains(words), "{description} {words}");
        }
        for (name, value) in [("client_id", "daily-report"), ("response_type", "token")] {
            let reply = send(&mut browser, &changed(name, json!(value))).await;
            reply.expect_error_at(CALLBACK, "invalid_request");
        }
    }

    // JW-08
    // oidcc-ensure-request-object-with-redirect-uri
    async fn an_object_that_is_not_believed_sends_nobody_anywhere(app) {
        let mut browser = prepare(app).await;
        let wrong = signed_as(Algorithm::ES256, &json!({"alg": "EdDSA"}), &claims(app));
        let reply = browser.authorize(&[("client_id", CLIENT), ("request", &wrong)]).await;
        assert_eq!(reply.status, 400, "{}", reply.body);
        let unregistered = with(claims(app), "redirect_uri", json!("https://evil.example/"));
        let reply = send(&mut browser, &sign(&unregistered)).await;
        assert_eq!(reply.status, 400, "{}", reply.body);
    }

    // CA-04
    async fn an_object_is_signed_with_the_registered_algorithm(app) {
        let mut browser = prepare(app).await;
        app.rewrite_client(CLIENT, |client| {
            client.metadata.request_object_signing_alg = Some(SigningAlgorithm::Es256);
        })
        .await;
        let reply = send(&mut browser, &sign(&claims(app))).await;
        reply.expect_error_at(CALLBACK, "invalid_request_object");
        let reply = send(&mut browser, &signed(Algorithm::ES256, &claims(app))).await;
        reply.expect_code_at(CALLBACK);
    }

    async fn a_client_without_keys_has_signed_nothing(app) {
        let mut browser = app.browser("alice").await;
        let reply = send(&mut browser, &sign(&claims(app))).await;
        reply.expect_error_at(CALLBACK, "invalid_request_object");
    }

    /// What was signed for a minute is not held against a user who takes longer to sign in.
    async fn what_was_signed_waits_for_its_user(app) {
        drop(prepare(app).await);
        let mut browser = app.anonymous();
        let reply = send(&mut browser, &sign(&claims(app))).await;
        reply.expect_sign_in();
        app.advance(Lifetime::minutes(5));
        let page = browser.get(reply.location()).await.expect(200);
        let fields = [("username", "alice@example.com"), ("password", password("alice"))];
        let signed_in = browser.submit(&page, &fields).await.expect(303);
        browser.get(signed_in.location()).await.expect_code_at(CALLBACK);
    }

    // JW-08
    // oidcc-request-uri-signed-rs256 (with EdDSA)
    async fn a_registered_address_is_read_and_no_other(app) {
        let mut browser = prepare(app).await;
        let elsewhere = Elsewhere::serving(&sign(&claims(app))).await;
        let registered = elsewhere.url("/request.jwt");
        app.rewrite_client(CLIENT, |client| {
            client.metadata.request_uris = vec![registered.clone()];
        })
        .await;
        let reply = browser.authorize(&beside("request_uri", &registered)).await;
        reply.expect_code_at(CALLBACK);
        assert_eq!(reply.parameter("state").as_deref(), Some("signed"));
        let hash = BASE64URL.encode(digest(&SHA256, sign(&claims(app)).as_bytes()));
        let hashed = format!("{registered}#{hash}");
        browser.authorize(&beside("request_uri", &hashed)).await.expect_code_at(CALLBACK);
        assert_eq!(elsewhere.requests(), 1, "it is kept for a moment");
        for other in [
            format!("{registered}?x=1"),
            elsewhere.url("/other.jwt"),
            elsewhere.url("/REQUEST.jwt"),
            format!("{registered}#{}", BASE64URL.encode([7; 32])),
            "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c".to_owned(),
        ] {
            let reply = browser.authorize(&beside("request_uri", &other)).await;
            reply.expect_error_at(CALLBACK, "invalid_request_uri");
        }
        assert_eq!(elsewhere.requests(), 1);
        let object = sign(&claims(app));
        let mut both = beside("request_uri", &registered);
        both.push(("request", &object));
        browser.authorize(&both).await.expect_error_at(CALLBACK, "invalid_request");
    }

    // oidcc-request-uri-unsigned, oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported
    async fn an_unsigned_object_at_an_address_is_refused_too(app) {
        let mut browser = prepare(app).await;
        let object = format!("{}.", unsigned(&json!({"alg": "none"}), &claims(app)));
        let elsewhere = Elsewhere::serving(&object).await;
        let registered = elsewhere.url("/request.jwt");
        app.rewrite_client(CLIENT, |client| {
            client.metadata.request_uris = vec![registered.clone()];
        })
        .await;
        let reply = browser.authorize(&beside("request_uri", &registered)).await;
        reply.expect_error_at(CALLBACK, "invalid_request_object");
    }

    // SS-05
    async fn nothing_is_told_of_what_stands_at_an_address(app) {
        let mut browser = prepare(app).await;
        let elsewhere = Elsewhere::serving("root:x:0:0:root:/root:/bin/sh").await;
        let internal = [
            elsewhere.url("/passwd"),
            "http://127.0.0.2:8080/healthz".to_owned(),
            "https://169.254.169.254/latest/meta-data".to_owned(),
        ];
        app.rewrite_client(CLIENT, |client| client.metadata.request_uris = internal.to_vec()).await;
        let mut told = Vec::new();
        for request_uri in &internal {
            let reply = browser.authorize(&beside("request_uri", request_uri)).await;
            reply.expect_error_at(CALLBACK, "invalid_request_uri");
            told.push(reply.location().to_owned());
        }
        assert!(told.iter().all(|location| *location == told[0]), "{told:?}");
        assert!(!told[0].contains("root"), "{}", told[0]);
    }

    // SS-04
    async fn strangers_cannot_make_the_server_fetch_without_end(app) {
        drop(prepare(app).await);
        let elsewhere = Elsewhere::serving("nothing").await;
        let many: Vec<_> = (0..100).map(|number| elsewhere.url(&format!("/{number}"))).collect();
        app.rewrite_client(CLIENT, |client| client.metadata.request_uris.clone_from(&many)).await;
        for request_uri in many.iter().chain(&many) {
            let mut asked = beside("request_uri", request_uri);
            asked.push(("prompt", "none"));
            let reply = app.anonymous().authorize(&asked).await;
            reply.expect_error_at(CALLBACK, "invalid_request_uri");
        }
        assert_eq!(elsewhere.requests(), 10, "what one client has in a minute");
    }
}
