//! Tokens made and revoked through the API, and the current one (zendesk-wire §4.2, §4.3).

use domain::{ClientState, Lifetime};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Consent, ORIGIN, Reply, RequestBuilder, TOKENS, TestApp, stories};

const CURRENT: &str = "/api/v2/oauth/tokens/current";
const ME: &str = "/api/v2/users/me";

async fn client_id(app: &TestApp, identifier: &str) -> i64 {
    app.registered(identifier).await.id.get()
}

async fn create(app: &TestApp, fields: Value) -> Reply {
    app.admin_post(TOKENS, &json!({ "token": fields })).await
}

async fn current(app: &TestApp, token: &str) -> Reply {
    app.send(RequestBuilder::get(CURRENT).bearer(token)).await
}

async fn delete(app: &TestApp, path: &str, token: &str) -> Reply {
    app.send(RequestBuilder::new(Method::DELETE, path).bearer(token)).await
}

stories! {
    /// An admin makes a token that acts as he, and learns the whole of it once.
    // W-33, W-34
    async fn an_admin_makes_a_token(app) {
        let id = client_id(app, "photo-album").await;
        let reply = create(app, json!({"client_id": id, "scopes": ["read", "write"]})).await;
        let token = reply.clone().expect_api(201).json()["token"].clone();
        assert_eq!(reply.location(), token["url"]);
        let full = token["full_token"].as_str().expect("the whole token");
        assert_eq!(token["token"], full[..10]);
        assert_eq!(token["client_id"], id);
        assert_eq!(token["user_id"], app.user("admin").await.id.get());
        assert_eq!(token["scopes"], json!(["read", "write"]));
        assert_eq!(token["created_at"], "2026-05-04T09:30:00Z");
        assert_eq!(token["expires_at"], "2026-05-04T10:00:00Z");
        for null in ["refresh_token", "refresh_token_expires_at", "used_at"] {
            assert_eq!(token.get(null), Some(&Value::Null), "{null}");
        }
        let me = app.send(RequestBuilder::get(ME).bearer(full)).await.expect(200).json();
        assert_eq!(me["user"]["email"], "admin@example.com");
        let shown = app.admin_get(reply.location()).await.expect_api(200).json();
        assert_eq!(shown["token"].get("full_token"), None);
        assert_eq!(app.events("token.created").await.len(), 1);
        app.advance(Lifetime::minutes(30));
        app.send(RequestBuilder::get(ME).bearer(full)).await.expect(401);
    }

    /// It stands for the admin, not for the client that it was made for.
    // W-33
    async fn a_made_token_acts_as_the_admin(app) {
        let id = client_id(app, "photo-album").await;
        let made = create(app, json!({"client_id": id, "scopes": ["read"]})).await.expect_api(201);
        let full = made.json()["token"]["full_token"].as_str().expect("a token").to_owned();
        let told = app.client("photo-album").introspect(&full).await.json();
        assert_eq!(told["sub"], app.user("admin").await.id.to_string());
        assert_eq!(told["username"], "admin@example.com");
        let own = app.client("photo-album").token(&[("grant_type", "client_credentials")]).await;
        let told = app.client("photo-album").introspect(&own.text("access_token")).await.json();
        assert_eq!(told["sub"], "photo-album");
    }

    /// The lifetime may be asked for; both ends are included.
    // W-34
    async fn a_lifetime_may_be_asked_for(app) {
        let id = client_id(app, "daily-report").await;
        for (seconds, ends) in [(300, "2026-05-04T09:35:00Z"), (172_800, "2026-05-06T09:30:00Z")] {
            let fields = json!({"client_id": id, "scopes": ["read"], "expires_in": seconds});
            let token = create(app, fields).await.expect_api(201).json();
            assert_eq!(token["token"]["expires_at"], ends);
        }
    }

    /// Everything that is wrong is told together, and nothing is made.
    // W-35
    async fn every_fault_of_a_new_token_is_told(app) {
        let id = client_id(app, "photo-album").await;
        let blank = ["client_id BlankValue", "scopes BlankValue"];
        assert_eq!(app.admin_post(TOKENS, &json!({})).await.faults(), blank);
        let bodiless = app.send(RequestBuilder::by_admin(Method::POST, TOKENS)).await;
        assert_eq!(bodiless.faults(), blank);
        let elsewhere = app.account(crate::support::OTHER_ORIGIN).await;
        let foreign = store::clients::by_identifier(&app.ctx.store, elsewhere.id, "elsewhere").await;
        let foreign = foreign.expect("reads").expect("in the cast").id.get();
        for unknown in [json!("photo-album"), json!("1"), json!(0), json!(-1), json!(1.5), json!(foreign)] {
            let fields = json!({"client_id": unknown, "scopes": ["read"]});
            assert_eq!(create(app, fields).await.faults(), ["client_id InvalidValue"], "{unknown}");
        }
        for (scopes, fault) in [
            (json!([]), "scopes BlankValue"),
            (Value::Null, "scopes BlankValue"),
            (json!("read"), "scopes InvalidValue"),
            (json!(["admin", "Read", "read write"]), "scopes InvalidValue"),
            (json!(["impersonate"]), "scopes InvalidValue"),
            (json!(["read", 1]), "scopes InvalidValue"),
        ] {
            let fields = json!({"client_id": id, "scopes": scopes});
            assert_eq!(create(app, fields).await.faults(), [fault], "{scopes}");
        }
        let fields = json!({"client_id": "x", "scopes": ["x"], "expires_in": 299});
        let all = ["client_id InvalidValue", "expires_in InvalidValue", "scopes InvalidValue"];
        assert_eq!(create(app, fields).await.faults(), all);
        for seconds in [json!(299), json!(172_801), json!("600"), json!(i64::MAX), json!(-300)] {
            let fields = json!({"client_id": id, "scopes": ["read"], "expires_in": seconds});
            assert_eq!(create(app, fields).await.faults(), ["expires_in InvalidValue"], "{seconds}");
        }
        app.set_client_state("daily-report", ClientState::Suspended).await;
        let fields = json!({"client_id": client_id(app, "daily-report").await, "scopes": ["read"]});
        assert_eq!(create(app, fields).await.faults(), ["client_id InvalidValue"]);
        let broken = RequestBuilder::by_admin(Method::POST, TOKENS).body("application/json", b"{");
        assert_eq!(app.send(broken).await.error(), (400, "InvalidRequest".to_owned()));
        assert_eq!(app.admin_get(&format!("{TOKENS}?all=true")).await.json()["count"], 0);
    }

    /// Names that mean nothing are dropped next to those that do.
    // W-33
    async fn unknown_scopes_are_dropped(app) {
        let id = client_id(app, "daily-report").await;
        let fields = json!({"client_id": id, "scopes": ["nonsense", "tickets:read", "auditlogs:write"]});
        let token = create(app, fields).await.expect_api(201).json();
        assert_eq!(token["token"]["scopes"], json!(["tickets:read"]));
    }

    /// Making tokens is for admins, and a Bearer gives away no scope that it does not have.
    // W-36, TN-07
    async fn nobody_makes_more_than_he_has(app) {
        let id = client_id(app, "daily-report").await;
        let asked = |scopes: &[&str]| json!({"token": {"client_id": id, "scopes": scopes}});
        for user in ["alice", "bob"] {
            let token = app.bearer_of(user, "read write").await;
            let request = RequestBuilder::post(TOKENS).json(&asked(&["read"])).bearer(&token);
            assert_eq!(app.send(request).await.expect(403).json()["error"]["title"], "Forbidden");
        }
        let post = |token: &str, scopes: &[&str]| {
            app.send(RequestBuilder::post(TOKENS).json(&asked(scopes)).bearer(token))
        };
        let narrow = app.bearer_of("admin", "oauth:write tickets:read").await;
        for (scopes, missing) in [
            (&["write"][..], "write"),
            (&["oauth:write", "read", "tickets"], "read, tickets"),
            (&["impersonate"], "impersonate"),
        ] {
            let reply = post(&narrow, scopes).await;
            assert_eq!(reply.error(), (403, "Forbidden".to_owned()));
            let text = format!("You are missing the following required scopes: {missing}");
            assert_eq!(reply.text("description"), text);
        }
        post(&narrow, &["oauth:write", "tickets:read", "nonsense"]).await.expect_api(201);
        let wide = app.bearer_of("admin", "write").await;
        post(&wide, &["tickets:write", "write"]).await.expect_api(201);
        post(&wide, &["tickets:read"]).await.expect(403);
        let reading = app.bearer_of("admin", "read").await;
        let reply = post(&reading, &["read"]).await;
        let text = "You are missing the following required scopes: oauth:write, write";
        assert_eq!(reply.expect(403).text("description"), text);
    }

    /// What the server chooses cannot be sent along.
    // TN-03, W-24
    async fn what_the_server_chooses_is_ignored(app) {
        let alice = app.user("alice").await.id.get();
        let fields = json!({
            "client_id": client_id(app, "daily-report").await, "scopes": ["read"],
            "id": 1, "user_id": alice, "account_id": 7, "token": "cstat_mine", "full_token": "mine",
            "refresh_token": "mine", "created_at": "2020-01-01T00:00:00Z", "used_at": "2020-01-01T00:00:00Z",
            "expires_at": "2040-01-01T00:00:00Z", "refresh_token_expires_at": "2040-01-01T00:00:00Z",
        });
        let token = create(app, fields).await.expect_api(201).json()["token"].clone();
        assert_eq!(token["user_id"], app.user("admin").await.id.get());
        assert_ne!(token["id"], 1);
        assert_ne!(token["full_token"], "mine");
        assert_eq!(token["refresh_token"], Value::Null);
        assert_eq!(token["created_at"], "2026-05-04T09:30:00Z");
        assert_eq!(token["expires_at"], "2026-05-04T10:00:00Z");
        assert_eq!(token["used_at"], Value::Null);
        app.send(RequestBuilder::get(ME).bearer("mine")).await.expect(401);
    }

    /// A token describes itself, whatever its scope is.
    // W-40
    async fn a_token_describes_itself(app) {
        let token = app.bearer_of("alice", "write").await;
        for path in [CURRENT, "/api/v2/oauth/tokens/current.json"] {
            let reply = app.send(RequestBuilder::get(path).bearer(&token)).await.expect_api(200);
            let shown = reply.json()["token"].clone();
            assert_eq!(shown["token"], token[..10]);
            assert_eq!(shown["scopes"], json!(["write"]));
            assert_eq!(shown["expires_at"], "2026-05-04T10:00:00Z");
            assert_eq!(shown.get("full_token"), None);
        }
        let client = app.client("photo-album");
        let issued = client.tokens(&Consent::default()).await;
        client.refresh(&issued.text("refresh_token")).await.expect(200);
        current(app, &issued.text("access_token")).await.expect_api(200);
    }

    /// An API token is no access token; no credentials are none, and an end user that an admin acts
    /// as has no token here.
    // W-41
    async fn without_an_access_token_there_is_no_current_one(app) {
        for method in [Method::GET, Method::DELETE] {
            let reply = app.send(RequestBuilder::by_admin(method.clone(), CURRENT)).await;
            assert_eq!(reply.error(), (404, "RecordNotFound".to_owned()), "{method}");
            app.send(RequestBuilder::new(method.clone(), CURRENT)).await.expect(401);
            let token = app.bearer_of("admin", "impersonate").await;
            let request = RequestBuilder::new(method, CURRENT).bearer(&token);
            let reply = app.send(request.header("x-on-behalf-of", "alice@example.com")).await;
            assert_eq!(reply.error(), (404, "RecordNotFound".to_owned()));
            current(app, &token).await.expect_api(200);
        }
        app.send(RequestBuilder::post(CURRENT)).await.expect(405);
    }

    /// Revoking ends access and refresh token at once, on every node, and once.
    // W-42
    async fn a_revoked_token_is_dead_with_its_refresh_token(app) {
        let client = app.client("photo-album");
        let node = app.another_node().await;
        let consent = Consent { scope: Some("read write"), ..Consent::default() };
        for by_admin in [false, true] {
            let issued = client.tokens(&consent).await;
            let (access, refresh) = (issued.text("access_token"), issued.text("refresh_token"));
            let id = current(app, &access).await.expect(200).json()["token"]["id"].to_string();
            let path = format!("{TOKENS}/{id}");
            let reply = if by_admin {
                app.admin_delete(&path).await
            } else {
                delete(app, &format!("{path}.json"), &access).await
            };
            reply.expect_api(204);
            for node in [app, &node] {
                let refused = node.send(RequestBuilder::get(ME).bearer(&access)).await;
                assert_eq!(refused.error(), (401, "invalid_token".to_owned()));
            }
            assert_eq!(client.refresh(&refresh).await.error(), (400, "invalid_grant".to_owned()));
            let again = app.admin_delete(&path).await;
            assert_eq!(again.error(), (404, "RecordNotFound".to_owned()));
            app.admin_get(&path).await.expect(404);
        }
        assert_eq!(app.events("token_family.revoked").await.len(), 2);
        // The grant lives on: the app may ask again without a page.
        client.tokens(&consent).await;
    }

    /// A token may always end itself.
    // W-42
    async fn a_token_revokes_itself(app) {
        let client = app.client("photo-album");
        let issued = client.tokens(&Consent::default()).await;
        let access = issued.text("access_token");
        delete(app, CURRENT, &access).await.expect_api(204);
        assert_eq!(delete(app, CURRENT, &access).await.error(), (401, "invalid_token".to_owned()));
        let refused = client.refresh(&issued.text("refresh_token")).await;
        assert_eq!(refused.error(), (400, "invalid_grant".to_owned()));

        let alone = client.token(&[("grant_type", "client_credentials")]).await;
        let alone = alone.text("access_token");
        delete(app, &format!("{CURRENT}.json"), &alone).await.expect_api(204);
        current(app, &alone).await.expect(401);
        assert_eq!(app.events("token.revoked").await.len(), 1);
    }

    /// Somebody else's token is not his to revoke, unless he is an admin.
    // W-42, TN-07
    async fn nobody_revokes_anothers_token(app) {
        let alice = app.bearer_of("alice", "read").await;
        let id = current(app, &alice).await.expect(200).json()["token"]["id"].to_string();
        let bob = app.bearer_of("bob", "read write").await;
        let reply = delete(app, &format!("{TOKENS}/{id}"), &bob).await;
        assert_eq!(reply.error(), (404, "RecordNotFound".to_owned()));
        current(app, &alice).await.expect_api(200);
    }

    /// Fifty at once: one of them revoked it.
    // W-42
    async fn a_token_is_revoked_once(app) {
        let token = app.bearer_of("alice", "read").await;
        let id = current(app, &token).await.expect(200).json()["token"]["id"].to_string();
        let request = || RequestBuilder::by_admin(Method::DELETE, &format!("{TOKENS}/{id}"));
        let replies = app.race((0..20).map(|_| request()).collect()).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 204).count(), 1);
        assert!(replies.iter().all(|reply| [204, 404].contains(&reply.status.as_u16())));
        assert_eq!(app.events("token_family.revoked").await.len(), 1);
    }

    /// A JWT with a row is shown and revoked like any other; one that stands alone has no record, and
    /// goes on the deny list.
    // W-40, W-42, V10.4.9
    async fn jwts_are_current_tokens_too(app) {
        let consent = |scope| Consent {
            scope: Some(scope),
            more: &[("resource", "https://jwt.example.com/")],
            ..Consent::default()
        };
        let client = app.client("photo-album");
        let issued = client.tokens(&consent("openid offline_access read")).await;
        let access = issued.text("access_token");
        assert!(access.starts_with("ey"), "{access}");
        let shown = current(app, &access).await.expect_api(200).json()["token"].clone();
        let path = shown["url"].as_str().expect("a url").strip_prefix(ORIGIN).expect("here");
        app.admin_get(path).await.expect_api(200);
        delete(app, CURRENT, &access).await.expect_api(204);
        current(app, &access).await.expect(401);
        let refused = client.refresh(&issued.text("refresh_token")).await;
        assert_eq!(refused.error(), (400, "invalid_grant".to_owned()));

        let alone = app.client("one-shot").tokens(&consent("openid read")).await.text("access_token");
        assert!(alone.starts_with("ey"), "{alone}");
        assert_eq!(current(app, &alone).await.error(), (404, "RecordNotFound".to_owned()));
        delete(app, CURRENT, &alone).await.expect_api(204);
        assert_eq!(current(app, &alone).await.error(), (401, "invalid_token".to_owned()));
        assert_eq!(app.admin_get(&format!("{TOKENS}?all=true")).await.json()["count"], 0);
    }
}
