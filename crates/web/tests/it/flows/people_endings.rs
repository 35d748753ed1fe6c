//! Suspended or deleted: everything of a person ends at once, on every node, and stays dead.

use std::time::Duration;

use domain::Lifetime;
use http::Method;
use protocol::authorization::{self, PageRefused};
use serde_json::{Value, json};
use store::Failure;

use crate::support::{
    ADMIN_API_TOKEN, Browser, Consent, ORIGIN, PageForm, RequestBuilder, TestApp, stories,
};

const USERS: &str = "/api/v1/users";
const ME: &str = "/api/v2/users/me";
const API_TOKENS: &str = "/api/v1/api_tokens";

async fn path_of(app: &TestApp, name: &str) -> String {
    format!("{USERS}/{}", app.user(name).await.id)
}

/// A second admin's API token, so that the first one can be ended.
async fn bobs_token(app: &TestApp) -> String {
    let promotion = json!({"user": {"role": "admin"}});
    app.admin_put(&path_of(app, "bob").await, &promotion).await.expect_api(200);
    api_token_of(app, "bob").await
}

async fn api_token_of(app: &TestApp, name: &str) -> String {
    let bearer = app.bearer_of(name, "read write").await;
    let body = json!({"api_token": {"label": "to be ended"}});
    let made = app.send(RequestBuilder::post(API_TOKENS).bearer(&bearer).json(&body)).await;
    told(&made.expect_api(201).json())
}

fn told(made: &Value) -> String {
    made["api_token"]["full_token"].as_str().expect("a token").to_owned()
}

fn by_bob(method: Method, path: &str, token: &str) -> RequestBuilder {
    RequestBuilder::new(method, path).basic("bob@example.com/token", token)
}

/// Everything that a person can hold.
struct Held<'a> {
    name: &'static str,
    browser: Browser<'a>,
    bearer: String,
    refresh_token: String,
    code: String,
    api_token: String,
    consent_page: PageForm,
}

impl<'a> Held<'a> {
    async fn by(app: &'a TestApp, name: &'static str) -> Self {
        let client = app.client("daily-report");
        let consent = Consent { user: name, ..Consent::default() };
        let tokens = client.tokens(&consent).await;
        let mut browser = app.browser(name).await;
        let page = browser.authorize(&app.client("web-player").request(&consent)).await.expect(200);
        let held = Self {
            name,
            bearer: tokens.text("access_token"),
            refresh_token: tokens.text("refresh_token"),
            code: client.code(&consent).await,
            api_token: api_token_of(app, name).await,
            consent_page: PageForm::read(&page.body),
            browser,
        };
        assert_eq!(held.statuses(app).await, [200, 200, 200]);
        held
    }

    /// What token, API token and session come to at a node.
    async fn statuses(&self, node: &TestApp) -> [u16; 3] {
        let email = format!("{}@example.com/token", self.name);
        let requests = [
            RequestBuilder::get(ME).bearer(&self.bearer),
            RequestBuilder::get(ME).basic(&email, &self.api_token),
            self.browser.with_cookies(RequestBuilder::get("/account/apps")),
        ];
        let mut statuses = [0; 3];
        for (status, request) in statuses.iter_mut().zip(requests) {
            *status = node.send(request).await.status.as_u16();
        }
        statuses
    }

    /// None of it counts at this node.
    async fn assert_dead(&self, node: &TestApp) {
        assert_eq!(self.statuses(node).await, [401, 401, 303]);
        let client = node.client("daily-report");
        assert!(!client.is_active(&self.bearer).await);
        client.refresh(&self.refresh_token).await.expect(400);
        client.redeem(&self.code).await.expect(400);
    }
}

stories! {
    /// A suspension ends everything on every node within a second, and nothing comes back with its end.
    // TN-08
    async fn a_suspension_ends_everything_for_good(app) {
        let other_node = app.another_node().await;
        let held = Held::by(app, "alice").await;
        app.advance(Lifetime::millis(1));
        let path = path_of(app, "alice").await;
        app.admin_put(&path, &json!({"user": {"suspended": true}})).await.expect_api(200);
        held.assert_dead(app).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        held.assert_dead(&other_node).await;
        let shown = app.admin_put(&path, &json!({"user": {"suspended": false}})).await;
        assert_eq!(shown.expect_api(200).json()["user"]["suspended"], false);
        app.advance(Lifetime::millis(1));
        held.assert_dead(app).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        held.assert_dead(&other_node).await;
        for action in ["user.suspended", "user.resumed"] {
            assert_eq!(app.events(action).await.len(), 1, "{action}");
        }
    }

    /// A consent page that was shown before a suspension decides nothing after it.
    // TN-08
    async fn a_page_from_before_a_suspension_decides_nothing(app) {
        let held = Held::by(app, "alice").await;
        app.advance(Lifetime::millis(1));
        app.suspend_user("alice", true).await;
        app.suspend_user("alice", false).await;
        app.advance(Lifetime::millis(1));
        let browser = app.browser("alice").await;
        let account = app.account(ORIGIN).await;
        let cookie = browser.session().expect("she is signed in again");
        let signed_in = protocol::sessions::resume(&app.ctx, &account, &cookie).await;
        let signed_in = signed_in.expect("reads").expect("the session lives");
        let handle = held.consent_page.action.split('/').nth(3).expect("a handle");
        let allow = authorization::Verdict::Allow(Vec::new());
        let decided = authorization::decide(&app.ctx, &account, &signed_in, handle, allow).await;
        assert!(matches!(decided, Err(Failure::Refused(PageRefused::Ended))));
    }

    /// Tokens of a client that acts as him end with him, and do not come back with him.
    // TN-08
    async fn tokens_of_his_clients_end_too(app) {
        let client = app.client("photo-album");
        let grant = [("grant_type", "client_credentials"), ("scope", "read")];
        let token = client.token(&grant).await.expect(200).text("access_token");
        let jwt = client.token(&[grant[0], ("resource", "https://jwt.example.com/"), ("scope", "read")]).await;
        let jwt = jwt.expect(200).text("access_token");
        let bob = bobs_token(app).await;
        let api = app.client("api-server");
        assert!(client.is_active(&token).await && api.is_active(&jwt).await);
        app.advance(Lifetime::seconds(1));
        let path = path_of(app, "admin").await;
        for suspended in [true, false] {
            let body = json!({"user": {"suspended": suspended}});
            app.send(by_bob(Method::PUT, &path, &bob).json(&body)).await.expect_api(200);
            assert!(!client.is_active(&token).await, "suspended: {suspended}");
            assert!(!api.is_active(&jwt).await, "suspended: {suspended}");
        }
        let refused = RequestBuilder::get(ME).basic("admin@example.com/token", ADMIN_API_TOKEN);
        app.send(refused).await.expect(401);
        app.advance(Lifetime::seconds(1));
        let new = client.token(&grant).await.expect(200).text("access_token");
        assert!(client.is_active(&new).await);
    }

    /// Who is deleted is gone with all he had; somebody new with his address gets nothing of it.
    // TN-13
    async fn a_new_person_with_an_old_address_gets_nothing_old(app) {
        let other_node = app.another_node().await;
        let held = Held::by(app, "alice").await;
        let id = app.user("alice").await.id;
        app.admin_delete(&path_of(app, "alice").await).await.expect_api(204);
        held.assert_dead(app).await;
        let new = json!({"user": {"email": "alice@example.com", "name": "Alice the second",
            "password": "alice in wonderland"}});
        let made = app.admin_post(USERS, &new).await.expect_api(201).json()["user"].clone();
        assert_ne!(made["id"], id.get());
        tokio::time::sleep(Duration::from_secs(1)).await;
        for node in [app, &other_node] {
            held.assert_dead(node).await;
        }
        let mut browser = app.browser("alice").await;
        let reply = browser.authorize(&app.client("daily-report").request(&Consent::default())).await;
        assert!(reply.expect(200).body.contains("name=\"decision\""), "her consent is asked for anew");
        let mine = app.bearer_of("alice", "oauth:read").await;
        let list = app.send(RequestBuilder::get(API_TOKENS).bearer(&mine)).await;
        assert_eq!(list.expect_api(200).json()["count"], 0);
    }

    /// A client belongs to somebody, so its owner is not deleted before it is somebody else's or gone.
    async fn an_owner_of_clients_is_not_deleted(app) {
        let bob = bobs_token(app).await;
        let made = by_bob(Method::POST, crate::support::CLIENTS, &bob)
            .json(&json!({"client": {"name": "Bob's", "identifier": "bobs"}}));
        let url = app.send(made).await.expect_api(201).location().to_owned();
        let path = path_of(app, "bob").await;
        let refused = app.admin_delete(&path).await;
        assert_eq!(refused.faults(), ["base InvalidValue"]);
        assert!(refused.body.contains("transfer or delete them first"), "{}", refused.body);
        app.admin_delete(&url).await.expect_api(204);
        app.admin_delete(&path).await.expect_api(204);
    }

    /// A client made while its owner is deleted does not outlive him: one of the two is refused.
    async fn a_client_and_its_owners_end_exclude_each_other(app) {
        for round in 0..10 {
            let bob = bobs_token(app).await;
            let path = path_of(app, "bob").await;
            let identifier = format!("race-{round}");
            let make = by_bob(Method::POST, crate::support::CLIENTS, &bob)
                .json(&json!({"client": {"name": "N", "identifier": identifier}}));
            let end = RequestBuilder::by_admin(Method::DELETE, &path);
            let replies = app.race(vec![make, end]).await;
            let statuses = (replies[0].status.as_u16(), replies[1].status.as_u16());
            match statuses {
                (201, 422) => {
                    app.admin_delete(replies[0].location()).await.expect_api(204);
                    app.admin_delete(&path).await.expect_api(204);
                }
                (401, 204) => {}
                other => panic!("{other:?}: {} {}", replies[0].body, replies[1].body),
            }
            let again = json!({"user": {"email": "bob@example.com", "name": "bob",
                "password": "bob the builder"}});
            app.admin_post(USERS, &again).await.expect_api(201);
        }
    }
}
