//! HTTP itself: what caches keep, what other origins may read, which methods there are.

use http::Method;
use serde_json::json;

use crate::support::{Consent, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories};

/// A registered origin of the account, and one of its public clients on loopback.
const REGISTERED: &str = "https://player.example.com";

/// What is asked by strangers, and what looks almost like a registered origin.
const FOREIGN: [&str; 9] = [
    "https://evil.example",
    "null",
    "*",
    "",
    "https://player.example.com.evil.example",
    "http://player.example.com",
    "https://player.example.com:8443",
    "https://PLAYER.example.com",
    "https://elsewhere.example.com",
];

fn preflight(path: &str, origin: &str, method: &str) -> RequestBuilder {
    RequestBuilder::new(Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization, content-type")
}

fn allowed(reply: &Reply) -> Option<&str> {
    assert_eq!(reply.header("access-control-allow-credentials"), None);
    reply.header("access-control-allow-origin")
}

/// A token request that is refused; what matters is who may read the refusal.
fn token_request(origin: &str) -> RequestBuilder {
    RequestBuilder::post("/oauth/tokens").header("origin", origin).form(&[
        ("grant_type", "authorization_code"),
        ("client_id", "web-player"),
        ("code", "x"),
    ])
}

async fn access_token(app: &TestApp) -> String {
    let consent = Consent { user: "admin", scope: Some("read write"), ..Consent::default() };
    app.client("photo-album").tokens(&consent).await.text("access_token")
}

stories! {
    /// Nothing with a credential in it, nothing about a person and no redirect is kept by a cache.
    // HT-01, D-08, W-09
    async fn what_is_private_is_never_kept(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let consent_page = browser.authorize(&client.request(&Consent::default())).await;
        let redirect = browser.allow(&consent_page, &[]).await.expect(303);
        let tokens = client.redeem(&redirect.parameter("code").expect("a code")).await.expect(200);
        let token = access_token(app).await;
        let mut replies = vec![
            consent_page,
            redirect,
            client.introspect(&token).await,
            client.refresh(&tokens.text("refresh_token")).await.expect(200),
            client.refresh("nothing").await.expect(400),
            client.post("/oauth/tokens/revoke", &[("token", "x")]).await.expect(200),
            browser.get("/account/apps").await.expect(200),
            browser.get("/login").await,
            browser.get("/logout").await.expect(200),
            app.get("/setup/x").await.expect(404),
            app.get("/nothing").await.expect(404),
            app.get("/api/v2/users/me").await.expect(200),
        ];
        let draft = json!({"client": {"name": "New", "identifier": "new-one"}});
        let path = "/api/v2/oauth/clients";
        let made = app.send(RequestBuilder::post(path).bearer(&token).json(&draft)).await;
        let id = made.clone().expect(201).json()["client"]["id"].clone();
        let renewed = RequestBuilder::new(Method::PUT, &format!("{path}/{id}/generate_secret"));
        replies.push(made);
        replies.push(app.send(renewed.bearer(&token)).await.expect(200));
        replies.push(tokens.clone());
        for reply in &replies {
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{}", reply.snapshot());
        }
        assert_eq!(tokens.header("pragma"), Some("no-cache"));
    }

    /// What everybody may know may be kept: for minutes, and assets for good.
    // HT-01
    async fn what_is_public_may_be_kept(app) {
        for path in ["/.well-known/oauth-authorization-server", "/.well-known/jwks.json"] {
            let document = app.get(path).await.expect(200);
            assert_eq!(document.header("cache-control"), Some("public, max-age=300"));
            let etag = document.header("etag").expect("a tag");
            let again = RequestBuilder::get(path).header("if-none-match", etag);
            let again = app.send(again).await.expect(304);
            assert_eq!(again.header("etag"), Some(etag));
            assert!(again.body.is_empty());
        }
        let page = app.get("/login").await;
        let style = page.body.split('"').find(|part| part.starts_with("/assets/app."));
        let asset = app.get(style.expect("a stylesheet")).await.expect(200);
        assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"));
        let unknown = app.get("/.well-known/nothing").await.expect(404);
        assert_eq!(unknown.header("cache-control"), Some("no-store"));
    }

    /// A browser client's origin may call the token and revocation endpoints and read what they say.
    // HT-02, BA-04, V3.4.2
    async fn registered_origins_may_call_the_token_endpoint(app) {
        for origin in [REGISTERED, "http://127.0.0.1", "http://127.0.0.1:51004", "http://localhost:1"]
        {
            for path in ["/oauth/tokens", "/oauth/tokens/revoke"] {
                let reply = app.send(preflight(path, origin, "POST")).await.expect(204);
                assert_eq!(allowed(&reply), Some(origin));
                assert_eq!(reply.header("access-control-allow-methods"), Some("POST"));
                let headers = reply.header("access-control-allow-headers");
                assert_eq!(headers, Some("Authorization, Content-Type, DPoP"));
                assert_eq!(reply.header("vary"), Some("Origin"));
                assert!(reply.body.is_empty());
            }
            let reply = app.send(token_request(origin)).await.expect(400);
            assert_eq!(reply.text("error"), "invalid_grant");
            assert_eq!(allowed(&reply), Some(origin));
            let exposed = reply.header("access-control-expose-headers");
            assert_eq!(exposed, Some("WWW-Authenticate, DPoP-Nonce, Retry-After"));
            assert_eq!(reply.header("vary"), Some("Origin"));
        }
    }

    /// Nobody else reads an answer; that an answer depends on the origin is always said.
    // HT-02, V3.4.2
    async fn foreign_origins_read_nothing(app) {
        for origin in FOREIGN {
            for path in ["/oauth/tokens", "/oauth/tokens/revoke", "/api/v2/users/me"] {
                let reply = app.send(preflight(path, origin, "POST")).await.expect(204);
                assert_eq!(allowed(&reply), None, "{origin} {path}");
                assert_eq!(reply.header("access-control-allow-methods"), None);
                assert_eq!(reply.header("vary"), Some("Origin"));
            }
            let reply = app.send(token_request(origin)).await.expect(400);
            assert_eq!(allowed(&reply), None, "{origin}");
        }
        let twice = token_request(REGISTERED).header("origin", "https://evil.example");
        assert_eq!(allowed(&app.send(twice).await), None);
        let none = app.send(RequestBuilder::post("/oauth/tokens").form(&[])).await;
        assert_eq!((allowed(&none), none.header("vary")), (None, Some("Origin")));
        // Each account has its own origins.
        let elsewhere = preflight("/oauth/tokens", REGISTERED, "POST").at(OTHER_ORIGIN);
        assert_eq!(allowed(&app.send(elsewhere).await.expect(204)), None);
        let own = preflight("/oauth/tokens", "https://elsewhere.example.com", "POST");
        let own = app.send(own.at(OTHER_ORIGIN)).await;
        assert_eq!(allowed(&own), Some("https://elsewhere.example.com"));
    }

    /// No script calls the authorization endpoint, a page or introspection.
    // B-20, HT-02
    async fn pages_and_introspection_are_shared_with_nobody(app) {
        let closed = [
            "/oauth/authorizations/new",
            "/oauth/authorizations/x/decision",
            "/oauth/tokens/introspect",
            "/login",
            "/logout",
            "/account/apps",
            "/",
            "/healthz",
        ];
        for path in closed {
            for origin in [REGISTERED, "null", "https://evil.example"] {
                for method in [Method::GET, Method::POST, Method::OPTIONS] {
                    let request = RequestBuilder::new(method.clone(), path)
                        .header("origin", origin)
                        .header("access-control-request-method", "POST");
                    let reply = app.send(request).await;
                    assert_eq!(allowed(&reply), None, "{method} {path}");
                    let is_preflight = method == Method::OPTIONS;
                    assert!(!is_preflight || reply.status == 405, "{path}: {}", reply.status);
                }
            }
        }
    }

    /// The well-known documents are everybody's.
    // HT-02, BA-04
    async fn everybody_reads_the_well_known_documents(app) {
        for path in ["/.well-known/oauth-authorization-server", "/.well-known/jwks.json"] {
            for origin in ["https://evil.example", "null", REGISTERED] {
                let request = RequestBuilder::get(path).header("origin", origin);
                assert_eq!(allowed(&app.send(request).await.expect(200)), Some("*"));
                let reply = app.send(preflight(path, origin, "GET")).await.expect(204);
                assert_eq!(allowed(&reply), Some("*"));
            }
        }
    }

    /// A script reads the administration API with a Bearer token only: neither with a password nor
    /// as nobody.
    // HT-02
    async fn only_bearer_calls_of_the_api_cross_origins(app) {
        let token = access_token(app).await;
        let call = || RequestBuilder::get("/api/v2/users/me").header("origin", REGISTERED);
        let preflight = app.send(preflight("/api/v2/users/me", REGISTERED, "DELETE")).await;
        assert_eq!(allowed(&preflight), Some(REGISTERED));
        let methods = preflight.header("access-control-allow-methods");
        assert_eq!(methods, Some("GET, POST, PUT, DELETE"));
        let reply = app.send(call().bearer(&token)).await.expect(200);
        assert_eq!(allowed(&reply), Some(REGISTERED));
        assert_eq!(reply.header("vary"), Some("Origin"));
        let reply = app.send(call().bearer("unknown")).await.expect(401);
        assert_eq!(allowed(&reply), Some(REGISTERED), "an app must see that its token has ended");
        assert_eq!(allowed(&app.send(call()).await.expect(200)), None);
        let basic = call().basic("admin@example.com/token", "admin-api-token-000000");
        assert_eq!(allowed(&app.send(basic).await.expect(200)), None);
        let foreign = RequestBuilder::get("/api/v2/users/me").header("origin", "https://evil.example");
        assert_eq!(allowed(&app.send(foreign.bearer(&token)).await.expect(200)), None);
    }

    /// Registered origins are known without a look at the database, and follow changes at once.
    // HT-02
    async fn origins_are_in_memory_and_follow_the_registrations(app) {
        let asked = || preflight("/oauth/tokens", "https://new.example.com", "POST");
        assert_eq!(allowed(&app.send(asked()).await), None);
        app.change_client("web-player", |draft| {
            draft.redirect_uris = vec!["https://new.example.com/cb".to_owned()];
        })
        .await
        .map_err(|_| ())
        .expect("a good URI");
        assert_eq!(allowed(&app.send(asked()).await), Some("https://new.example.com"));
        let old = app.send(preflight("/oauth/tokens", REGISTERED, "POST")).await;
        assert_eq!(allowed(&old), None);
        let mut fewest = u64::MAX;
        for _ in 0..5 {
            let before = app.ctx.store.statement_count();
            app.send(asked()).await.expect(204);
            fewest = fewest.min(app.ctx.store.statement_count() - before);
        }
        assert_eq!(fewest, 0);
    }

    /// Methods that a path does not have are refused, and said which it has.
    // V4.1.4, V13.4.2–6, V3.5.1–3
    async fn unused_methods_are_refused(app) {
        let get = "GET,HEAD";
        let table = [
            ("/", get),
            ("/login", "GET,HEAD,POST"),
            ("/logout", "GET,HEAD,POST"),
            ("/setup/x", "GET,HEAD,POST"),
            ("/account/apps", get),
            ("/account/apps/revoke", "POST"),
            ("/account/apps/1/revoke", "POST"),
            ("/docs/errors/invalid_grant", get),
            ("/assets/app.0123456789abcdef.css", get),
            ("/oauth/authorizations/new", "GET,HEAD,POST"),
            ("/oauth/authorizations/x/decision", "POST"),
            ("/oauth/tokens", "POST"),
            ("/oauth/tokens/introspect", "POST"),
            ("/oauth/tokens/revoke", "POST"),
            ("/.well-known/oauth-authorization-server", get),
            ("/.well-known/jwks.json", get),
            ("/api/v2/oauth/clients", "GET,HEAD,POST"),
            ("/api/v2/oauth/clients/1", "GET,HEAD,PUT,DELETE"),
            ("/api/v2/oauth/clients/1/generate_secret", "PUT"),
            ("/api/v2/users/me", get),
            ("/api/v2/users/me/oauth/clients", get),
            ("/api/v2/users/1", get),
            ("/healthz", get),
            ("/readyz", get),
        ];
        for (path, allow) in table {
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PURGE"]
            {
                let is_allowed = allow.split(',').any(|it| it == method);
                let method = Method::from_bytes(method.as_bytes()).expect("a method");
                let reply = app.send(RequestBuilder::new(method.clone(), path)).await;
                if is_allowed {
                    assert_ne!(reply.status.as_u16(), 405, "{method} {path}");
                } else {
                    assert_eq!(reply.status.as_u16(), 405, "{method} {path}");
                    assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
                }
            }
        }
    }

    /// A header that asks for another method is not heard.
    // TN-07, V4.1.4
    async fn methods_cannot_be_tunnelled(app) {
        for header in ["x-http-method-override", "x-http-method", "x-method-override"] {
            let request = RequestBuilder::get("/oauth/tokens").header(header, "POST");
            app.send(request).await.expect(405);
            let id = app.registered("photo-album").await.id;
            let request = RequestBuilder::get(&format!("/api/v2/oauth/clients/{id}"))
                .header(header, "DELETE")
                .basic("admin@example.com/token", "admin-api-token-000000");
            app.send(request).await.expect(200);
        }
        app.registered("photo-album").await;
    }

    /// Nothing of operations, development or the files is to be seen.
    // V13.4.2–6
    async fn the_public_listener_shows_no_insides(app) {
        for path in [
            "/metrics", "/debug", "/debug/pprof", "/status", "/server-status", "/actuator", "/.git/HEAD",
            "/.env", "/assets", "/assets/", "/assets/..%2f..%2fCargo.toml", "/openapi.json", "/admin",
            "/api", "/api/v1", "/graphql", "/swagger", "/phpinfo.php", "/templates/",
        ] {
            let reply = app.get(path).await;
            assert_eq!(reply.status.as_u16(), 404, "{path}");
            assert!(!reply.body.contains(env!("CARGO_PKG_VERSION")), "{path}");
        }
        assert_eq!(app.get("/healthz").await.expect(200).body, "ok\n");
        assert_eq!(app.get("/readyz").await.expect(200).body, "ready\n");
    }

    /// A body that is too large, too deep or too long-winded is refused as what it is.
    // DS-04
    async fn oversized_requests_are_refused(app) {
        let admin = |request: RequestBuilder| {
            request.basic("admin@example.com/token", "admin-api-token-000000")
        };
        let form = vec![b'a'; 64 * 1024 + 1];
        let kind = "application/x-www-form-urlencoded";
        for path in ["/oauth/tokens", "/oauth/tokens/introspect", "/oauth/tokens/revoke"] {
            let reply = app.send(RequestBuilder::post(path).body(kind, &form)).await;
            assert_eq!(reply.error(), (413, "invalid_request".to_owned()), "{path}");
        }
        let page = app.send(RequestBuilder::post("/oauth/authorizations/new").body(kind, &form)).await;
        assert!(page.expect(413).body.contains("<code>request_too_large</code>"));
        let api = "/api/v2/oauth/clients";
        let json = "application/json";
        let exact = format!("{{\"x\":\"{}\"}}", "y".repeat((1 << 20) - 8));
        app.send(admin(RequestBuilder::post(api).body(json, exact.as_bytes()))).await.expect(422);
        let larger = format!("{exact} ");
        let reply = app.send(admin(RequestBuilder::post(api).body(json, larger.as_bytes()))).await;
        assert_eq!(reply.error(), (413, "PayloadTooLarge".to_owned()));
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        for body in [
            &*format!("{{\"client\":{deep}}}"),
            "{\"client\":{\"name\":\"a\",\"name\":\"b\"}}",
            "{\"client\":{\"name\":\"\\ud800\"}}",
            "{\"client\":{\"id\":1e400}}",
            "{\"client\":",
            "[]",
            "null",
        ] {
            let reply = app.send(admin(RequestBuilder::post(api).body(json, body.as_bytes()))).await;
            assert_eq!(reply.error(), (400, "InvalidRequest".to_owned()), "{body:.60}");
        }
    }

    /// A request's head has 16 KiB at most.
    // DS-04
    async fn a_long_head_is_refused(app) {
        let cookie = |length: usize| RequestBuilder::get("/login").header("cookie", &"c".repeat(length));
        app.send(cookie(16_000)).await.expect(200);
        let reply = app.send(cookie(16 * 1024)).await.expect(431);
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        let path = format!("/login?{}", "q".repeat(17_000));
        app.get(&path).await.expect(431);
        let mut many = RequestBuilder::get("/login");
        for number in 0..2_000 {
            many = many.header(&format!("x-{number}"), "12345");
        }
        app.send(many).await.expect(431);
    }
}
