//! `/api/v1/account` and `/api/v1/accounts`: admins set what is theirs, operators make and run accounts.

use domain::{Actor, User};
use serde_json::{Value, json};

use crate::support::{
    ADMIN_API_TOKEN, CLIENTS, ORIGIN, OTHER_ADMIN_API_TOKEN, OTHER_ORIGIN, Reply, RequestBuilder,
    TestApp, stories,
};

const ACCOUNT: &str = "/api/v1/account";
const ACCOUNTS: &str = "/api/v1/accounts";
const METADATA: &str = "/.well-known/oauth-authorization-server";
const ACME: &str = "http://acme.localhost:8080";

async fn admin_at(app: &TestApp, origin: &str) -> User {
    let account = app.account(origin).await;
    let admin = store::users::by_email(&app.ctx.store, account.id, "admin@example.com").await;
    admin.expect("reads").expect("he is in the cast")
}

/// Gives an admin the mark of an operator, wherever he is.
async fn mark(app: &TestApp, origin: &str) {
    let operator_at = Some(app.ctx.now());
    let admin = User { operator_at, ..admin_at(app, origin).await };
    let marked = protocol::users::update(&app.ctx, Actor::Operator, admin).await;
    marked.expect("nothing speaks against it");
}

async fn make(app: &TestApp, fields: Value) -> Reply {
    app.admin_post(ACCOUNTS, &json!({ "account": fields })).await
}

async fn put(app: &TestApp, path: &str, fields: Value) -> Reply {
    app.admin_put(path, &json!({ "account": fields })).await
}

/// Where the second account is among all.
async fn other_path(app: &TestApp) -> String {
    format!("{ACCOUNTS}/{}", app.account(OTHER_ORIGIN).await.id)
}

async fn metadata(app: &TestApp, origin: &'static str) -> Reply {
    app.send(RequestBuilder::get(METADATA).at(origin)).await
}

#[track_caller]
fn assert_role_error(reply: Reply) {
    assert_eq!(reply.expect(403).json()["error"]["title"], "Forbidden");
}

/// Who did it, as the log of an account has it.
async fn recorded(app: &TestApp, origin: &str, action: &str) -> Vec<Actor> {
    let account = app.account(origin).await;
    let events = store::audit_events::list(&app.ctx.store, account.id, None, 10_000).await;
    let events = events.expect("reads").into_iter().filter(|event| event.action == action);
    events.map(|event| event.actor).collect()
}

stories! {
    /// An account is made whole and answers at its base URL at once, a wildcard as its slug says.
    async fn an_operator_makes_an_account_that_answers_at_once(app) {
        mark(app, ORIGIN).await;
        metadata(app, ACME).await.expect(404);
        let fields = json!({"slug": "acme", "name": "Acme", "base_urls": ["http://*.localhost:8080"],
            "consent": "always", "refresh_grace": 10, "api_requests_per_minute": 50});
        let reply = make(app, fields).await.expect_api(201);
        let made = reply.json()["account"].clone();
        let id = made["id"].as_i64().expect("an id");
        let url = format!("{ORIGIN}{ACCOUNTS}/{id}.json");
        assert_eq!(reply.header("location"), Some(url.as_str()));
        let expected = json!({"id": id, "url": url, "slug": "acme", "name": "Acme",
            "base_urls": [ACME], "consent": "always", "pkce": "public_clients", "refresh_grace": 10,
            "api_tokens": "allowed", "token_expiry": "always", "api_requests_per_minute": 50,
            "registration": "token", "suspended": false, "created_at": "2026-05-04T09:30:00Z",
            "updated_at": "2026-05-04T09:30:00Z"});
        assert_eq!(made, expected);
        assert_eq!(metadata(app, ACME).await.expect(200).json()["issuer"], ACME);
        let path = format!("/api/v1/accounts/{id}");
        assert_eq!(app.admin_get(&path).await.expect_api(200).json()["account"], expected);
        let moved = put(app, &path, json!({"base_urls": ["http://*.id.localhost:8080"], "slug": 7,
            "api_requests_per_minute": null, "name": null})).await.expect_api(200).json();
        assert_eq!(moved["account"]["base_urls"], json!(["http://acme.id.localhost:8080"]));
        assert_eq!(moved["account"]["api_requests_per_minute"], Value::Null);
        assert_eq!((&moved["account"]["slug"], &moved["account"]["name"]), (&json!("acme"), &json!("acme")));
        metadata(app, ACME).await.expect(404);
        metadata(app, "http://acme.id.localhost:8080").await.expect(200);
        app.admin_get(&format!("{ACCOUNTS}/{}", i64::MAX)).await.expect(404);
    }

    /// The operators' own log says who it was; that of the account says that an operator did it.
    async fn what_operators_do_is_recorded_in_both_accounts(app) {
        mark(app, ORIGIN).await;
        let me = Actor::User(app.user("admin").await.id);
        let path = other_path(app).await;
        put(app, &path, json!({"name": "Renamed"})).await.expect(200);
        put(app, &path, json!({"name": "Renamed"})).await.expect(200);
        assert_eq!(recorded(app, OTHER_ORIGIN, "account.updated").await, [Actor::Operator]);
        assert_eq!(recorded(app, ORIGIN, "account.updated").await, [me], "nothing changed twice");
        let fields = json!({"slug": "acme", "base_urls": [ACME]});
        make(app, fields).await.expect(201);
        assert_eq!(recorded(app, ACME, "account.created").await, [Actor::Operator]);
        assert!(recorded(app, ORIGIN, "account.created").await.contains(&me));
        put(app, ACCOUNT, json!({"name": "Home"})).await.expect(200);
        assert_eq!(recorded(app, ORIGIN, "account.updated").await, [me, me]);
    }

    /// Accounts are listed by id, a page at a time.
    async fn accounts_are_listed_a_page_at_a_time(app) {
        mark(app, ORIGIN).await;
        let all = app.admin_get(ACCOUNTS).await.expect_api(200).json();
        assert_eq!(all["count"], 2);
        let slugs = |page: &Value| {
            let accounts = page["accounts"].as_array().expect("a list");
            accounts.iter().map(|it| it["slug"].as_str().expect("a slug").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(slugs(&all), ["demo", "other"]);
        let first = app.admin_get(&format!("{ACCOUNTS}?page[size]=1&sort=-id")).await.json();
        assert_eq!(slugs(&first), ["other"]);
        let next = first["links"]["next"].as_str().expect("there is more").to_owned();
        let second = app.admin_get(&next).await.expect(200).json();
        assert_eq!(slugs(&second), ["demo"]);
        let back = second["links"]["prev"].as_str().expect("there was more").to_owned();
        assert_eq!(slugs(&app.admin_get(&back).await.expect(200).json()), ["other"]);
        app.admin_get(&format!("{ACCOUNTS}?sort=slug&page[size]=1")).await.expect(400);
    }

    /// Suspending is for operators; a resumed account serves again; home is never suspended.
    async fn an_operator_suspends_and_resumes(app) {
        mark(app, ORIGIN).await;
        let path = other_path(app).await;
        let done = put(app, &path, json!({"suspended": true, "name": "Gone"})).await.expect_api(200);
        assert_eq!((&done.json()["account"]["suspended"], &done.json()["account"]["name"]), (&json!(true), &json!("Gone")));
        assert!(!metadata(app, OTHER_ORIGIN).await.status.is_success());
        assert_eq!(app.admin_get(&path).await.json()["account"]["suspended"], true);
        let done = put(app, &path, json!({"suspended": false})).await.expect_api(200);
        assert_eq!(done.json()["account"]["suspended"], false);
        metadata(app, OTHER_ORIGIN).await.expect(200);
        for action in ["account.suspended", "account.resumed"] {
            assert_eq!(recorded(app, OTHER_ORIGIN, action).await, [Actor::Operator], "{action}");
            assert_eq!(app.events(action).await.len(), 1, "{action}");
        }
        let home = format!("{ACCOUNTS}/{}", app.account(ORIGIN).await.id);
        let refused = put(app, &home, json!({"suspended": true, "pkce": "maybe"})).await;
        assert_eq!(refused.faults(), ["base InvalidValue", "pkce InvalidValue"]);
        metadata(app, ORIGIN).await.expect(200);
    }

    /// An account that is made suspended serves nobody until that ends.
    async fn an_account_may_be_made_suspended(app) {
        mark(app, ORIGIN).await;
        let fields = json!({"slug": "acme", "base_urls": [ACME], "suspended": true});
        let made = make(app, fields).await.expect_api(201).json();
        assert_eq!(made["account"]["suspended"], true);
        assert!(!metadata(app, ACME).await.status.is_success());
        let path = format!("{ACCOUNTS}/{}", made["account"]["id"]);
        put(app, &path, json!({"suspended": false})).await.expect(200);
        metadata(app, ACME).await.expect(200);
    }

    /// Everything that is wrong is told together, and nothing of it is done.
    async fn every_fault_of_an_account_is_told_together(app) {
        mark(app, ORIGIN).await;
        let faults = make(app, json!({})).await.faults();
        assert_eq!(faults, ["base_urls BlankValue", "slug BlankValue"]);
        let faults = make(app, json!({"slug": "other", "base_urls": [OTHER_ORIGIN], "name": 7,
            "consent": "never", "pkce": "none", "refresh_grace": i64::MAX, "api_tokens": "maybe",
            "token_expiry": "soon", "api_requests_per_minute": 0, "registration": "closed",
            "suspended": "yes"})).await.faults();
        assert_eq!(faults, ["api_requests_per_minute InvalidValue", "api_tokens InvalidValue",
            "base_urls DuplicateValue", "consent InvalidValue", "name InvalidValue",
            "pkce InvalidValue", "refresh_grace InvalidValue", "registration InvalidValue",
            "slug DuplicateValue",
            "suspended InvalidValue", "token_expiry InvalidValue"]);
        let faults = make(app, json!({"slug": "other", "base_urls": [OTHER_ORIGIN]})).await.faults();
        assert_eq!(faults, ["base_urls DuplicateValue", "slug DuplicateValue"]);
        let faults = make(app, json!({"slug": "other", "base_urls": "http://a.example"})).await.faults();
        assert_eq!(faults, ["base_urls InvalidValue", "slug DuplicateValue"]);
        let path = other_path(app).await;
        let faults = put(app, &path, json!({"base_urls": [ORIGIN], "consent": "never"})).await.faults();
        assert_eq!(faults, ["base_urls DuplicateValue", "consent InvalidValue"]);
        let faults = put(app, ACCOUNT, json!({"name": "", "refresh_grace": 61, "pkce": true})).await.faults();
        assert_eq!(faults, ["name BlankValue", "pkce InvalidValue", "refresh_grace InvalidValue"]);
        assert_eq!(app.admin_get(ACCOUNTS).await.json()["count"], 2);
        assert_eq!(app.events("account.updated").await.len(), 0);
    }

    /// Accounts are the operators' alone: an admin is none, and a mark elsewhere makes none.
    // V8.2.1, TN-07
    async fn nobody_but_an_operator_at_home_reaches_accounts(app) {
        app.furnish_other_account().await;
        mark(app, OTHER_ORIGIN).await;
        let id = app.account(OTHER_ORIGIN).await.id;
        let body = json!({"account": {"slug": "acme", "base_urls": [ACME]}});
        let (below, requests) = (format!("{ACCOUNTS}/{id}"), "/api/v1/global_client_requests");
        for (origin, token) in [(ORIGIN, ADMIN_API_TOKEN), (OTHER_ORIGIN, OTHER_ADMIN_API_TOKEN)] {
            for call in [
                RequestBuilder::get(ACCOUNTS),
                RequestBuilder::get(&below),
                RequestBuilder::post(ACCOUNTS).json(&body),
                RequestBuilder::new(http::Method::PUT, &below).json(&body),
                RequestBuilder::get(requests),
            ] {
                let call = call.at(origin).basic("admin@example.com/token", token);
                assert_role_error(app.send(call).await);
            }
        }
        metadata(app, ACME).await.expect(404);
        mark(app, ORIGIN).await;
        app.admin_get(&below).await.expect(200);
        // The scope comes before the role, and an operator needs it too.
        for (scope, status) in [("users:read", 403), ("account_settings:read", 200), ("read", 200)] {
            let token = app.bearer_of("admin", scope).await;
            for path in [ACCOUNTS, ACCOUNT] {
                app.send(RequestBuilder::get(path).bearer(&token)).await.expect(status);
            }
            let write = RequestBuilder::post(ACCOUNTS).json(&body).bearer(&token);
            app.send(write).await.expect(403);
        }
        let token = app.bearer_of("admin", "account_settings:write").await;
        app.send(RequestBuilder::post(ACCOUNTS).json(&body).bearer(&token)).await.expect(201);
    }

    /// An admin sets what is his, by key; what is the operators' or nobody's is ignored.
    // TN-03
    async fn an_admin_changes_his_own_account(app) {
        let before = app.admin_get(ACCOUNT).await.expect_api(200).json()["account"].clone();
        assert_eq!((&before["slug"], &before["url"]), (&json!("demo"), &json!(format!("{ORIGIN}{ACCOUNT}.json"))));
        let other = app.account(OTHER_ORIGIN).await;
        let ignored = json!({"id": other.id.get(), "slug": "mine", "base_urls": ["https://evil.example"],
            "suspended": true, "api_requests_per_minute": 1_000_000, "created_at": "2000-01-01T00:00:00Z",
            "not_before": 1, "url": "x"});
        assert_eq!(put(app, ACCOUNT, ignored).await.expect_api(200).json()["account"], before);
        let unreadable = json!({"base_urls": 7, "suspended": "x", "api_requests_per_minute": "y"});
        assert_eq!(put(app, ACCOUNT, unreadable).await.expect_api(200).json()["account"], before);
        assert_eq!(app.events("account.updated").await.len(), 0);
        let fields = json!({"name": "Demo & Co", "consent": "always", "pkce": "all_clients",
            "refresh_grace": 0, "token_expiry": "legacy", "registration": "off"});
        let after = put(app, ACCOUNT, fields.clone()).await.expect_api(200).json()["account"].clone();
        for (key, value) in after.as_object().expect("an object") {
            let expected = fields.get(key).unwrap_or(&before[key]);
            assert!(key == "updated_at" || value == expected, "{key} is {value}");
        }
        assert_eq!(app.admin_get(ACCOUNT).await.json()["account"], after);
        assert_eq!(app.events("account.updated").await.len(), 1);
        assert_eq!(*app.account(OTHER_ORIGIN).await, *other);
        for person in ["alice", "bob"] {
            let token = app.api_token(ORIGIN, &format!("{person}@example.com")).await;
            let call = RequestBuilder::get(ACCOUNT).basic(&format!("{person}@example.com/token"), &token);
            assert_role_error(app.send(call).await);
        }
    }

    /// What is set counts at the next call.
    async fn settings_take_effect_at_once(app) {
        let token = app.bearer_of("admin", "read write").await;
        put(app, ACCOUNT, json!({"api_tokens": "refused"})).await.expect_api(200);
        app.admin_get(CLIENTS).await.expect(401);
        let allow = json!({"account": {"api_tokens": null, "token_expiry": "legacy"}});
        let allow = RequestBuilder::new(http::Method::PUT, ACCOUNT).json(&allow);
        app.send(allow.bearer(&token)).await.expect_api(200);
        app.admin_get(CLIENTS).await.expect(200);
        let credentials = [("grant_type", "client_credentials"), ("scope", "read")];
        let told = app.client("daily-report").token(&credentials).await.expect(200).json();
        assert_eq!(told["expires_in"], Value::Null, "it never ends");
        mark(app, ORIGIN).await;
        let home = format!("{ACCOUNTS}/{}", app.account(ORIGIN).await.id);
        put(app, &home, json!({"api_requests_per_minute": 40})).await.expect_api(200);
        assert_eq!(app.admin_get(CLIENTS).await.header("x-rate-limit"), Some("40"));
    }
}
