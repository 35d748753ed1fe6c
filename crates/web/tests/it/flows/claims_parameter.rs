//! The `claims` parameter (OpenID Connect Core 1.0 §5.5): claims asked for one by one.

use serde_json::{Map, Value, json};

use super::access_token_jwt::verify;
use crate::support::{ClientActor, Consent, Reply, RequestBuilder, TestApp, stories};

/// It has no ceiling of scopes.
const APP: &str = "daily-report";
const REDIRECT_URI: &str = "https://report.example.com/cb";

fn asking<'c>(scope: &'c str, more: &'c [(&'c str, &'c str)]) -> Consent<'c> {
    Consent { scope: Some(scope), more, ..Consent::default() }
}

/// What userinfo tells with the access token of this reply.
async fn userinfo(app: &TestApp, tokens: &Reply) -> Value {
    let token = tokens.text("access_token");
    let reply = app.send(RequestBuilder::get("/oauth/userinfo").bearer(&token)).await;
    reply.expect(200).json()
}

/// The claims about the user in the ID token of this reply.
async fn in_id_token(app: &TestApp, tokens: &Reply) -> Map<String, Value> {
    let (_, claims) = verify(app, &tokens.text("id_token")).await;
    let of_user = |name: &str| domain::StandardClaims::scope_of(name).is_some();
    let claims = claims.as_object().expect("an object").clone();
    claims.into_iter().filter(|(name, _)| of_user(name)).collect()
}

/// Where the browser of somebody who is signed in is sent, and what it sees.
async fn answer(app: &TestApp, client: &ClientActor<'_>, scope: &str, claims: &str) -> Reply {
    let more = [("claims", claims)];
    app.browser("alice").await.authorize(&client.request(&asking(scope, &more))).await
}

async fn nickname(app: &TestApp) {
    let path = format!("/api/v1/users/{}", app.user("alice").await.id);
    let user = json!({"user": {"claims": {"nickname": "Al", "locale": "en-GB"}}});
    app.admin_put(&path, &user).await.expect(200);
}

stories! {
    // oidcc-claims-essential
    /// A claim that was asked for by itself is told, at the place where it was asked for.
    async fn a_single_claim_is_told_where_it_was_asked_for(app) {
        nickname(app).await;
        let more = [("claims", r#"{"userinfo":{"name":{"essential":true},"nickname":null},
            "id_token":{"email":{"essential":true},"auth_time":null,"shoe_size":null}}"#)];
        let tokens = app.client(APP).tokens(&asking("openid", &more)).await;
        assert_eq!(tokens.text("scope"), "openid");
        let told = userinfo(app, &tokens).await;
        let sub = app.user("alice").await.id.to_string();
        assert_eq!(told, json!({"sub": sub, "name": "alice", "nickname": "Al"}));
        let expected = json!({"email": "alice@example.com"});
        assert_eq!(Value::Object(in_id_token(app, &tokens).await), expected);
    }

    /// What was asked for is remembered for refreshed tokens and for JWTs.
    async fn a_refresh_remembers_what_was_asked_for(app) {
        let claims = r#"{"userinfo":{"name":null},"id_token":{"email":null}}"#;
        for more in [
            &[("claims", claims)][..],
            &[("claims", claims), ("resource", "https://jwt.example.com/")],
        ] {
            let client = app.client(APP);
            let first = client.tokens(&asking("openid offline_access", more)).await;
            let next = client.refresh(&first.text("refresh_token")).await.expect(200);
            for tokens in [first, next] {
                assert_eq!(userinfo(app, &tokens).await["name"], "alice");
                assert!(in_id_token(app, &tokens).await.contains_key("email"));
            }
        }
        // A JWT without a refresh token has no row; its family knows.
        let more = [("claims", claims), ("resource", "https://jwt.example.com/")];
        let tokens = app.client("one-shot").tokens(&asking("openid", &more)).await;
        assert_eq!(tokens.json().get("refresh_token"), None);
        assert_eq!(userinfo(app, &tokens).await["name"], "alice");
    }

    /// Asking for a claim asks the user for its scope, and nothing is told before he allowed it.
    async fn the_user_is_asked_for_the_scope_of_a_claim(app) {
        let client = app.client(APP);
        client.tokens(&asking("openid", &[])).await;
        let email = r#"{"userinfo":{"email":null}}"#;
        let page = answer(app, &client, "openid", email).await.expect_consent();
        assert!(page.body.contains("Read your e-mail address."), "{}", page.body);
        let more = [("claims", email), ("prompt", "none")];
        let request = client.request(&asking("openid", &more));
        let silent = app.browser("alice").await.authorize(&request).await;
        silent.expect_error_at(REDIRECT_URI, "consent_required");

        let mut browser = app.browser("alice").await;
        let more = [("claims", email)];
        let page = browser.authorize(&client.request(&asking("openid", &more))).await;
        let code = browser.allow(&page, &[]).await.expect_code_at(REDIRECT_URI);
        let tokens = client.redeem(&code).await.expect(200);
        assert_eq!(userinfo(app, &tokens).await["email"], "alice@example.com");
        // Allowed once, it is not asked again.
        answer(app, &client, "openid", email).await.expect_code_at(REDIRECT_URI);
    }

    /// A claim beyond the client's ceiling is not asked for and not told.
    async fn the_ceiling_holds_for_claims_too(app) {
        let client = app.client("photo-album");
        let more = [("claims", r#"{"userinfo":{"email":{"essential":true}},"id_token":{"name":null}}"#)];
        let tokens = client.tokens(&asking("openid", &more)).await;
        assert_eq!(userinfo(app, &tokens).await.as_object().map(Map::len), Some(1));
        assert!(in_id_token(app, &tokens).await.is_empty());
        // Nor what it may no longer ask for.
        let tokens = app.client(APP).tokens(&asking("openid", &more)).await;
        app.change_record(APP, |client| {
            client.scopes = domain::ScopeSet::parse("openid read").ok();
        }).await;
        assert_eq!(userinfo(app, &tokens).await.as_object().map(Map::len), Some(1));
    }

    /// A claim with a value is told where it has it.
    async fn a_value_is_compared(app) {
        nickname(app).await;
        let more = [("claims", r#"{"userinfo":{"nickname":{"value":"Al"},"locale":{"value":"de"},
            "email":{"values":["bob@example.com","alice@example.com"]}}}"#)];
        let tokens = app.client(APP).tokens(&asking("openid", &more)).await;
        let told = userinfo(app, &tokens).await;
        assert_eq!((&told["nickname"], &told["email"]), (&json!("Al"), &json!("alice@example.com")));
        assert_eq!(told.get("locale"), None);
    }

    /// A request for another user is not answered by this one.
    async fn a_request_for_another_user_is_login_required(app) {
        let client = app.client(APP);
        client.tokens(&asking("openid", &[])).await;
        let alice = app.user("alice").await.id;
        let own = format!(r#"{{"id_token":{{"sub":{{"value":"{alice}"}}}}}}"#);
        answer(app, &client, "openid", &own).await.expect_code_at(REDIRECT_URI);
        let bob = app.user("bob").await.id;
        for place in ["id_token", "userinfo"] {
            let other = format!(r#"{{"{place}":{{"sub":{{"value":"{bob}"}}}}}}"#);
            let reply = answer(app, &client, "openid", &other).await;
            reply.expect_error_at(REDIRECT_URI, "login_required");
        }
    }

    /// What cannot be read is refused at the client; what is not understood is ignored.
    async fn malformed_claims_are_an_invalid_request(app) {
        let client = app.client(APP);
        client.tokens(&asking("openid read", &[])).await;
        let long = format!(r#"{{"userinfo":{{"{}":null}}}}"#, "x".repeat(4100));
        let deep = format!("{}{}", "{\"a\":".repeat(40), "1".to_owned() + &"}".repeat(40));
        let many: Vec<String> = (0..65).map(|at| format!("\"c{at}\":null")).collect();
        let many = format!(r#"{{"userinfo":{{{}}}}}"#, many.join(","));
        for claims in ["x", "[]", "null", r#"{"userinfo":[]}"#, r#"{"id_token":{"acr":1}}"#,
            r#"{"userinfo":{},"userinfo":{}}"#, r#"{"userinfo":{"email":{"essential":1}}}"#, &long,
            &deep, &many] {
            for scope in ["openid", "read"] {
                let reply = answer(app, &client, scope, claims).await;
                reply.expect_error_at(REDIRECT_URI, "invalid_request");
            }
        }
        for claims in ["{}", r#"{"userinfo":null,"x":1}"#, r#"{"userinfo":{"shoe_size":null}}"#] {
            answer(app, &client, "openid", claims).await.expect_code_at(REDIRECT_URI);
        }
    }

    /// Without `openid` claims mean nothing.
    async fn without_openid_claims_mean_nothing(app) {
        let client = app.client(APP);
        client.tokens(&asking("read", &[])).await;
        let reply = answer(app, &client, "read", r#"{"userinfo":{"email":null}}"#).await;
        reply.expect_code_at(REDIRECT_URI);
    }
}
