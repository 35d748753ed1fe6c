//! HTTP itself: what caches keep, which methods there are.

use http::Method;
use serde_json::json;

use crate::support::{Consent, RequestBuilder, TestApp, stories};

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
            "/.env", "/assets", "/assets/", "/assets/..%2f..%2fCargo.toml", "/admin",
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
            let many = "a&".repeat(32 * 1024);
            let reply = app.send(RequestBuilder::post(path).body(kind, many.as_bytes())).await;
            assert_eq!(reply.error(), (400, "invalid_request".to_owned()), "{path}");
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
