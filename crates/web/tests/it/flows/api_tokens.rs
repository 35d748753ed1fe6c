//! `/api/v1/api_tokens`: everybody's own static credentials, made, listed and revoked.

use http::Method;
use serde_json::{Value, json};

use crate::support::{CLIENTS, ORIGIN, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories};

const API_TOKENS: &str = "/api/v1/api_tokens";
const ME: &str = "/api/v2/users/me";

/// Makes an API token of a person's own.
async fn made(app: &TestApp, name: &str, label: &str) -> Value {
    let bearer = app.bearer_of(name, "read write").await;
    let body = json!({"api_token": {"label": label}});
    let reply = app.send(RequestBuilder::post(API_TOKENS).bearer(&bearer).json(&body)).await;
    reply.expect_api(201).json()["api_token"].clone()
}

fn text<'a>(token: &'a Value, key: &str) -> &'a str {
    token[key].as_str().expect("a text")
}

fn by(name: &str, token: &Value, method: Method, path: &str) -> RequestBuilder {
    let name = format!("{name}@example.com/token");
    RequestBuilder::new(method, path).basic(&name, text(token, "full_token"))
}

fn labels(reply: Reply) -> Vec<String> {
    let json = reply.expect_api(200).json();
    let tokens = json["api_tokens"].as_array().expect("a list");
    tokens.iter().map(|token| text(token, "label").to_owned()).collect()
}

stories! {
    /// A token is told once, works for its owner alone, and is dead on every node once revoked.
    // TN-07
    async fn an_api_token_is_made_used_and_revoked(app) {
        let other_node = app.another_node().await;
        let token = made(app, "bob", "backup").await;
        let (id, full) = (token["id"].as_i64().expect("an id"), text(&token, "full_token"));
        assert!(full.starts_with("cstpt_") && full.starts_with(text(&token, "token")));
        assert_eq!(text(&token, "token").len(), 9);
        assert_eq!(token["user_id"], app.user("bob").await.id.get());
        for node in [app, &other_node] {
            let me = node.send(by("bob", &token, Method::GET, ME)).await.expect_api(200);
            assert_eq!(me.json()["user"]["name"], "bob");
            node.send(by("alice", &token, Method::GET, ME)).await.expect(401);
            let elsewhere = by("bob", &token, Method::GET, ME).at(OTHER_ORIGIN);
            node.send(elsewhere).await.expect(401);
        }
        let path = format!("{API_TOKENS}/{id}");
        let shown = app.send(by("bob", &token, Method::GET, &path)).await.expect_api(200).json();
        assert_eq!(shown["api_token"]["full_token"], Value::Null, "it was told before");
        assert_eq!(shown["api_token"]["url"], format!("{ORIGIN}{path}.json"));
        app.send(by("bob", &token, Method::DELETE, &path)).await.expect_api(204);
        for node in [app, &other_node] {
            node.send(by("bob", &token, Method::GET, ME)).await.expect(401);
        }
        for again in [app.admin_get(&path).await, app.admin_delete(&path).await] {
            assert_eq!(again.error(), (404, "RecordNotFound".to_owned()));
        }
        for (action, count) in [("api_token.created", 2), ("api_token.revoked", 1)] {
            assert_eq!(app.events(action).await.len(), count, "{action}, the cast's own among them");
        }
    }

    /// Everybody sees and revokes his own; an admin everybody's, but he makes none for another.
    // TN-07
    async fn everybody_has_his_own(app) {
        let (alices, bobs) = (made(app, "alice", "phone").await, made(app, "bob", "backup").await);
        let list = |query: &str| format!("{API_TOKENS}{query}");
        assert_eq!(labels(app.send(by("alice", &alices, Method::GET, &list(""))).await), ["phone"]);
        assert_eq!(labels(app.admin_get(&list("")).await), ["scripts"]);
        assert_eq!(labels(app.admin_get(&list("?all=true")).await), ["scripts", "phone", "backup"]);
        let bob = app.user("bob").await.id;
        assert_eq!(labels(app.admin_get(&list(&format!("?user_id={bob}&page[size]=1"))).await), ["backup"]);
        assert_eq!(labels(app.admin_get(&list("?user_id=1")).await), Vec::<String>::new());
        assert_eq!(labels(app.admin_get(&list("?all=true&page[size]=2&sort=-id")).await), ["backup", "phone"]);
        for query in ["?all=true".to_owned(), format!("?user_id={bob}")] {
            let refused = app.send(by("alice", &alices, Method::GET, &list(&query))).await;
            assert_eq!(refused.expect(403).json()["error"]["title"], "Forbidden");
        }
        let own = format!("?user_id={}", app.user("alice").await.id);
        assert_eq!(labels(app.send(by("alice", &alices, Method::GET, &list(&own))).await), ["phone"]);
        for bad in ["?all=perhaps", "?user_id=bob", "?all=true&all=true"] {
            assert_eq!(app.admin_get(&list(bad)).await.error(), (400, "InvalidRequest".to_owned()));
        }
        let theirs = format!("{API_TOKENS}/{}", bobs["id"]);
        for method in [Method::GET, Method::DELETE] {
            let refused = app.send(by("alice", &alices, method, &theirs)).await;
            assert_eq!(refused.error(), (404, "RecordNotFound".to_owned()));
        }
        let posing = json!({"api_token": {"label": "posing", "user_id": bob.get()}});
        let own = app.admin_post(API_TOKENS, &posing).await.expect_api(201).json()["api_token"].clone();
        assert_eq!(own["user_id"], app.user("admin").await.id.get(), "nobody poses as another");
        app.admin_delete(&theirs).await.expect_api(204);
        app.send(by("bob", &bobs, Method::GET, ME)).await.expect(401);
    }

    /// A token has all rights of its owner's role, so a caller with fewer makes none.
    // TN-07
    async fn a_narrow_token_makes_no_api_token(app) {
        let body = json!({"api_token": {"label": "more than I have"}});
        for (scope, missing) in [
            ("read", "oauth:write, write"),
            ("users:write", "oauth:write, write"),
            ("oauth:write", "read, write"),
            ("write", "read, write"),
            ("oauth", "read, write"),
            ("read oauth:write", "read, write"),
        ] {
            let bearer = app.bearer_of("admin", scope).await;
            let refused = app.send(RequestBuilder::post(API_TOKENS).bearer(&bearer).json(&body)).await;
            let text = format!("You are missing the following required scopes: {missing}");
            assert_eq!((refused.status.as_u16(), refused.text("description")), (403, text), "{scope}");
        }
        let reader = app.bearer_of("alice", "oauth:read").await;
        app.send(RequestBuilder::get(API_TOKENS).bearer(&reader)).await.expect_api(200);
        let narrow = app.bearer_of("alice", "users:read").await;
        app.send(RequestBuilder::get(API_TOKENS).bearer(&narrow)).await.expect(403);
        let alices = made(app, "alice", "phone").await;
        app.send(by("alice", &alices, Method::GET, CLIENTS)).await.expect(403);
        app.get(API_TOKENS).await.expect(401);
        assert_eq!(app.events("api_token.created").await.len(), 2);
    }

    /// A label says what a token is for; and there are not more than somebody can look after.
    async fn an_api_token_has_a_label(app) {
        for (body, fault) in [
            (json!({}), "label BlankValue"),
            (json!({"api_token": {"label": " "}}), "label BlankValue"),
            (json!({"api_token": {"label": 7}}), "label InvalidValue"),
            (json!({"api_token": {"label": "a\nb"}}), "label InvalidValue"),
            (json!({"api_token": {"label": "x".repeat(256)}}), "label TooLong"),
        ] {
            assert_eq!(app.admin_post(API_TOKENS, &body).await.faults(), [fault]);
        }
        let body = json!({"api_token": {"label": "one more"}});
        for _ in 1..app.ctx.policy.api_tokens_per_user {
            app.admin_post(API_TOKENS, &body).await.expect_api(201);
        }
        assert_eq!(app.admin_post(API_TOKENS, &body).await.faults(), ["base InvalidValue"]);
    }

    /// Another account's tokens do not exist.
    // TN-02
    async fn other_accounts_api_tokens_do_not_exist(app) {
        let account = app.account(OTHER_ORIGIN).await;
        let admin = store::users::by_email(&app.ctx.store, account.id, "admin@example.com").await;
        let user_id = admin.expect("reads").expect("he is in the cast").id;
        let new = protocol::api_tokens::NewApiToken {
            account_id: account.id, user_id, label: "theirs".to_owned(), token: None,
        };
        let made = protocol::api_tokens::create(&app.ctx, domain::Actor::Operator, new).await;
        let (token, full) = made.expect("it is made");
        let path = format!("{API_TOKENS}/{}", token.id);
        for reply in [app.admin_get(&path).await, app.admin_delete(&path).await] {
            assert_eq!(reply.error(), (404, "RecordNotFound".to_owned()));
        }
        assert_eq!(labels(app.admin_get(&format!("{API_TOKENS}?user_id={user_id}")).await), Vec::<String>::new());
        let own = RequestBuilder::get(&path).at(OTHER_ORIGIN).basic("admin@example.com/token", full.expose());
        app.send(own).await.expect_api(200);
    }
}
