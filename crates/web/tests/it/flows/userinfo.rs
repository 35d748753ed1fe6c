//! Userinfo (OpenID Connect Core 1.0 §5.3, §5.4): who may ask, how, and what is told.

use domain::{Lifetime, SigningAlgorithm};
use http::Method;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Header, Validation};
use serde_json::{Value, json};

use super::access_token_jwt::verify;
use crate::support::{Consent, ORIGIN, Reply, RequestBuilder, TestApp, stories};

const PATH: &str = "/oauth/userinfo";
/// It has no ceiling of scopes.
const APP: &str = "daily-report";
const EVERYTHING: &str = "openid profile email address phone";

fn consent(scope: &'static str) -> Consent<'static> {
    Consent { scope: Some(scope), ..Consent::default() }
}

/// What is told of alice with a token of these scopes.
async fn told(app: &TestApp, scope: &'static str) -> Value {
    let token = app.client(APP).tokens(&consent(scope)).await.text("access_token");
    ask(app, &token).await.expect(200).json()
}

async fn ask(app: &TestApp, token: &str) -> Reply {
    app.send(RequestBuilder::get(PATH).bearer(token)).await
}

fn names(claims: &Value) -> Vec<&str> {
    claims.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Verifies a signed reply with the published keys; it says no `exp`.
async fn read_signed(app: &TestApp, jwt: &str) -> (Header, Value) {
    let keys = app.get("/.well-known/jwks.json").await.body;
    let keys: JwkSet = serde_json::from_str(&keys).expect("a key set");
    let header = jsonwebtoken::decode_header(jwt).expect("a header");
    let key = keys.find(header.kid.as_deref().expect("a kid")).expect("its key is published");
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[APP]);
    validation.set_required_spec_claims(&["iss", "aud", "sub"]);
    let key = DecodingKey::from_jwk(key).expect("a public key");
    let decoded = jsonwebtoken::decode::<Value>(jwt, &key, &validation);
    (header, decoded.expect("the reply is good").claims)
}

/// Gives alice a claim of each kind.
async fn describe_alice(app: &TestApp) {
    let path = format!("/api/v1/users/{}", app.user("alice").await.id);
    let user = json!({"user": {"name": "Alice Liddell", "claims": {
        "given_name": "Alice", "family_name": "Liddell", "nickname": "Al", "locale": "en-GB",
        "zoneinfo": "Europe/London", "birthdate": "1990-05-04", "website": "https://alice.example/",
        "email_verified": true, "phone_number": "+44 1865 000000", "phone_number_verified": true,
        "address": {"locality": "Oxford", "country": "GB"}}}});
    app.admin_put(&path, &user).await.expect(200);
}

/// The challenge of a refusal, without its description.
fn challenge(reply: &Reply) -> &str {
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    reply.header("www-authenticate").expect("a challenge")
}

stories! {
    // oidcc-userinfo-get, oidcc-userinfo-post-header, oidcc-userinfo-post-body
    /// The token comes in the header, by GET and POST, or in a form.
    async fn a_token_in_the_header_or_a_form_is_taken(app) {
        let token = app.client(APP).tokens(&consent("openid")).await.text("access_token");
        let expected = json!({"sub": app.user("alice").await.id.to_string()});
        for request in [
            RequestBuilder::get(PATH).bearer(&token),
            RequestBuilder::get(PATH).header("authorization", &format!("bEARER {token}")),
            RequestBuilder::post(PATH).bearer(&token),
            RequestBuilder::post(PATH).bearer(&token).json(&json!({"access_token": "x"})),
            RequestBuilder::post(PATH).form(&[("access_token", token.as_str())]),
        ] {
            let reply = app.send(request).await.expect(200);
            assert_eq!(reply.json(), expected);
            assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
            assert_eq!(reply.header("cache-control"), Some("no-store"));
        }
    }

    /// Without a token the challenge says nothing else; with two, or one in the URL, nobody looks.
    async fn a_token_is_brought_once(app) {
        for request in [
            RequestBuilder::get(PATH),
            RequestBuilder::post(PATH),
            RequestBuilder::post(PATH).form(&[("access_token", "")]),
            RequestBuilder::get(PATH).basic("daily-report", "photo-album-secret-000000"),
        ] {
            let reply = app.send(request).await.expect(401);
            assert_eq!(challenge(&reply), r#"Bearer realm="Consentry""#);
            assert_eq!(reply.body, "");
        }
        let token = app.client(APP).tokens(&consent("openid")).await.text("access_token");
        let form = [("access_token", token.as_str())];
        for request in [
            RequestBuilder::post(PATH).bearer(&token).form(&form),
            RequestBuilder::post(PATH).form(&[form[0], form[0]]),
            RequestBuilder::get(PATH).bearer(&token).bearer(&token),
            RequestBuilder::get(&format!("{PATH}?access_token={token}")),
            RequestBuilder::get(&format!("{PATH}?access_token={token}")).bearer(&token),
        ] {
            let reply = app.send(request).await;
            assert_eq!(reply.error(), (400, "invalid_request".to_owned()));
            assert!(challenge(&reply).contains(r#"error="invalid_request""#));
        }
        let large = "x".repeat(100_000);
        let reply = app.send(RequestBuilder::post(PATH).form(&[("access_token", &large)])).await;
        assert_eq!(reply.status, 413);
        let reply = app.send(RequestBuilder::new(Method::PUT, PATH).bearer(&token)).await;
        assert_eq!(reply.error(), (405, "invalid_request".to_owned()));
    }

    // JW-10
    /// A token that is not good, or was not granted `openid` by a user, is told nothing.
    async fn a_token_without_openid_is_not_enough(app) {
        for bad in ["x", "", "ey.J.x", "cstat_00000000000000000000000000000000000000000000000000"] {
            let reply = ask(app, bad).await;
            assert_eq!(reply.error(), (401, "invalid_token".to_owned()), "{bad}");
            assert!(challenge(&reply).starts_with(r#"Bearer realm="Consentry", error="invalid_token""#));
        }
        let client = app.client(APP);
        let plain = client.tokens(&consent("profile read")).await.text("access_token");
        let fields = [("grant_type", "client_credentials"), ("scope", "openid read")];
        let own = client.token(&fields).await.expect(200).text("access_token");
        for token in [plain, own] {
            let reply = ask(app, &token).await;
            assert_eq!(reply.error(), (403, "insufficient_scope".to_owned()));
            assert!(challenge(&reply).ends_with(r#"scope="openid""#), "{}", challenge(&reply));
        }
    }

    // oidcc-scope-profile, oidcc-scope-email, oidcc-scope-address, oidcc-scope-phone, oidcc-scope-all,
    // oidcc-ensure-other-scope-order-succeeds
    /// Each scope holds its own claims, and what is not known is left out.
    async fn scopes_hold_their_claims(app) {
        describe_alice(app).await;
        assert_eq!(names(&told(app, "openid").await), ["sub"]);
        let profile = told(app, "openid profile").await;
        assert_eq!(names(&profile), ["birthdate", "family_name", "given_name", "locale", "name",
            "nickname", "sub", "updated_at", "website", "zoneinfo"]);
        assert_eq!(profile["name"], "Alice Liddell");
        assert_eq!(profile["updated_at"], app.ctx.now().as_seconds());
        let email = told(app, "email openid").await;
        assert_eq!(names(&email), ["email", "email_verified", "sub"]);
        assert_eq!((&email["email"], &email["email_verified"]),
            (&json!("alice@example.com"), &json!(true)));
        let address = told(app, "openid address").await;
        assert_eq!(address["address"], json!({"country": "GB", "locality": "Oxford"}));
        let phone = told(app, "openid phone").await;
        assert_eq!(names(&phone), ["phone_number", "phone_number_verified", "sub"]);
        assert_eq!(names(&told(app, EVERYTHING).await).len(), 15);
        let tokens = app.client(APP).tokens(&consent(EVERYTHING)).await;
        assert_eq!(tokens.text("scope"), EVERYTHING);
    }

    /// Who never said anything of himself has a name and an address that nobody verified.
    async fn little_is_known_of_most_people(app) {
        let told = told(app, EVERYTHING).await;
        assert_eq!(names(&told), ["email", "email_verified", "name", "sub", "updated_at"]);
        assert_eq!(told["email_verified"], false);
    }

    /// A change is told at once, with the token of before.
    async fn changes_are_told_at_once(app) {
        let tokens = app.client(APP).tokens(&consent("openid profile")).await;
        app.advance(Lifetime::minutes(5));
        describe_alice(app).await;
        let told = ask(app, &tokens.text("access_token")).await.expect(200).json();
        assert_eq!(told["given_name"], "Alice");
        assert_eq!(told["updated_at"], app.ctx.now().as_seconds());
    }

    // O-03, X-07, oidcc-userinfo-rs256
    /// An app that asked for it gets a JWT that it can verify, with issuer and audience.
    async fn a_signed_reply_can_be_verified(app) {
        for algorithm in SigningAlgorithm::ALL {
            app.change_record(APP, |client| {
                client.metadata.userinfo_signed_response_alg = Some(algorithm);
            }).await;
            let token = app.client(APP).tokens(&consent("openid email")).await.text("access_token");
            let reply = ask(app, &token).await.expect(200);
            assert_eq!(reply.header("content-type"), Some("application/jwt"));
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            let (header, claims) = read_signed(app, &reply.body).await;
            assert_eq!(format!("{:?}", header.alg).to_uppercase(), algorithm.as_str().to_uppercase());
            let expected = json!({"iss": ORIGIN, "aud": APP, "email": "alice@example.com",
                "email_verified": false, "sub": app.user("alice").await.id.to_string()});
            assert_eq!(claims, expected);
            // It is nothing else.
            assert!(!app.client(APP).is_active(&reply.body).await);
            assert_eq!(ask(app, &reply.body).await.error().0, 401);
        }
    }

    // JW-10
    /// A JWT access token is as good as an opaque one, and both end with whoever they are of.
    async fn every_kind_of_token_is_taken_while_it_lives(app) {
        let jwt = [("resource", "https://jwt.example.com/")];
        for more in [&[][..], &jwt] {
            let client = app.client(APP);
            let tokens = client.tokens(&Consent { more, ..consent("openid") }).await;
            let token = tokens.text("access_token");
            let sub = app.user("alice").await.id.to_string();
            assert_eq!(ask(app, &token).await.expect(200).json(), json!({"sub": sub}));
            client.post("/oauth/tokens/revoke", &[("token", &token)]).await.expect(200);
            assert_eq!(ask(app, &token).await.error().0, 401);

            let token = client.tokens(&Consent { more, ..consent("openid") }).await.text("access_token");
            app.suspend_user("alice", true).await;
            assert_eq!(ask(app, &token).await.error().0, 401);
            app.suspend_user("alice", false).await;
            app.advance(Lifetime::minutes(1));

            let token = client.tokens(&Consent { more, ..consent("openid") }).await.text("access_token");
            app.advance(Lifetime::minutes(31));
            assert_eq!(ask(app, &token).await.error().0, 401);
        }
    }

    // HT-02, BA-04
    /// Scripts of registered origins may ask, and of no others.
    async fn registered_origins_may_ask(app) {
        let registered = "https://player.example.com";
        let preflight = |origin: &str| {
            RequestBuilder::new(Method::OPTIONS, PATH).header("origin", origin)
                .header("access-control-request-method", "GET")
                .header("access-control-request-headers", "authorization")
        };
        let reply = app.send(preflight(registered)).await.expect(204);
        assert_eq!(reply.header("access-control-allow-origin"), Some(registered));
        assert_eq!(reply.header("access-control-allow-methods"), Some("GET, POST"));
        let reply = app.send(RequestBuilder::get(PATH).header("origin", registered)).await.expect(401);
        assert_eq!(reply.header("access-control-allow-origin"), Some(registered));
        assert!(reply.header("access-control-expose-headers").is_some());
        let reply = app.send(preflight("https://evil.example")).await;
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }

    /// It takes one statement, like introspection.
    async fn it_takes_one_statement(app) {
        let token = app.client(APP).tokens(&consent("openid profile")).await.text("access_token");
        let mut fewest = u64::MAX;
        for _ in 0..5 {
            let before = app.ctx.store.statement_count();
            ask(app, &token).await.expect(200);
            app.settled().await;
            fewest = fewest.min(app.ctx.store.statement_count() - before);
        }
        assert_eq!(fewest, 1);
    }

    /// A suspended account tells nobody anything.
    async fn a_suspended_account_tells_nothing(app) {
        let token = app.client(APP).tokens(&consent("openid")).await.text("access_token");
        app.suspend_home_account().await;
        assert_eq!(ask(app, &token).await.error(), (401, "invalid_token".to_owned()));
    }

    // JW-04
    /// What tokens say of themselves cannot be said of a user, and what is stored in spite of it is
    /// not told.
    async fn reserved_claims_are_refused(app) {
        let path = format!("/api/v1/users/{}", app.user("alice").await.id);
        for name in ["iss", "sub", "aud", "exp", "amr", "act", "scope", "client_id", "cnf", "acr",
            "auth_time", "email", "name", "shoe_size"] {
            let mut claims = serde_json::Map::new();
            claims.insert(name.to_owned(), json!("x"));
            let reply = app.admin_put(&path, &json!({"user": {"claims": claims}})).await;
            assert_eq!(reply.faults(), ["claims InvalidValue"], "{name}");
            let new = json!({"user": {"email": "eve@example.com", "name": "Eve", "claims": claims}});
            let reply = app.admin_post("/api/v1/users", &new).await;
            assert_eq!(reply.faults(), ["claims InvalidValue"], "{name}");
        }
        let account = app.account(ORIGIN).await;
        let mut alice = app.user("alice").await;
        let reserved = r#"{"sub":"1","iss":"https://evil.example","exp":9999999999}"#;
        reserved.clone_into(&mut alice.claims);
        let actor = domain::Actor::Operator;
        protocol::users::update(&app.ctx, actor, alice.clone()).await.expect("she is there");
        let tokens = app.client(APP).tokens(&Consent {
            more: &[("claims", r#"{"id_token":{"sub":null,"iss":null,"exp":null}}"#)],
            ..consent(EVERYTHING)
        }).await;
        let told = ask(app, &tokens.text("access_token")).await.expect(200).json();
        assert_eq!(told["sub"], alice.id.to_string());
        assert_eq!(told.get("iss"), None);
        let (_, claims) = verify(app, &tokens.text("id_token")).await;
        assert_eq!((&claims["sub"], &claims["iss"]),
            (&json!(alice.id.to_string()), &json!(account.issuer().as_str())));
        assert_eq!(claims["exp"], app.ctx.now().as_seconds() + 600);
    }

    /// An app that may know that somebody is there, and not his address, does not learn it by introspection.
    async fn openid_alone_tells_no_address(app) {
        let client = app.client("daily-report");
        for (scope, is_told) in [("openid", false), ("openid email", true), ("read", true)] {
            let tokens = client.tokens(&Consent { scope: Some(scope), ..Consent::default() }).await;
            for token in ["access_token", "refresh_token"] {
                let Some(token) = tokens.json()[token].as_str().map(str::to_owned) else { continue };
                let told = client.introspect(&token).await.json();
                assert_eq!(told["active"], true);
                assert_eq!(told.get("username").is_some(), is_told, "{scope}");
            }
        }
    }
}
