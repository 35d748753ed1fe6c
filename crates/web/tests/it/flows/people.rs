//! `/api/v1/users`: admins list, make, change and delete the people of their account.

use http::Method;
use serde_json::{Value, json};

use crate::support::{ORIGIN, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories};

const USERS: &str = "/api/v1/users";

async fn path_of(app: &TestApp, name: &str) -> String {
    format!("{USERS}/{}", app.user(name).await.id)
}

/// The names on a page.
fn names(reply: Reply) -> Vec<String> {
    let json = reply.expect_api(200).json();
    let users = json["users"].as_array().expect("a list");
    users.iter().map(|user| user["name"].as_str().expect("a name").to_owned()).collect()
}

/// The role error, which says nothing of whether the record exists.
#[track_caller]
fn assert_role_error(reply: Reply) {
    assert_eq!(reply.expect(403).json()["error"]["title"], "Forbidden");
}

async fn make(app: &TestApp, fields: Value) -> Value {
    app.admin_post(USERS, &json!({"user": fields})).await.expect_api(201).json()["user"].clone()
}

stories! {
    /// Users are listed in every order, a page at a time, and filtered; only those of the account.
    // TN-10
    async fn users_are_listed_a_page_at_a_time(app) {
        for (query, expected) in [
            ("", &["admin", "alice", "bob"][..]),
            ("?page[size]=2", &["admin", "alice"]),
            ("?page[size]=2&sort=-name", &["bob", "alice"]),
            ("?page[size]=9&sort=email", &["admin", "alice", "bob"]),
            ("?page[size]=9&sort=-id", &["bob", "alice", "admin"]),
            ("?role=agent", &["bob"]),
            ("?role=end-user&page[size]=1", &["alice"]),
            ("?email=BOB@example.com", &["bob"]),
            ("?email=bob@example.com&role=admin", &[]),
            ("?email=nobody&page[size]=1", &[]),
        ] {
            assert_eq!(names(app.admin_get(&format!("{USERS}{query}")).await), expected, "{query}");
        }
        let first = app.admin_get(&format!("{USERS}?page[size]=2&sort=-name&role=agent")).await;
        assert_eq!(first.json()["links"]["next"], Value::Null, "there is one agent");
        let first = app.admin_get(&format!("{USERS}?page[size]=2&sort=-name")).await.json();
        let next = first["links"]["next"].as_str().expect("there is more").to_owned();
        assert!(next.starts_with(&format!("{ORIGIN}{USERS}.json?page%5Bafter%5D=")), "{next}");
        assert_eq!(names(app.admin_get(&next).await), ["admin"]);
        let cursor = first["meta"]["after_cursor"].as_str().expect("a cursor");
        for other in ["sort=name", "sort=-name&role=agent", "sort=-id"] {
            let path = format!("{USERS}?page[size]=2&page[after]={cursor}&{other}");
            app.admin_get(&path).await.expect(400);
        }
        assert_eq!(app.admin_get(USERS).await.json()["count"], 3);
        for query in ["role=operator", "role=agent&role=agent", "email=%00", "page=0", "page[size]=2&sort=claims"] {
            app.admin_get(&format!("{USERS}?{query}")).await.expect(400);
        }
    }

    /// A user is made whole, shown, changed key by key, and deleted.
    async fn a_user_is_made_changed_and_deleted(app) {
        let made = make(app, json!({"email": "Zoe@Example.com", "name": "Zoë", "role": "agent",
            "permissions": ["manage_api_credentials"], "claims": {"locale": "en-GB"}})).await;
        let id = made["id"].as_i64().expect("an id");
        let expected = json!({"id": id, "url": format!("{ORIGIN}{USERS}/{id}.json"),
            "email": "Zoe@Example.com", "name": "Zoë", "role": "agent",
            "permissions": ["manage_api_credentials"], "operator": false, "suspended": false,
            "claims": {"locale": "en-GB"}, "created_at": "2026-05-04T09:30:00Z",
            "updated_at": "2026-05-04T09:30:00Z", "last_login_at": null});
        assert_eq!(made, expected);
        let path = format!("{USERS}/{id}");
        assert_eq!(app.admin_get(&path).await.expect_api(200).json()["user"], expected);
        app.advance(domain::Lifetime::seconds(1));
        let put = json!({"user": {"name": "Zoe", "claims": null, "permissions": null, "role": null}});
        let changed = app.admin_put(&path, &put).await.expect_api(200).json()["user"].clone();
        assert_eq!(changed["updated_at"], "2026-05-04T09:30:01Z");
        for (key, value) in [("name", json!("Zoe")), ("claims", json!({})), ("permissions", json!([])),
            ("role", json!("agent")), ("email", json!("Zoe@Example.com"))] {
            assert_eq!(changed[key], value, "{key}");
        }
        let event = app.events("user.updated").await.pop().expect("it is audited");
        assert!(event.details.contains(r#""changed":["name","permissions","claims"]"#), "{}", event.details);
        app.admin_put(&path, &put).await.expect_api(200);
        assert_eq!(app.events("user.updated").await.len(), 1, "nothing was changed");
        app.admin_delete(&path).await.expect_api(204);
        assert_eq!(app.events("user.deleted").await.len(), 1);
        for again in [app.admin_get(&path).await, app.admin_delete(&path).await] {
            assert_eq!(again.error(), (404, "RecordNotFound".to_owned()));
        }
    }

    /// Everything that is wrong is told at once, and nothing of it is done.
    async fn all_faults_are_told_together(app) {
        let faults = app.admin_post(USERS, &json!({})).await.faults();
        assert_eq!(faults, ["email BlankValue", "name BlankValue"]);
        let bad = json!({"user": {"email": "ALICE@example.com", "name": "a\u{7}", "role": "owner",
            "permissions": ["everything"], "claims": [], "password": "short", "operator": true,
            "suspended": "yes"}});
        let mut faults = app.admin_post(USERS, &bad).await.faults();
        faults.sort();
        assert_eq!(faults, ["claims InvalidValue", "email DuplicateValue", "name InvalidValue",
            "operator InvalidValue", "password InvalidValue", "permissions InvalidValue",
            "role InvalidValue", "suspended InvalidValue"]);
        let path = path_of(app, "bob").await;
        let bad = json!({"user": {"email": "alice@example.com", "name": "", "role": 7}});
        let faults = app.admin_put(&path, &bad).await.faults();
        assert_eq!(faults, ["email DuplicateValue", "name BlankValue", "role InvalidValue"]);
        let long = json!({"user": {"email": "bob@example.com", "name": "x".repeat(256),
            "claims": {"nickname": "x".repeat(9000)}}});
        assert_eq!(app.admin_put(&path, &long).await.faults(), ["claims TooLong", "name TooLong"]);
        assert_eq!(app.user("bob").await.name, "bob");
    }

    /// What the server decides is not the caller's to send.
    // TN-03
    async fn what_the_server_decides_is_ignored(app) {
        let sent = json!({"id": 1, "account_id": 2, "url": "x", "created_at": "2000-01-01T00:00:00Z",
            "updated_at": "2000-01-01T00:00:00Z", "last_login_at": "2000-01-01T00:00:00Z",
            "password_hash": "x", "operator_at": 1, "suspended_at": 1, "verified": true,
            "email": "eve@example.com", "name": "Eve"});
        let made = make(app, sent).await;
        assert_ne!(made["id"], 1);
        assert_eq!(made["created_at"], "2026-05-04T09:30:00Z");
        assert_eq!((made["operator"].clone(), made["suspended"].clone()), (json!(false), json!(false)));
        let eve = app.user("eve").await;
        assert_eq!((eve.account_id, eve.password_hash), (app.account(ORIGIN).await.id, None));
        let put = json!({"user": {"password": "in the wrong place", "id": 7}});
        app.admin_put(&path_of(app, "eve").await, &put).await.expect_api(200);
        assert_eq!(app.user("eve").await.password_hash, None);
    }

    /// Without credentials nobody learns anything.
    // TN-09
    async fn strangers_learn_nothing(app) {
        for (method, path) in [
            (Method::GET, "/api/v1/users"),
            (Method::GET, "/api/v1/users/1"),
            (Method::PUT, "/api/v1/users/1/password"),
            (Method::GET, "/api/v1/api_tokens"),
            (Method::DELETE, "/api/v1/api_tokens/1"),
            (Method::GET, "/api/v1/audit_events"),
            (Method::GET, "/api/v1/audit_events/1"),
        ] {
            let reply = app.send(RequestBuilder::new(method, path)).await;
            assert_eq!(reply.error(), (401, "Couldn't authenticate you".to_owned()), "{path}");
        }
    }

    /// Nobody but an admin comes in, whatever the id; an agent cannot make himself one.
    // TN-07
    async fn people_are_for_admins(app) {
        let own = app.user("bob").await.id;
        let promotion = json!({"user": {"role": "admin"}});
        let tokens = [app.bearer_of("bob", "read write users").await, app.bearer_of("alice", "read write users").await];
        for id in [own.to_string(), "1".to_owned(), "x".to_owned()] {
            for (method, path) in [(Method::GET, ""), (Method::PUT, ""), (Method::DELETE, ""), (Method::PUT, "/password")] {
                for token in &tokens {
                    let request = RequestBuilder::new(method.clone(), &format!("{USERS}/{id}{path}"));
                    assert_role_error(app.send(request.bearer(token).json(&promotion)).await);
                }
            }
        }
        let token = app.bearer_of("bob", "read write").await;
        assert_role_error(app.send(RequestBuilder::get(USERS).bearer(&token)).await);
        assert_role_error(app.send(RequestBuilder::post(USERS).bearer(&token).json(&promotion)).await);
        assert_eq!(app.user("bob").await.role, domain::Role::Agent);
        app.get(USERS).await.expect(401);
    }

    /// A token does what its scopes say; one without all rights of an admin gives nobody such rights.
    // TN-07
    async fn a_token_does_what_its_scopes_say(app) {
        let reader = app.bearer_of("admin", "users:read").await;
        let writer = app.bearer_of("admin", "users:write").await;
        let path = path_of(app, "bob").await;
        let put = |token: &str, body: Value| RequestBuilder::new(Method::PUT, &path).bearer(token).json(&body);
        app.send(RequestBuilder::get(&path).bearer(&reader)).await.expect_api(200);
        for (request, missing) in [
            (put(&reader, json!({"user": {"name": "B"}})), "users:write, write"),
            (RequestBuilder::get(&path).bearer(&writer), "users:read, read"),
            (put(&writer, json!({"user": {"role": "admin"}})), "read, write"),
            (RequestBuilder::post(USERS).bearer(&writer).json(&json!({"user":
                {"email": "eve@example.com", "name": "Eve", "role": "admin", "password": "a good password"}})), "read, write"),
            (RequestBuilder::new(Method::PUT, &format!("{}/password", path_of(app, "admin").await))
                .bearer(&writer).json(&json!({"user": {"password": "mine from now on"}})), "read, write"),
        ] {
            let reply = app.send(request).await.expect(403);
            let text = format!("You are missing the following required scopes: {missing}");
            assert_eq!(reply.text("description"), text);
        }
        assert!(app.anonymous().sign_in("admin").await.status.is_redirection(), "the old password");
        app.send(put(&writer, json!({"user": {"name": "Bobby"}}))).await.expect_api(200);
        let broad = app.bearer_of("admin", "read write").await;
        app.send(put(&broad, json!({"user": {"role": "admin"}}))).await.expect_api(200);
    }

    /// Users of another account do not exist, whatever is done.
    // TN-02
    async fn other_accounts_people_do_not_exist(app) {
        let account = app.account(OTHER_ORIGIN).await;
        let foreign = store::users::by_email(&app.ctx.store, account.id, "admin@example.com").await;
        let foreign = foreign.expect("reads").expect("another admin");
        for id in [foreign.id.to_string(), "0".to_owned(), "x".to_owned(), "999999999".to_owned()] {
            for (method, below) in [(Method::GET, ""), (Method::PUT, ""), (Method::DELETE, ""), (Method::PUT, "/password")] {
                let request = RequestBuilder::by_admin(method, &format!("{USERS}/{id}{below}"));
                let reply = app.send(request.json(&json!({"user": {"name": ""}}))).await;
                assert_eq!(reply.error(), (404, "RecordNotFound".to_owned()), "{id}");
            }
        }
        assert_eq!(store::users::show(&app.ctx.store, account.id, foreign.id).await, Ok(Some(foreign)));
    }
}
