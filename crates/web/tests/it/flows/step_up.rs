//! Calls that ask again who is there (RFC 9470), and how an app answers.

use domain::Lifetime;
use http::Method;
use serde_json::json;
use web::{Audience, Route};

use crate::support::{
    ADMIN_API_TOKEN, ClientActor, Consent, RequestBuilder, TestApp, and, password, stories,
};

const CHALLENGE: &str = r#"Bearer error="insufficient_user_authentication", max_age="900""#;

/// The routes that ask for a recent sign-in, of those that an admin may call.
fn sensitive() -> Vec<Route> {
    let routes = web::api_routes().into_iter();
    let asked = |route: &Route| route.policy.wants_recent_sign_in;
    routes.filter(|route| asked(route) && route.policy.audience != Audience::Operators).collect()
}

fn request(route: &Route) -> RequestBuilder {
    let path = route.path.replace("{id}", "999999").replace("{secret_id}", "999999");
    let request = RequestBuilder::new(route.method.clone(), &path);
    if route.method == Method::DELETE { request } else { request.json(&json!({})) }
}

const ADMIN: Consent<'_> =
    Consent { user: "admin", scope: Some("read write"), pkce: true, more: &[] };

fn report(app: &TestApp) -> ClientActor<'_> {
    app.client("daily-report")
}

stories! {
    // V7.5.1, V7.5.3, V10.3.4
    async fn a_sensitive_call_needs_a_recent_sign_in(app) {
        let tokens = report(app).tokens(&ADMIN).await;
        let token = tokens.text("access_token");
        assert!(sensitive().len() >= 8, "{:?}", sensitive());
        app.advance(Lifetime::minutes(15));
        for route in sensitive() {
            let reply = app.send(request(&route).bearer(&token)).await;
            assert_ne!(reply.status, 401, "{} {}: {}", route.method, route.path, reply.body);
        }
        app.advance(Lifetime::seconds(1));
        for route in sensitive() {
            let reply = app.send(request(&route).bearer(&token)).await;
            let name = format!("{} {}", route.method, route.path);
            assert_eq!(reply.error(), (401, "insufficient_user_authentication".to_owned()), "{name}");
            assert_eq!(reply.header("www-authenticate"), Some(CHALLENGE), "{name}");
        }
        // Everything else goes on.
        let me = RequestBuilder::get("/api/v2/users/me").bearer(&token);
        app.send(me).await.expect(200);
        let clients = RequestBuilder::get("/api/v1/clients").bearer(&token);
        app.send(clients).await.expect(200);
    }

    // V7.5.3, V10.3.4, O-02
    async fn a_refresh_makes_no_sign_in_younger(app) {
        let client = report(app);
        let first = client.tokens(&ADMIN).await;
        app.advance(Lifetime::minutes(16));
        let next = client.refresh(&first.text("refresh_token")).await.expect(200);
        let token = next.text("access_token");
        let make = RequestBuilder::post("/api/v1/api_tokens").bearer(&token);
        let reply = app.send(make.json(&json!({"api_token": {"label": "thief"}}))).await.expect(401);
        assert_eq!(reply.header("www-authenticate"), Some(CHALLENGE));
    }

    // V10.3.4, UI-09
    async fn an_app_steps_up_by_the_max_age_it_was_told(app) {
        let client = report(app);
        let old = client.tokens(&ADMIN).await.text("access_token");
        let mut browser = app.browser("admin").await;
        app.advance(Lifetime::minutes(16));
        let make = || {
            let body = json!({"api_token": {"label": "nightly"}});
            RequestBuilder::post("/api/v1/api_tokens").json(&body)
        };
        app.send(make().bearer(&old)).await.expect(401);
        let asked = and(&client.request(&ADMIN), &[("max_age", "900")]);
        let reply = browser.authorize(&asked).await;
        reply.expect_sign_in();
        let page = browser.get(reply.location()).await.expect(200);
        let fields = [("username", "admin@example.com"), ("password", password("admin"))];
        let reply = browser.submit(&page, &fields).await.expect(303);
        let code = browser.get(reply.location()).await.expect_code_at(client.redirect_uri());
        let token = client.redeem(&code).await.expect(200).text("access_token");
        let told = client.introspect(&token).await.json();
        assert_eq!(told["auth_time"], app.ctx.now().as_seconds());
        app.send(make().bearer(&token)).await.expect(201);
        app.send(make().bearer(&old)).await.expect(401);
    }

    // V10.3.4
    async fn credentials_without_a_sign_in_are_not_asked_for_one(app) {
        let client = report(app);
        let fields = [("grant_type", "client_credentials"), ("scope", "read write")];
        let bare = client.token(&fields).await.expect(200).text("access_token");
        app.advance(Lifetime::minutes(20));
        let clients = app.registered("photo-album").await.id;
        let path = format!("/api/v1/clients/{clients}/secrets");
        let make = || RequestBuilder::post(&path).json(&json!({}));
        app.send(make().basic("admin@example.com/token", ADMIN_API_TOKEN)).await.expect(201);
        app.send(make().bearer(&bare)).await.expect(201);
    }

    /// Zendesk's contract has no such answer.
    // W-19
    async fn nothing_below_api_v2_asks(app) {
        let of_zendesk = |route: &Route| route.path.starts_with("/api/v2");
        let asking: Vec<_> = web::api_routes()
            .into_iter()
            .filter(|route| of_zendesk(route) && route.policy.wants_recent_sign_in)
            .collect();
        assert_eq!(asking, []);
        let token = report(app).tokens(&ADMIN).await.text("access_token");
        app.advance(Lifetime::minutes(20));
        let id = app.registered("photo-album").await.id;
        let path = format!("/api/v2/oauth/clients/{id}/generate_secret");
        app.send(RequestBuilder::new(Method::PUT, &path).bearer(&token)).await.expect(200);
    }

    /// Who may not call at all learns that, not that he should sign in.
    // V8.2.1
    async fn scope_and_role_come_first(app) {
        let client = report(app);
        let narrow = client.tokens(&Consent { scope: Some("read"), ..ADMIN }).await;
        let alice = client.tokens(&Consent { user: "alice", ..ADMIN }).await;
        app.advance(Lifetime::minutes(20));
        let make = || {
            let body = json!({"user": {"name": "x", "email": "x@example.com"}});
            RequestBuilder::post("/api/v1/users").json(&body)
        };
        for tokens in [narrow, alice] {
            app.send(make().bearer(&tokens.text("access_token"))).await.expect(403);
        }
    }
}
