//! Who may call the administration API, and how the others are turned away.

use domain::Lifetime;
use http::Method;
use serde_json::json;

use crate::support::{CLIENTS, Consent, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories};

/// Every path of the API with a method that it has.
const CALLS: [(&str, &str); 9] = [
    ("GET", CLIENTS),
    ("POST", CLIENTS),
    ("GET", "/api/v2/oauth/clients/1"),
    ("PUT", "/api/v2/oauth/clients/1"),
    ("DELETE", "/api/v2/oauth/clients/1"),
    ("PUT", "/api/v2/oauth/clients/1/generate_secret"),
    ("GET", "/api/v2/users/me/oauth/clients"),
    ("GET", "/api/v2/users/1"),
    ("GET", "/api/v2/users/1.json"),
];

fn every_call() -> impl Iterator<Item = RequestBuilder> {
    let method = |name: &str| Method::from_bytes(name.as_bytes()).expect("a method");
    CALLS.into_iter().map(move |(name, path)| RequestBuilder::new(method(name), path))
}

/// 401 without a token: who are you?
#[track_caller]
fn assert_unknown(reply: &Reply) {
    assert_eq!(reply.error(), (401, "Couldn't authenticate you".to_owned()));
    assert_eq!(reply.header("www-authenticate"), Some("Bearer realm=\"Consentry\""));
    assert_eq!(reply.header("x-rate-limit"), None, "only known callers are told of the volume");
}

/// 401 with a token that is none.
#[track_caller]
fn assert_invalid_token(reply: &Reply) {
    assert_eq!(reply.error(), (401, "invalid_token".to_owned()));
    let challenge = "Bearer realm=\"Consentry\", error=\"invalid_token\"";
    assert_eq!(reply.header("www-authenticate"), Some(challenge));
    assert!(!reply.text("error_description").is_empty());
}

#[track_caller]
fn assert_missing_scopes(reply: &Reply, scopes: &str) {
    assert_eq!(reply.error(), (403, "Forbidden".to_owned()));
    let text = format!("You are missing the following required scopes: {scopes}");
    assert_eq!(reply.text("description"), text);
    let specific = scopes.split(',').next().expect("a scope");
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{specific}\"");
    assert_eq!(reply.header("www-authenticate"), Some(&*challenge));
}

async fn status_with(app: &TestApp, token: &str, request: RequestBuilder) -> u16 {
    app.send(request.bearer(token)).await.status.as_u16()
}

stories! {
    /// No credentials, no answer; and what is no route is none for anybody.
    // W-02, W-03, W-07
    async fn strangers_get_nothing(app) {
        for request in every_call() {
            assert_unknown(&app.send(request).await);
        }
        let elsewhere = app.send(RequestBuilder::get(CLIENTS).at("http://nobody.example")).await;
        assert_eq!((elsewhere.status.as_u16(), &*elsewhere.body), (404, "{}"));
        for path in ["oauth/nothing", "oauth/clients/", "nothing", "", "users/1/oauth/clients", "oauth"] {
            for reply in [app.get(&format!("/api/v2/{path}")).await, app.admin_get(&format!("/api/v2/{path}")).await] {
                assert_eq!(reply.error(), (404, "InvalidEndpoint".to_owned()), "{path}");
                assert_eq!(reply.text("description"), "Not found");
            }
        }
    }

    /// A token that is unknown, expired, revoked, of another account or of somebody suspended is none.
    // W-04, V10.3.1–3
    async fn a_bad_token_is_no_token(app) {
        let client = app.client("daily-report");
        let admin = Consent { user: "admin", ..Consent::default() };
        let revoked = client.tokens(&admin).await.text("access_token");
        client.post("/oauth/tokens/revoke", &[("token", &revoked)]).await.expect(200);
        let refresh_token = client.tokens(&admin).await.text("refresh_token");
        let suspended = app.bearer_of("bob", "read").await;
        app.suspend_user("bob", true).await;
        for token in ["unknown", "", "cstat_x", &revoked, &refresh_token, &suspended] {
            for request in every_call() {
                assert_invalid_token(&app.send(request.bearer(token)).await);
            }
        }
        let good = app.bearer_of("admin", "read").await;
        let elsewhere = RequestBuilder::get(CLIENTS).at(OTHER_ORIGIN).bearer(&good);
        assert_invalid_token(&app.send(elsewhere).await);
        assert_eq!(status_with(app, &good, RequestBuilder::get(CLIENTS)).await, 200);
        app.advance(Lifetime::minutes(30));
        assert_invalid_token(&app.send(RequestBuilder::get(CLIENTS).bearer(&good)).await);
    }

    /// A token is read in the `Authorization` header and nowhere else; two headers are none.
    // W-05, D-16, F-10
    async fn a_token_elsewhere_is_not_read(app) {
        let token = app.bearer_of("admin", "read write").await;
        for name in ["access_token", "token", "bearer_token", "api_token"] {
            assert_unknown(&app.get(&format!("{CLIENTS}?{name}={token}")).await);
            let body = json!({ name: token, "client": {"name": "N", "identifier": "n"} });
            assert_unknown(&app.send(RequestBuilder::post(CLIENTS).json(&body)).await);
        }
        let twice = RequestBuilder::get(CLIENTS).bearer(&token).bearer(&token);
        assert_unknown(&app.send(twice).await);
        for scheme in ["bearer", "BEARER", "Bearer"] {
            let header = format!("{scheme} {token}");
            let request = RequestBuilder::get(CLIENTS).header("authorization", &header);
            app.send(request).await.expect(200);
        }
        for header in [&*token, "Bearer", "Basic", "Basic !", "Digest x", "Basic YQ=="] {
            let request = RequestBuilder::get(CLIENTS).header("authorization", header);
            let reply = app.send(request).await;
            assert_eq!(reply.status.as_u16(), 401, "{header}");
        }
    }

    /// An API token works with its owner's address only; a password never does, so it cannot be tried.
    // W-03
    async fn only_the_right_api_token_opens_the_api(app) {
        let token = "admin-api-token-000000";
        for email in ["admin@example.com/token", "ADMIN@example.com/token"] {
            app.send(RequestBuilder::get(CLIENTS).basic(email, token)).await.expect(200);
        }
        for (name, secret) in [
            ("alice@example.com/token", token),
            ("nobody@example.com/token", token),
            ("admin@example.com/token", "admin-api-token-000001"),
            ("admin@example.com/token", ""),
            ("admin@example.com/Token", token),
            ("admin@example.com", token),
            ("admin@example.com", "correct horse battery"),
            ("admin@example.com", "wrong"),
            ("", ""),
        ] {
            assert_unknown(&app.send(RequestBuilder::get(CLIENTS).basic(name, secret)).await);
        }
        let elsewhere = RequestBuilder::get(CLIENTS).at(OTHER_ORIGIN);
        assert_unknown(&app.send(elsewhere.basic("admin@example.com/token", token)).await);
        app.suspend_user("admin", true).await;
        assert_unknown(&app.admin_get(CLIENTS).await);
    }

    /// Clients are the admins' business: agents and end users are told so before they learn whether a
    /// record exists.
    // W-06, V8.2.1–3
    async fn clients_are_for_admins(app) {
        let own = app.registered("photo-album").await.id;
        for user in ["bob", "alice"] {
            let token = app.bearer_of(user, "read write").await;
            let calls = CALLS.iter().filter(|(_, path)| !path.contains("users/1"));
            for (method, path) in calls {
                for path in [(*path).to_owned(), path.replace("/1", &format!("/{own}"))] {
                    let method = Method::from_bytes(method.as_bytes()).expect("a method");
                    let reply = app.send(RequestBuilder::new(method, &path).bearer(&token)).await;
                    assert_eq!(reply.expect(403).json()["error"]["title"], "Forbidden", "{path}");
                }
            }
        }
    }

    /// A token does what its scopes say, in words that clients look for.
    // W-72, W-73, TN-07, V10.3.2
    async fn a_token_needs_the_scope_of_what_it_does(app) {
        let reads = "oauth:read, read";
        let writes = "oauth:write, write";
        let draft = |name: &str| json!({"client": {"name": name, "identifier": name}});
        for (scope, may_read, may_write) in [
            ("tickets:read", false, false),
            ("users:read oauth:write", false, true),
            ("read", true, false),
            ("oauth:read", true, false),
            ("write", false, true),
            ("oauth", true, true),
        ] {
            let token = app.bearer_of("admin", scope).await;
            let read = app.send(RequestBuilder::get(CLIENTS).bearer(&token)).await;
            let name = format!("by-{}", scope.replace([':', ' '], "-"));
            let write = RequestBuilder::post(CLIENTS).json(&draft(&name)).bearer(&token);
            let write = app.send(write).await;
            if may_read {
                read.expect_api(200);
            } else {
                assert_missing_scopes(&read, reads);
            }
            if may_write {
                write.expect_api(201);
            } else {
                assert_missing_scopes(&write, writes);
                let account = app.account(crate::support::ORIGIN).await;
                let found =
                    protocol::clients::by_identifier(&app.ctx, &account, &name).await;
                assert!(found.expect("reads").is_none(), "nothing was made");
            }
        }
        let token = app.bearer_of("admin", "read").await;
        let id = app.registered("photo-album").await.id;
        for (method, path) in [("PUT", ""), ("DELETE", ""), ("PUT", "/generate_secret")] {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let request = RequestBuilder::new(method, &format!("{CLIENTS}/{id}{path}"));
            assert_missing_scopes(&app.send(request.bearer(&token)).await, writes);
        }
    }

    /// Scope comes before role, role before existence, existence before the body.
    // W-08, W-26, TN-07
    async fn what_is_wrong_is_told_in_order(app) {
        let wrong_scope = app.bearer_of("alice", "tickets:read").await;
        let request = RequestBuilder::get(CLIENTS).bearer(&wrong_scope);
        assert_missing_scopes(&app.send(request).await, "oauth:read, read");
        let patch = RequestBuilder::new(Method::PATCH, "/api/v2/oauth/clients/1");
        let reply = app.send(patch).await;
        assert_eq!(reply.error(), (405, "MethodNotAllowed".to_owned()));
        assert_eq!(reply.header("allow"), Some("GET,HEAD,PUT,DELETE"));
        let broken = RequestBuilder::by_admin(Method::PUT, "/api/v2/oauth/clients/1");
        let reply = app.send(broken.body("application/json", b"{")).await;
        assert_eq!(reply.error(), (404, "RecordNotFound".to_owned()));
        let form = RequestBuilder::by_admin(Method::POST, CLIENTS).form(&[("name", "x")]);
        assert_eq!(app.send(form).await.error(), (415, "UnsupportedMediaType".to_owned()));
    }

    /// Guesses at an API token are limited for each address of a person and each caller's.
    // CA-07
    async fn guesses_at_an_api_token_are_limited(app) {
        let call = |email: &str, token: &str, source: [u8; 4]| {
            let name = format!("{email}/token");
            RequestBuilder::get(CLIENTS).basic(&name, token).sent_from(source.into())
        };
        let (here, there) = ([203, 0, 113, 1], [203, 0, 113, 2]);
        let right = crate::support::ADMIN_API_TOKEN;
        for number in 0..app.ctx.policy.client_failures_per_window {
            let email = if number % 2 == 0 { "admin@example.com" } else { "Admin@Example.COM" };
            app.send(call(email, &format!("guess-{number}"), here)).await.expect(401);
        }
        let reply = app.send(call("admin@example.com", right, here)).await;
        assert_eq!(reply.error(), (429, "TooManyRequests".to_owned()));
        assert_eq!(reply.header("retry-after"), Some("300"));
        app.send(call("admin@example.com", right, there)).await.expect_api(200);
        app.send(call("bob@example.com", "guess", here)).await.expect(401);
        app.advance(Lifetime::minutes(5));
        app.send(call("admin@example.com", right, here)).await.expect_api(200);
    }

    /// Whoever is not known uses nothing up, and is not told how much there is.
    // W-10, DS-05
    async fn strangers_cannot_use_up_the_volume(app) {
        for number in 0..30_u8 {
            let wrong = RequestBuilder::get(CLIENTS).sent_from([203, 0, 113, number].into());
            assert_unknown(&app.send(wrong.basic("admin@example.com/token", "wrong")).await);
            assert_unknown(&app.get(CLIENTS).await);
            let bad = RequestBuilder::get(CLIENTS).bearer("cstat_unknown");
            assert_invalid_token(&app.send(bad).await);
        }
        let reply = app.admin_get(CLIENTS).await.expect_api(200);
        assert_eq!(reply.header("x-rate-limit-remaining"), Some("699"));
    }

    /// Every known caller hears how much of its account's minute is left; beyond it 429 says when.
    // W-10, W-09
    async fn callers_are_told_of_their_volume(app) {
        let reply = app.admin_get(CLIENTS).await.expect_api(200);
        for (name, value) in [
            ("x-rate-limit", "700"),
            ("x-rate-limit-remaining", "699"),
            ("ratelimit-limit", "700"),
            ("ratelimit-remaining", "699"),
            ("ratelimit-reset", "60"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{name}");
        }
        for _ in 0..699 {
            app.admin_get("/api/v2/users/0").await.expect(404);
        }
        app.advance(Lifetime::seconds(15));
        let reply = app.admin_get(CLIENTS).await;
        assert_eq!(reply.error(), (429, "TooManyRequests".to_owned()));
        assert_eq!(reply.header("retry-after"), Some("45"));
        assert_eq!(reply.header("x-rate-limit-remaining"), Some("0"));
        app.get("/api/v2/users/me").await.expect(200);
        app.advance(Lifetime::seconds(45));
        app.admin_get(CLIENTS).await.expect_api(200);
    }
}
