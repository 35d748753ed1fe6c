//! `X-On-Behalf-Of`: an admin's token runs a call as an end user, and the log names both.

use std::net::Ipv4Addr;

use domain::{Actor, Secret};
use http::Method;
use protocol::api_caller::{self, ApiCaller, Authentication};
use protocol::api_tokens::{self, NewApiToken};
use protocol::impersonation;
use serde_json::json;
use wire::zendesk::ApiCredentials;

use crate::support::{ORIGIN, Reply, RequestBuilder, TestApp, stories};

const API_TOKENS: &str = "/api/v1/api_tokens";

fn on_behalf(request: RequestBuilder, token: &str, name: &str) -> RequestBuilder {
    request.bearer(token).header("x-on-behalf-of", &format!("{name}@example.com"))
}

#[track_caller]
fn assert_role_error(reply: Reply) {
    assert_eq!(reply.expect(403).json()["error"]["title"], "Forbidden");
}

/// The caller that a token is, before he acts for anybody.
async fn caller(app: &TestApp, token: &str) -> ApiCaller {
    let account = app.account(ORIGIN).await;
    let credentials = ApiCredentials::Bearer(Secret::new(token));
    let here = Ipv4Addr::LOCALHOST.into();
    let known = api_caller::authenticate(&app.ctx, &account, credentials, here).await;
    match known.expect("reads") {
        Authentication::Caller(caller) => caller,
        other => panic!("{other:?}"),
    }
}

stories! {
    /// What is changed for somebody else is audited as both.
    // TN-07
    async fn the_log_names_who_called_and_for_whom(app) {
        let account = app.account(ORIGIN).await;
        let (admin, alice) = (app.user("admin").await.id, app.user("alice").await);
        let caller = caller(app, &app.bearer_of("admin", "impersonate read write").await).await;
        assert_eq!(caller.actor(), Actor::User(admin));
        let email = "alice@example.com";
        let acting = impersonation::impersonate(&app.ctx, &account, &caller, email).await;
        let acting = acting.expect("she is an end user");
        assert!(impersonation::impersonate(&app.ctx, &account, &acting, email).await.is_err());
        let label = "hers".to_owned();
        let new = NewApiToken { account_id: account.id, user_id: alice.id, label, token: None };
        let (token, _) = api_tokens::create(&app.ctx, Actor::User(alice.id), new).await.expect("it is made");
        api_tokens::revoke(&app.ctx, acting.actor(), &token).await.expect("it is there");
        for id in [admin, alice.id] {
            let query = format!("/api/v1/audit_events?page[size]=1&sort=-id&actor_id={id}");
            let event = app.admin_get(&query).await.expect_api(200).json()["audit_events"][0].clone();
            assert_eq!(event["actor"], json!({"kind": "user", "id": admin.get()}));
            assert_eq!(event["on_behalf_of"], alice.id.get());
            assert_eq!(event["action"], "api_token.revoked");
        }
    }

    /// Static credentials are for their owner: nobody gets hold of another's by acting for him.
    // TN-07
    async fn who_acts_for_another_gets_no_api_tokens(app) {
        let token = app.bearer_of("admin", "impersonate read write").await;
        let new = json!({"api_token": {"label": "as alice"}});
        for (method, below) in [(Method::GET, ""), (Method::POST, ""), (Method::GET, "/1"), (Method::DELETE, "/1")] {
            let request = RequestBuilder::new(method, &format!("{API_TOKENS}{below}")).json(&new);
            assert_role_error(app.send(on_behalf(request, &token, "alice")).await);
        }
        assert_eq!(app.events("api_token.created").await.len(), 1, "the cast's own");
    }

    /// Never more than the end user may, nor than the token's scopes say; and nobody in two names.
    // TN-07
    async fn acting_for_another_adds_no_rights(app) {
        let token = app.bearer_of("admin", "impersonate users:read").await;
        let get = |path: &str| on_behalf(RequestBuilder::get(path), &token, "alice");
        app.send(get("/api/v2/users/me")).await.expect_api(200);
        app.send(get(API_TOKENS)).await.expect(403);
        let broad = app.bearer_of("admin", "impersonate read write").await;
        for path in ["/api/v1/users", "/api/v1/audit_events", crate::support::CLIENTS] {
            assert_role_error(app.send(on_behalf(RequestBuilder::get(path), &broad, "alice")).await);
        }
        let twice = on_behalf(RequestBuilder::get("/api/v2/users/me"), &broad, "alice")
            .header("x-on-behalf-of", "bob@example.com");
        assert_role_error(app.send(twice).await);
        app.suspend_user("alice", true).await;
        assert_role_error(app.send(on_behalf(RequestBuilder::get("/api/v2/users/me"), &broad, "alice")).await);
    }
}
