//! What scripts of other origins may read (CORS, zendesk-wire §1.8).

use domain::ClientState;
use http::Method;

use crate::support::{
    ADMIN_API_TOKEN, Consent, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories,
};

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

/// The fewest statements of several equal requests.
async fn fewest(app: &TestApp, request: impl Fn() -> RequestBuilder) -> u64 {
    let mut fewest = u64::MAX;
    for _ in 0..3 {
        app.warm().await;
        let before = app.ctx.store.statement_count();
        app.send(request()).await.expect(204);
        fewest = fewest.min(app.ctx.store.statement_count() - before);
    }
    fewest
}

stories! {
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

    /// A script reads the administration APIs with a Bearer token only: neither with a password nor with
    /// a person's session nor as nobody. So it is in every account-scoped API.
    // HT-02
    async fn only_bearer_calls_of_the_api_cross_origins(app) {
        let token = access_token(app).await;
        let admin = app.browser("admin").await;
        for path in ["/api/v2/users/me", "/api/v2/oauth/clients", "/api/v1/nothing"] {
            let call = || RequestBuilder::get(path).header("origin", REGISTERED);
            let reply = app.send(preflight(path, REGISTERED, "DELETE")).await.expect(204);
            assert_eq!(allowed(&reply), Some(REGISTERED));
            let methods = reply.header("access-control-allow-methods");
            assert_eq!(methods, Some("GET, POST, PUT, DELETE"));
            assert_eq!(reply.header("access-control-max-age"), Some("600"));
            let reply = app.send(call().bearer(&token)).await;
            assert_eq!(allowed(&reply), Some(REGISTERED), "{path}");
            assert_eq!(reply.header("vary"), Some("Origin"));
            let exposed = reply.header("access-control-expose-headers");
            assert_eq!(exposed, Some("WWW-Authenticate, DPoP-Nonce, Retry-After"));
            let reply = app.send(call().bearer("unknown")).await;
            assert_eq!(allowed(&reply), Some(REGISTERED), "an app must see that its token has ended");
            let basic = || call().basic("admin@example.com/token", ADMIN_API_TOKEN);
            let foreign = RequestBuilder::get(path).header("origin", "https://evil.example");
            let closed = [
                call(),
                basic(),
                basic().bearer(&token),
                call().header("authorization", "Bearer"),
                admin.with_cookies(call()),
                foreign.bearer(&token),
                RequestBuilder::get(path).header("origin", "null").bearer(&token),
            ];
            for request in closed {
                let reply = app.send(request).await;
                assert_eq!(allowed(&reply), None, "{path}");
                assert_eq!(reply.header("vary"), Some("Origin"));
            }
        }
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
        assert_eq!(fewest(app, asked).await, 0);
    }

    /// An origin goes with its last redirect URI, and stays while its client is suspended: the app must
    /// be able to read that it is refused.
    // HT-02
    async fn origins_go_with_their_client_and_stay_while_it_is_suspended(app) {
        app.set_client_state("web-player", ClientState::Suspended).await;
        let refused = app.send(token_request(REGISTERED)).await.expect(401);
        assert_eq!(refused.text("error"), "invalid_client");
        assert_eq!(allowed(&refused), Some(REGISTERED));
        app.delete_client("web-player").await;
        assert_eq!(allowed(&app.send(token_request(REGISTERED)).await), None);
    }

    /// Whoever sends one origin after another makes nothing grow, and costs one read each; what no
    /// browser sends for a site costs none.
    // HT-02
    async fn strangers_cost_one_read_each(app) {
        for number in 0..20 {
            let origin = format!("https://stranger-{number}.example");
            for _ in 0..2 {
                assert_eq!(fewest(app, || preflight("/oauth/tokens", &origin, "POST")).await, 1);
            }
        }
        for origin in ["null", "*", "", "chrome-extension://abc", "https://x.example/path"] {
            assert_eq!(fewest(app, || preflight("/oauth/tokens", origin, "POST")).await, 0);
        }
    }
}
