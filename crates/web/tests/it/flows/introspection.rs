//! Introspection: who learns what of a token, and when it is no longer one.

use domain::Lifetime;
use protocol::authentication_context::PASSWORD;
use serde_json::{Value, json};

use crate::support::{Consent, ORIGIN, Reply, RequestBuilder, TestApp, stories};

const PATH: &str = "/oauth/tokens/introspect";
const API: Consent<'_> = Consent {
    user: "alice",
    scope: Some("read"),
    pkce: true,
    more: &[("resource", "https://api.example.com/")],
};

fn inactive() -> Value {
    json!({"active": false})
}

fn invalid_client(reply: &Reply) {
    assert_eq!(reply.error(), (401, "invalid_client".to_owned()), "{}", reply.body);
    assert_eq!(reply.header("www-authenticate"), Some(r#"Basic realm="Consentry""#));
}

/// What three callers learn: the token's own client, one bound to the API, a stranger.
async fn told(app: &TestApp, token: &str) -> [Value; 3] {
    let own = app.client("photo-album").introspect(token).await.json();
    let bound = app.client("api-server").introspect(token).await.json();
    let stranger = app.client("daily-report").introspect(token).await.json();
    [own, bound, stranger]
}

stories! {
    // M-05, D-08
    /// Nobody learns anything without authentication with a secret.
    async fn introspection_needs_a_client_with_a_secret(app) {
        let token =
            app.client("photo-album").tokens(&Consent::default()).await.text("access_token");
        let fields = [("token", token.as_str())];
        invalid_client(&app.send(RequestBuilder::post(PATH).form(&fields)).await);
        for public in ["web-player", "cli-tool", "one-shot"] {
            invalid_client(&app.client(public).post(PATH, &fields).await);
        }
        for secret in [None, Some("wrong-secret-000000000")] {
            for name in ["photo-album", "legacy-sync"] {
                invalid_client(&app.client(name).presenting(secret).post(PATH, &fields).await);
            }
        }
        let bearer = RequestBuilder::post(PATH).bearer(&token).form(&fields);
        invalid_client(&app.send(bearer).await);
        let reply = app.client("legacy-sync").introspect(&token).await;
        assert_eq!(reply.json(), inactive());
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }

    // M-05, B-13
    /// A token is told to its own client; to others it is like a bad one, byte for byte.
    async fn a_token_is_told_to_its_own_client(app) {
        let token =
            app.client("photo-album").tokens(&Consent::default()).await.text("access_token");
        let [own, bound, stranger] = told(app, &token).await;
        let now = app.ctx.now().as_seconds();
        let alice = app.user("alice").await.id.to_string();
        let expected = json!({
            "active": true, "scope": "read", "client_id": "photo-album", "token_type": "bearer",
            "username": "alice@example.com", "sub": alice, "aud": ORIGIN, "iss": ORIGIN,
            "iat": now, "exp": now + 1800, "auth_time": now, "acr": PASSWORD.acr,
        });
        assert_eq!(own, expected);
        assert_eq!(bound, inactive());
        assert_eq!(stranger, inactive());
        let body = app.client("daily-report").introspect(&token).await.body;
        assert_eq!(body, r#"{"active":false}"#);
    }

    // B-13
    /// A token for an API is told to the clients that are bound to it as well.
    async fn a_token_for_an_api_is_told_to_clients_bound_to_it(app) {
        let token = app.client("photo-album").tokens(&API).await.text("access_token");
        let [own, bound, stranger] = told(app, &token).await;
        assert_eq!(own, bound);
        assert_eq!(own["aud"], "https://api.example.com/");
        assert_eq!(stranger, inactive());
        let unbound =
            app.change_client("api-server", |draft| "api-2".clone_into(&mut draft.identifier));
        unbound.await.expect("the identifier is free");
        let renamed = RequestBuilder::post(PATH).basic("api-2", "api-server-secret-0000000");
        let reply = app.send(renamed.form(&[("token", token.as_str())])).await.expect(200);
        assert_eq!(reply.json(), inactive());
    }

    // M-05
    /// A refresh token is told to its own client only, without a token type.
    async fn a_refresh_token_is_told_to_its_own_client_only(app) {
        let tokens = app.client("photo-album").tokens(&API).await;
        let [own, bound, stranger] = told(app, &tokens.text("refresh_token")).await;
        let now = app.ctx.now().as_seconds();
        assert_eq!(own["active"], true);
        assert_eq!(own.get("token_type"), None);
        assert_eq!(own["exp"], now + 2_592_000);
        assert_eq!(own["client_id"], "photo-album");
        assert_eq!(own["scope"], "read");
        assert_eq!(bound, inactive());
        assert_eq!(stranger, inactive());
        let client = app.client("photo-album");
        client.refresh(&tokens.text("refresh_token")).await.expect(200);
        assert!(!client.is_active(&tokens.text("refresh_token")).await, "it was exchanged");
    }

    // M-05
    /// What is no token, no longer one, or another kind of handle is inactive and nothing more.
    async fn what_is_no_token_is_inactive(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        let mut browser = app.anonymous();
        browser.sign_in("alice").await;
        let session = browser.session().expect("she is signed in");
        let no_tokens = [
            "x",
            " ",
            "cstat_",
            "cstat_0",
            "cstrt_",
            "ey.ey.ey",
            "eyJhbGciOiJub25lIn0.e30.",
            "..",
            "admin-api-token-000000",
            "photo-album-secret-000000",
            "\u{1f980}",
            code.as_str(),
            session.as_str(),
        ];
        for text in no_tokens {
            assert_eq!(client.introspect(text).await.body, r#"{"active":false}"#, "{text}");
        }
        let long = "a".repeat(60_000);
        assert_eq!(client.introspect(&long).await.json(), inactive());
        let tokens = client.redeem(&code).await.expect(200);
        app.advance(Lifetime::minutes(30));
        assert!(!client.is_active(&tokens.text("access_token")).await);
        assert!(client.is_active(&tokens.text("refresh_token")).await);
    }

    // M-05, D-03
    /// The request is a form or JSON with one `token`; the hint is only a hint.
    async fn a_request_names_one_token(app) {
        let client = app.client("photo-album");
        let token = client.tokens(&Consent::default()).await.text("access_token");
        let missing = client.post(PATH, &[("token_type_hint", "access_token")]).await;
        assert_eq!(missing.error(), (400, "invalid_request".to_owned()));
        let twice = client.post(PATH, &[("token", &token), ("token", &token)]).await;
        assert_eq!(twice.error(), (400, "invalid_request".to_owned()));
        for hint in ["refresh_token", "access_token", "nonsense", ""] {
            let fields = [("token", token.as_str()), ("token_type_hint", hint)];
            assert_eq!(client.post(PATH, &fields).await.expect(200).json()["active"], true);
        }
        let body = json!({
            "token": token, "client_id": "photo-album",
            "client_secret": "photo-album-secret-000000", "unknown": [1],
        });
        let reply = app.send(RequestBuilder::post(PATH).json(&body)).await.expect(200);
        assert_eq!(reply.json()["active"], true);
        for (request, status) in [
            (RequestBuilder::get(PATH), 405),
            (RequestBuilder::post(&format!("{PATH}?token={token}")).json(&body), 400),
            (RequestBuilder::post(PATH).body("text/plain", b"token=x"), 415),
        ] {
            let reply = app.send(request).await;
            assert_eq!(reply.error(), (status, "invalid_request".to_owned()));
        }
    }

    // D-08
    /// Whole replies, as they are sent.
    async fn whole_replies(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&API).await;
        let access = client.introspect(&tokens.text("access_token")).await;
        insta::assert_snapshot!("access_token", access.snapshot());
        let refresh = client.introspect(&tokens.text("refresh_token")).await;
        insta::assert_snapshot!("refresh_token", refresh.snapshot());
        insta::assert_snapshot!("inactive", client.introspect("x").await.snapshot());
        let credentials = client.token(&[("grant_type", "client_credentials")]).await;
        let acting = client.introspect(&credentials.text("access_token")).await;
        insta::assert_snapshot!("client_credentials", acting.snapshot());
        let without = app.client("photo-album").presenting(None);
        insta::assert_snapshot!("no_secret", without.post(PATH, &[]).await.snapshot());
    }
}
