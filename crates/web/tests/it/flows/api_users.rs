//! The administration API's users: who calls, who somebody is, and acting for an end user.

use serde_json::json;

use crate::support::{CLIENTS, ORIGIN, OTHER_ORIGIN, Reply, RequestBuilder, stories};

const ME: &str = "/api/v2/users/me";

fn name_of(reply: Reply) -> String {
    reply.expect_api(200).json()["user"]["name"].as_str().expect("a name").to_owned()
}

stories! {
    /// Whoever calls is shown; a caller without credentials, or with any password, is nobody.
    // W-76
    async fn everybody_may_ask_who_he_is(app) {
        let token = "admin-api-token-000000";
        let nobody = json!({"user": {"id": null, "url": null, "name": "Anonymous user",
            "email": null, "role": "end-user", "verified": false, "active": true}});
        assert_eq!(app.get(ME).await.expect_api(200).json(), nobody);
        for password in ["correct horse battery", "wrong", ""] {
            let request = RequestBuilder::get(ME).basic("admin@example.com", password);
            assert_eq!(app.send(request).await.expect_api(200).json(), nobody, "{password}");
        }
        for path in [ME, "/api/v2/users/me.json"] {
            assert_eq!(name_of(app.admin_get(path).await), "admin");
        }
        let wrong = RequestBuilder::get(ME).basic("admin@example.com/token", "wrong");
        let error = app.send(wrong).await.error();
        assert_eq!(error, (401, "Couldn't authenticate you".to_owned()));
        let wrong_owner = RequestBuilder::get(ME).basic("alice@example.com/token", token);
        assert_eq!(app.send(wrong_owner).await.status.as_u16(), 401);
        let bad = app.send(RequestBuilder::get(ME).bearer("bad")).await;
        assert_eq!(bad.error(), (401, "invalid_token".to_owned()));
    }

    /// A user has Zendesk's keys, and a token needs a scope to read them.
    // W-76, TN-07
    async fn a_user_has_the_keys_that_clients_know(app) {
        let user = app.user("alice").await;
        let token = app.bearer_of("alice", "users:read").await;
        let shown = app.send(RequestBuilder::get(ME).bearer(&token)).await.expect_api(200);
        let url = format!("{ORIGIN}/api/v2/users/{}.json", user.id);
        let expected = json!({"user": {"id": user.id.get(), "url": url, "name": "alice",
            "email": "alice@example.com", "role": "end-user", "verified": true, "active": true,
            "suspended": false, "locale": "en-US", "time_zone": "UTC",
            "created_at": "2026-05-04T09:30:00Z", "updated_at": "2026-05-04T09:30:00Z",
            "last_login_at": "2026-05-04T09:30:00Z"}});
        assert_eq!(shown.json(), expected);
        let request = RequestBuilder::get(&url).bearer(&token);
        assert_eq!(app.send(request).await.expect_api(200).json(), expected);
        for scope in ["write", "tickets", "users:write"] {
            let token = app.bearer_of("alice", scope).await;
            let refused = app.send(RequestBuilder::get(ME).bearer(&token)).await;
            assert_eq!(refused.error(), (403, "Forbidden".to_owned()));
            let text = "You are missing the following required scopes: users:read, read";
            assert_eq!(refused.text("description"), text);
        }
    }

    /// Admins see everybody of their account, the others themselves.
    // V8.2.1–3
    async fn users_are_seen_by_themselves_and_admins(app) {
        let (alice, bob) = (app.user("alice").await.id, app.user("bob").await.id);
        for id in [alice, bob] {
            for suffix in ["", ".json"] {
                let shown = app.admin_get(&format!("/api/v2/users/{id}{suffix}")).await;
                assert_eq!(shown.expect_api(200).json()["user"]["id"], id.get());
            }
        }
        let token = app.bearer_of("alice", "read").await;
        for id in [&*bob.to_string(), "1", "0", "x", "999999999"] {
            let request = RequestBuilder::get(&format!("/api/v2/users/{id}")).bearer(&token);
            let refused = app.send(request).await.expect(403);
            assert_eq!(refused.json()["error"]["title"], "Forbidden", "{id}");
        }
        let account = app.account(OTHER_ORIGIN).await;
        let email = "admin@example.com";
        let foreign = store::users::by_email(&app.ctx.store, account.id, email).await;
        let foreign = foreign.expect("reads").expect("another admin").id.to_string();
        for id in [&*foreign, "0", "-1", "01", "+1", "x", "1.0", "9223372036854775808", "%20"] {
            let reply = app.admin_get(&format!("/api/v2/users/{id}")).await;
            assert_eq!(reply.error(), (404, "RecordNotFound".to_owned()), "{id}");
        }
    }

    /// An admin's token with the scope may act for an end user, with his rights and no more.
    // TN-07
    async fn an_admin_acts_for_an_end_user(app) {
        let on_behalf = |token: &str, email: &str, path: &str| {
            RequestBuilder::get(path).bearer(token).header("x-on-behalf-of", email)
        };
        let token = app.bearer_of("admin", "impersonate read").await;
        let request = on_behalf(&token, "alice@example.com", ME);
        assert_eq!(name_of(app.send(request).await), "alice");
        let clients = app.send(on_behalf(&token, "alice@example.com", CLIENTS)).await.expect(403);
        assert_eq!(clients.json()["error"]["title"], "Forbidden", "her rights, not the admin's");
        for email in ["bob@example.com", "admin@example.com", "nobody@example.com", "", "x"] {
            let refused = app.send(on_behalf(&token, email, ME)).await.expect(403);
            assert_eq!(refused.json()["error"]["title"], "Forbidden", "{email}");
        }
        for (user, scope) in [("admin", "read write"), ("bob", "read")] {
            let token = app.bearer_of(user, scope).await;
            let refused = app.send(on_behalf(&token, "alice@example.com", ME)).await;
            let text = "You are missing the following required scopes: impersonate";
            assert_eq!((refused.status.as_u16(), refused.text("description")), (403, text.to_owned()));
        }
        let bobs = app.bearer_of("bob", "read impersonate").await;
        app.send(on_behalf(&bobs, "alice@example.com", ME)).await.expect(403);
        let basic = RequestBuilder::get(ME).with_admin_token().header("x-on-behalf-of", "alice@example.com");
        app.send(basic).await.expect(403);
    }
}
