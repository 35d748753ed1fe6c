//! Client assertions (RFC 7523, OpenID Connect Core §9): a client that signs proves itself by nothing else, and
//! with each assertion once.

use std::net::IpAddr;

use domain::{Client, ClientAuthenticationMethod, SigningAlgorithm};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::support::{
    ORIGIN, Reply, RequestBuilder, TestApp, signed, signed_as, stories, unsigned, with_assertion,
};

const CLIENT: &str = "daily-report";
const ASKED: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "read")];

fn with(mut json: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => drop(json.as_object_mut().expect("an object").remove(name)),
        value => json[name] = value,
    }
    json
}

/// A call with an assertion, each time from another address, so that nobody is held back.
fn presenting(assertion: &str, attempt: usize) -> RequestBuilder {
    let last = u8::try_from(attempt % 250 + 1).expect("it fits");
    with_assertion("/oauth/tokens", assertion, &ASKED).sent_from(IpAddr::from([10, 0, 0, last]))
}

async fn present(app: &TestApp, assertion: &str, attempt: usize) -> Reply {
    app.send(presenting(assertion, attempt)).await
}

/// Signs with the key of the whole set that the algorithm leaves no doubt about.
async fn accepted(app: &TestApp, claims: &Value) {
    present(app, &signed(Algorithm::EdDSA, claims), 0).await.expect(200);
}

async fn none_is_let_in(app: &TestApp, assertions: &[String]) {
    let wrong_secret = app.send(RequestBuilder::post("/oauth/tokens").form(&[
        ("grant_type", "client_credentials"),
        ("client_id", "photo-album"),
        ("client_secret", "wrong"),
    ]));
    let wrong_secret = wrong_secret.await;
    for (attempt, assertion) in assertions.iter().enumerate() {
        let reply = present(app, assertion, attempt).await;
        assert_eq!(reply.error(), (401, "invalid_client".to_owned()), "{assertion}");
        assert_eq!(reply.body, wrong_secret.body, "it is told no more than with a wrong secret");
    }
}

stories! {
    // V9.1.1
    async fn a_client_proves_itself_by_its_signature_at_every_endpoint(app) {
        app.lets_sign(CLIENT).await;
        let kid = |alg: &str, jwks: &Value| {
            let keys = jwks["keys"].as_array().expect("keys");
            keys.iter().find(|key| key["alg"] == alg).expect("a key")["kid"].clone()
        };
        let jwks: Value = serde_json::from_str(&app.fixture_jwks().await).expect("JSON");
        for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA] {
            let name = format!("{algorithm:?}");
            let header = json!({"alg": name, "kid": kid(&name, &jwks)});
            let assertion = signed_as(algorithm, &header, &app.assertion_claims(CLIENT));
            let token = present(app, &assertion, 0).await.expect(200).text("access_token");
            let fresh = || signed(algorithm, &app.assertion_claims(CLIENT));
            let of_token = [("token", token.as_str())];
            let path = "/oauth/tokens/introspect";
            let told = app.send(with_assertion(path, &fresh(), &of_token)).await.expect(200);
            assert_eq!(told.json()["active"], true);
            let path = "/oauth/tokens/revoke";
            app.send(with_assertion(path, &fresh(), &of_token)).await.expect(200);
        }
    }

    // CA-03, D-15, V9.2.3, V9.2.4
    // oidcc-ensure-client-assertion-with-iss-aud-succeeds
    async fn the_audience_is_the_issuer_or_the_token_endpoint(app) {
        app.lets_sign(CLIENT).await;
        let endpoint = format!("{ORIGIN}/oauth/tokens");
        for audience in [json!(ORIGIN), json!([ORIGIN]), json!(endpoint), json!([endpoint])] {
            accepted(app, &with(app.assertion_claims(CLIENT), "aud", audience)).await;
        }
        let mut assertions = Vec::new();
        for audience in [
            Value::Null,
            json!([]),
            json!("https://elsewhere.example.com"),
            json!([ORIGIN, "https://elsewhere.example.com"]),
            json!([ORIGIN, endpoint]),
            json!(format!("{ORIGIN}/")),
            json!(format!("{ORIGIN}/oauth/tokens/introspect")),
            json!("http://127.0.0.2:8080"),
            json!(format!("{ORIGIN}evil")),
            json!({"0": ORIGIN}),
            json!(1),
        ] {
            let claims = with(app.assertion_claims(CLIENT), "aud", audience);
            assertions.push(signed(Algorithm::EdDSA, &claims));
        }
        none_is_let_in(app, &assertions).await;
    }

    // CA-03, F-06, V9.2.1
    async fn clocks_may_differ_by_ten_seconds(app) {
        app.lets_sign(CLIENT).await;
        let now = app.ctx.now().as_seconds();
        for (name, value) in [
            ("iat", now + 8),
            ("nbf", now + 8),
            ("nbf", now + 10),
            ("exp", now - 9),
            ("exp", now + 310),
        ] {
            accepted(app, &with(app.assertion_claims(CLIENT), name, json!(value))).await;
        }
        let mut assertions = Vec::new();
        for (name, value) in [
            ("iat", json!(now + 70)),
            ("iat", json!(now - 300)),
            ("nbf", json!(now + 11)),
            ("nbf", json!(now + 61)),
            ("exp", json!(now - 10)),
            ("exp", json!(now + 311)),
            ("exp", json!(now + 86_400)),
            ("exp", json!("soon")),
            ("exp", Value::Null),
        ] {
            let claims = with(app.assertion_claims(CLIENT), name, value);
            assertions.push(signed(Algorithm::EdDSA, &claims));
        }
        none_is_let_in(app, &assertions).await;
    }

    // CA-03
    async fn an_assertion_is_good_once_at_whichever_node(app) {
        app.lets_sign(CLIENT).await;
        let other_node = app.another_node().await;
        let once = signed(Algorithm::EdDSA, &app.assertion_claims(CLIENT));
        present(app, &once, 0).await.expect(200);
        for node in [app, &other_node] {
            let reply = present(node, &once, 1).await;
            assert_eq!(reply.error(), (401, "invalid_client".to_owned()));
        }
        // Another signature does not make another assertion of it.
        let claims = app.assertion_claims(CLIENT);
        present(&other_node, &signed(Algorithm::ES256, &claims), 2).await.expect(200);
        present(app, &signed(Algorithm::PS256, &claims), 3).await.expect(401);
        let contested = signed(Algorithm::EdDSA, &app.assertion_claims(CLIENT));
        let rivals = (0..8).map(|attempt| presenting(&contested, attempt)).collect();
        let replies = app.race(rivals).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    }

    // CA-03
    async fn an_assertion_says_who_it_is_of_and_which_one_it_is(app) {
        app.lets_sign(CLIENT).await;
        let mut assertions = Vec::new();
        for (name, value) in [
            ("iss", json!("photo-album")),
            ("sub", json!("photo-album")),
            ("sub", json!("nobody")),
            ("iss", Value::Null),
            ("sub", Value::Null),
            ("jti", Value::Null),
            ("jti", json!("")),
            ("jti", json!(7)),
            ("jti", json!("j".repeat(513))),
        ] {
            let claims = with(app.assertion_claims(CLIENT), name, value);
            assertions.push(signed(Algorithm::EdDSA, &claims));
        }
        none_is_let_in(app, &assertions).await;
        let assertion = signed(Algorithm::EdDSA, &app.assertion_claims(CLIENT));
        let named = |client_id| [ASKED[0], ASKED[1], ("client_id", client_id)];
        let other = with_assertion("/oauth/tokens", &assertion, &named("photo-album"));
        assert_eq!(app.send(other).await.error(), (401, "invalid_client".to_owned()));
        let same = with_assertion("/oauth/tokens", &assertion, &named(CLIENT));
        app.send(same).await.expect(200);
    }

    /// No header chooses the algorithm or the key.
    // CA-04, V9.1.2, V9.1.3
    async fn no_algorithm_or_key_of_the_callers_choice_opens_anything(app) {
        app.lets_sign(CLIENT).await;
        let claims = || app.assertion_claims(CLIENT);
        let mut assertions = vec![
            format!("{}.", unsigned(&json!({"alg": "none"}), &claims())),
            signed(Algorithm::HS256, &claims()),
            signed_as(Algorithm::HS256, &json!({"alg": "RS256"}), &claims()),
            signed_as(Algorithm::ES256, &json!({"alg": "EdDSA"}), &claims()),
            signed_as(Algorithm::RS256, &json!({"alg": "PS256"}), &claims()),
        ];
        for (name, value) in [
            ("kid", json!("../../../dev/null")),
            ("kid", json!("' OR 1=1 --")),
            ("kid", json!("")),
            ("typ", json!("at+jwt")),
            ("typ", json!("oauth-authz-req+jwt")),
        ] {
            let header = with(json!({"alg": "EdDSA"}), name, value);
            assertions.push(signed_as(Algorithm::EdDSA, &header, &claims()));
        }
        none_is_let_in(app, &assertions).await;
        // Keys that a header brings along are neither used nor fetched: the registered one counts.
        app.rewrite_client(CLIENT, |client| client.metadata.jwks = Some(r#"{"keys":[]}"#.into()))
            .await;
        let keys: Value = serde_json::from_str(&app.fixture_jwks().await).expect("JSON");
        let own = keys["keys"].as_array().expect("keys").last().expect("a key").clone();
        let elsewhere = crate::support::Elsewhere::serving(&app.fixture_jwks().await).await;
        let mut assertions = Vec::new();
        for (name, value) in [
            ("jwk", own),
            ("jku", json!(elsewhere.url("/jwks.json"))),
            ("x5u", json!(elsewhere.url("/chain.pem"))),
            ("x5c", json!(["AAAA"])),
        ] {
            let header = with(json!({"alg": "EdDSA"}), name, value);
            assertions.push(signed_as(Algorithm::EdDSA, &header, &claims()));
        }
        none_is_let_in(app, &assertions).await;
        assert_eq!(elsewhere.requests(), 0);
    }

    /// Without a signature, or with headers that change its meaning, it is nothing.
    // CA-05
    async fn no_unsigned_or_redefined_assertion_opens_anything(app) {
        app.lets_sign(CLIENT).await;
        let claims = || app.assertion_claims(CLIENT);
        let whole = unsigned(&json!({"alg": "EdDSA"}), &claims());
        let signed_with = |header: Value| signed_as(Algorithm::EdDSA, &header, &claims());
        let assertions = [
            whole.clone(),
            format!("{whole}."),
            format!("{whole}.AAAA"),
            signed_with(json!({"alg": "EdDSA", "crit": ["exotic"], "exotic": true})),
            signed_with(json!({"alg": "EdDSA", "crit": ["b64"], "b64": false})),
            signed_with(json!({"alg": "EdDSA", "b64": false})),
            String::from("e30.e30.e30"),
            "a".repeat(8 * 1024 + 1),
        ];
        none_is_let_in(app, &assertions).await;
    }

    // CA-01, CA-04
    async fn a_client_passes_by_its_own_method_only(app) {
        // The client that signs still has a secret, which is worth nothing now.
        app.client(CLIENT).token(&ASKED).await.expect(200);
        app.lets_sign(CLIENT).await;
        app.client(CLIENT).token(&ASKED).await.expect(401);
        app.client(CLIENT).presenting(None).token(&ASKED).await.expect(401);
        let jwks = app.fixture_jwks().await;
        for identifier in ["photo-album", "web-player", "legacy-sync"] {
            app.rewrite_client(identifier, |client| client.metadata.jwks = Some(jwks.clone())).await;
            let assertion = signed(Algorithm::EdDSA, &app.assertion_claims(identifier));
            let reply = present(app, &assertion, 0).await;
            assert_eq!(reply.error(), (401, "invalid_client".to_owned()), "{identifier}");
        }
        let assertion = signed(Algorithm::EdDSA, &app.assertion_claims(CLIENT));
        let both = with_assertion("/oauth/tokens", &assertion, &ASKED);
        let reply = app.send(both.basic(CLIENT, "photo-album-secret-000000")).await;
        assert_eq!(reply.error(), (400, "invalid_request".to_owned()));
    }

    // CA-04
    async fn a_client_signs_with_the_algorithm_that_it_registered(app) {
        app.lets_sign(CLIENT).await;
        let only = |client: &mut Client| {
            client.metadata.token_endpoint_auth_signing_alg = Some(SigningAlgorithm::Es256);
        };
        app.rewrite_client(CLIENT, only).await;
        none_is_let_in(app, &[
            signed(Algorithm::RS256, &app.assertion_claims(CLIENT)),
            signed(Algorithm::EdDSA, &app.assertion_claims(CLIENT)),
        ])
        .await;
        let right = signed(Algorithm::ES256, &app.assertion_claims(CLIENT));
        present(app, &right, 0).await.expect(200);
    }

    // CA-07
    async fn refused_assertions_are_guesses(app) {
        app.lets_sign(CLIENT).await;
        let wrong = signed_as(
            Algorithm::ES256,
            &json!({"alg": "EdDSA"}),
            &app.assertion_claims(CLIENT),
        );
        for _ in 0..app.ctx.policy.client_failures_per_window {
            present(app, &wrong, 0).await.expect(401);
        }
        present(app, &wrong, 0).await.expect(429);
        let right = signed(Algorithm::EdDSA, &app.assertion_claims(CLIENT));
        present(app, &right, 0).await.expect(429);
        present(app, &right, 1).await.expect(200);
    }

    // DS-05
    async fn used_assertions_leave_when_nobody_could_present_them_again(app) {
        use store::testing::{Counted, count};
        app.lets_sign(CLIENT).await;
        for _ in 0..20 {
            accepted(app, &app.assertion_claims(CLIENT)).await;
        }
        app.advance(domain::Lifetime::seconds(70));
        // They leave now and then beside new ones, and later if the database is busy.
        for used in 1..=100 {
            accepted(app, &app.assertion_claims(CLIENT)).await;
            app.settled().await;
            let left = count(&app.ctx.store, Counted::UsedAssertions).await.expect("counts");
            if left == used {
                return;
            }
        }
        panic!("assertions that nobody could present again are still there");
    }

    async fn a_client_that_signs_needs_keys(app) {
        app.rewrite_client(CLIENT, |client| {
            client.authentication_method = ClientAuthenticationMethod::PrivateKeyJwt;
        })
        .await;
        none_is_let_in(app, &[signed(Algorithm::EdDSA, &app.assertion_claims(CLIENT))]).await;
    }
}
