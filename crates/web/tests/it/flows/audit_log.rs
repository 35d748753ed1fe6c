//! `/api/v1/audit_events`: who did what, for the account's admins.

use domain::Lifetime;
use http::Method;
use serde_json::{Value, json};

use crate::support::{ORIGIN, OTHER_ORIGIN, Reply, RequestBuilder, stories};

const EVENTS: &str = "/api/v1/audit_events";
const USERS: &str = "/api/v1/users";

fn actions(reply: Reply) -> Vec<String> {
    let json = reply.expect_api(200).json();
    let events = json["audit_events"].as_array().expect("a list");
    events.iter().map(|event| event["action"].as_str().expect("an action").to_owned()).collect()
}

stories! {
    /// What an admin did stands in the log, newest first if asked so, and every filter finds it.
    async fn the_log_tells_who_did_what(app) {
        app.advance(Lifetime::seconds(1));
        let fields = json!({"user": {"email": "eve@example.com", "name": "Eve"}});
        let eve = app.admin_post(USERS, &fields).await.expect_api(201).json()["user"]["id"].clone();
        app.advance(Lifetime::seconds(1));
        let path = format!("{USERS}/{eve}");
        app.admin_put(&path, &json!({"user": {"name": "Eva"}})).await.expect_api(200);
        app.advance(Lifetime::seconds(1));
        app.admin_delete(&path).await.expect_api(204);
        let admin = app.user("admin").await.id;
        let newest = app.admin_get(&format!("{EVENTS}?page[size]=1&sort=-created_at")).await.json();
        let event = &newest["audit_events"][0];
        let id = event["id"].as_i64().expect("an id");
        let expected = json!({"id": id, "url": format!("{ORIGIN}{EVENTS}/{id}.json"),
            "occurred_at": "2026-05-04T09:30:03Z", "actor": {"kind": "user", "id": admin.get()},
            "on_behalf_of": null, "action": "user.deleted", "target": {"kind": "user", "id": eve},
            "details": {"email": "eve@example.com", "role": "end_user"}});
        assert_eq!(event, &expected);
        let shown = app.admin_get(&format!("{EVENTS}/{id}")).await.expect_api(200).json();
        assert_eq!(shown["audit_event"], expected);
        let three = ["user.created", "user.updated", "user.deleted"];
        for (query, expected) in [
            (format!("target_kind=user&target_id={eve}"), &three[..]),
            (format!("target_id={eve}&actor_id={admin}&page[size]=9"), &three),
            (format!("actor_id={admin}&action=user.updated"), &three[1..2]),
            (format!("target_id={eve}&since=2026-05-04T09:30:02Z"), &three[1..]),
            (format!("target_id={eve}&until=2026-05-04T09:30:02Z&page[size]=5"), &three[..1]),
            ("actor_id=1&page[size]=5".to_owned(), &[]),
        ] {
            assert_eq!(actions(app.admin_get(&format!("{EVENTS}?{query}")).await), expected, "{query}");
        }
        let page = format!("{EVENTS}?target_id={eve}&page[size]=2&sort=-created_at");
        let first = app.admin_get(&page).await.json();
        let next = first["links"]["next"].as_str().expect("there is more");
        assert!(next.contains(&format!("target_id={eve}")), "{next}");
        assert_eq!(actions(app.admin_get(next).await), ["user.created"]);
        for bad in ["actor_id=x", "since=yesterday", "until=1", "action=a&action=b", "action=%00", "page[size]=1&sort=action"] {
            app.admin_get(&format!("{EVENTS}?{bad}")).await.expect(400);
        }
    }

    /// The log is for admins with the scope, and of their own account.
    // TN-07, TN-02
    async fn the_log_is_for_admins_of_the_account(app) {
        for (user, scope, status) in [("admin", "auditlogs:read", 200), ("admin", "read", 200),
            ("admin", "users:read write", 403), ("bob", "read", 403), ("alice", "auditlogs:read", 403)] {
            let bearer = app.bearer_of(user, scope).await;
            app.send(RequestBuilder::get(EVENTS).bearer(&bearer)).await.expect(status);
        }
        app.get(EVENTS).await.expect(401);
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            app.send(RequestBuilder::by_admin(method, EVENTS)).await.expect(405);
        }
        let other = app.account(OTHER_ORIGIN).await.id;
        let theirs = store::audit_events::list(&app.ctx.store, other, None, 1).await.expect("reads");
        for id in [theirs[0].id.to_string(), "0".to_owned(), "x".to_owned()] {
            let reply = app.admin_get(&format!("{EVENTS}/{id}")).await;
            assert_eq!(reply.error(), (404, "RecordNotFound".to_owned()));
        }
        let query = format!("{EVENTS}?target_kind=account&target_id={other}");
        assert_eq!(app.admin_get(&query).await.expect_api(200).json()["audit_events"], Value::Array(vec![]));
    }
}
