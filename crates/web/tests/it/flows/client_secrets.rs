//! Several secrets of a client: each with its own label and end, told once, replaced with overlap.

use std::net::{IpAddr, Ipv4Addr};

use domain::{Handle, HandleKind, Lifetime};
use http::Method;
use serde_json::{Value, json};
use store::testing::eventually;

use crate::support::{OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories};

/// The secret that the cast gives `photo-album`.
const FIRST: &str = "photo-album-secret-000000";

async fn path_of(app: &TestApp, identifier: &str) -> String {
    format!("/api/v1/clients/{}/secrets", app.registered(identifier).await.id)
}

/// Makes a secret of `photo-album`, and returns it as the reply tells it.
async fn made(app: &TestApp, fields: Value) -> Value {
    let path = path_of(app, "photo-album").await;
    let reply = app.admin_post(&path, &json!({ "secret": fields })).await.expect_api(201);
    let secret = reply.json()["secret"].clone();
    assert_eq!(reply.header("location"), secret["url"].as_str());
    secret
}

/// Asks for client credentials with a secret of `photo-album`.
async fn present(app: &TestApp, secret: &str, number: u32) -> Reply {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "photo-album"),
        ("client_secret", secret),
    ];
    let source = IpAddr::from(Ipv4Addr::from_bits(0xCB00_7100 + number));
    app.send(RequestBuilder::post("/oauth/tokens").form(&fields).sent_from(source)).await
}

async fn works(app: &TestApp, secret: &str) -> bool {
    present(app, secret, 0).await.status == 200
}

/// Whether a node comes to this answer once the change has reached it.
async fn comes_to(app: &TestApp, secret: &str, status: u16) -> bool {
    let mut numbers = 1..;
    eventually(async || {
        let number = numbers.next().expect("there are more than enough");
        present(app, secret, number).await.status == status
    })
    .await
}

/// The secrets of `photo-album`, as the API lists them.
async fn listed(app: &TestApp) -> Vec<Value> {
    let reply = app.admin_get(&path_of(app, "photo-album").await).await.expect_api(200);
    reply.json()["secrets"].as_array().expect("a list").clone()
}

stories! {
    /// A new secret stands beside the old one, is told once, and shows what is known of it.
    // Z-01, W-25
    async fn a_secret_is_told_once(app) {
        let secret = made(app, json!({"label": "Rollout", "expires_in": 3600})).await;
        let whole = secret["full_secret"].as_str().expect("the secret").to_owned();
        assert_eq!(Handle::kind(&whole), Some(HandleKind::ClientSecret));
        let admin = app.user("admin").await.id.get();
        let client = app.registered("photo-album").await.id.get();
        let mut kept = json!({
            "id": secret["id"], "url": secret["url"], "client_id": client, "label": "Rollout",
            "secret": whole[..9], "created_by": admin, "created_at": "2026-05-04T09:30:00Z",
            "expires_at": "2026-05-04T10:30:00Z", "last_used_at": null,
        });
        let path = secret["url"].as_str().expect("a URL").to_owned();
        let shown = app.admin_get(&path).await.expect_api(200);
        assert_eq!(shown.json()["secret"], kept);
        assert!(works(app, FIRST).await && works(app, &whole).await);
        app.write_last_uses().await;
        kept["last_used_at"] = json!("2026-05-04T09:30:00Z");
        let list = listed(app).await;
        assert_eq!((list.len(), &list[0]["created_by"], &list[1]), (2, &Value::Null, &kept));

        let events = app.events("client.secret_added").await;
        let details = &events[0].details;
        assert!(details.contains("Rollout") && !details.contains(&whole), "{details}");
        let id = app.registered("photo-album").await.id;
        let client = app.admin_get(&format!("/api/v2/oauth/clients/{id}")).await.json();
        assert_eq!(client["client"]["secret"], whole[..9], "the newest is shown");
    }

    /// With overlap the old secret works on both nodes until its time, and is refused after it.
    // CA-09
    async fn with_overlap_the_old_secret_works_until_its_time(app) {
        let there = app.another_node().await;
        let new = made(app, json!({"expire_others_in": 600})).await;
        let new = new["full_secret"].as_str().expect("the secret");
        assert!(comes_to(&there, new, 200).await);
        app.advance_to_the_end_of(Lifetime::minutes(10));
        for node in [app, &there] {
            assert!(works(node, FIRST).await && works(node, new).await);
        }
        // The clock alone decides, on every node at the same moment.
        app.advance(Lifetime::millis(1));
        for node in [app, &there] {
            assert!(!works(node, FIRST).await && works(node, new).await);
        }
        let ends: Vec<Value> = listed(app).await.iter().map(|it| it["expires_at"].clone()).collect();
        assert_eq!(ends, [Value::Null], "what has ended is gone");
    }

    /// Without overlap the others end at once, and a secret that is deleted ends on every node.
    // CA-09
    async fn without_overlap_the_old_secret_ends_at_once(app) {
        let there = app.another_node().await;
        let new = made(app, json!({"expire_others_in": 0})).await;
        let whole = new["full_secret"].as_str().expect("the secret");
        assert!(!works(app, FIRST).await && works(app, whole).await);
        assert!(comes_to(&there, FIRST, 401).await);

        // The last one may go: nothing authenticates until there is a new one.
        let path = new["url"].as_str().expect("a URL");
        assert!(app.admin_delete(path).await.expect_api(204).body.is_empty());
        assert!(!works(app, whole).await);
        assert!(comes_to(&there, whole, 401).await);
        for gone in [app.admin_delete(path).await, app.admin_get(path).await] {
            assert_eq!(gone.error(), (404, "RecordNotFound".to_owned()));
        }
        assert!(listed(app).await.is_empty());
        let again = made(app, json!({})).await;
        assert!(works(app, again["full_secret"].as_str().expect("the secret")).await);
    }

    /// Nobody is given a longer life by a rotation; an end can be moved while the secret lives.
    async fn an_end_can_be_moved_while_the_secret_lives(app) {
        let short = made(app, json!({"expires_in": 60})).await;
        made(app, json!({"expire_others_in": 600})).await;
        assert_eq!(listed(app).await[1]["expires_at"], "2026-05-04T09:31:00Z");
        let path = short["url"].as_str().expect("a URL");
        let put = async |fields| app.admin_put(path, &json!({ "secret": fields })).await;
        for (fields, label, end) in [
            (json!({"label": "CI", "expires_at": null}), json!("CI"), Value::Null),
            (json!({"expires_in": 90}), json!("CI"), json!("2026-05-04T09:31:30Z")),
            (json!({}), json!("CI"), json!("2026-05-04T09:31:30Z")),
            (json!({"label": null}), Value::Null, json!("2026-05-04T09:31:30Z")),
            (
                json!({"expires_at": "2026-05-04T11:32:00+02:00"}),
                Value::Null,
                json!("2026-05-04T09:32:00Z"),
            ),
        ] {
            let secret = put(fields).await.expect_api(200).json()["secret"].clone();
            assert_eq!((&secret["label"], &secret["expires_at"]), (&label, &end));
            assert_eq!(secret.get("full_secret"), None);
        }
        app.advance(Lifetime::minutes(2));
        let late = put(json!({"expires_at": null})).await;
        assert_eq!(late.error(), (404, "RecordNotFound".to_owned()), "what has ended stays so");
        assert!(!works(app, short["full_secret"].as_str().expect("the secret")).await);
    }

    /// Everything that is wrong is told together, and nothing of it is done.
    async fn a_refused_secret_changes_nothing(app) {
        let path = path_of(app, "photo-album").await;
        let long = "x".repeat(256);
        for (fields, faults) in [
            (json!({"label": 1, "expires_at": "soon"}), &["expires_at", "label"][..]),
            (json!({"expires_in": 0, "expire_others_in": -1}), &["expire_others_in", "expires_in"]),
            (json!({"expires_at": "2026-05-04T09:30:00Z"}), &["expires_at"]),
            (json!({"expires_at": "2099-01-01T00:00:00Z", "expires_in": 9}), &["expires_at", "expires_in"]),
            (json!({"expires_in": 1.5, "expire_others_in": true}), &["expire_others_in", "expires_in"]),
        ] {
            let reply = app.admin_post(&path, &json!({ "secret": fields })).await;
            let expected: Vec<_> = faults.iter().map(|it| format!("{it} InvalidValue")).collect();
            assert_eq!(reply.faults(), expected, "{fields}");
        }
        let reply = app.admin_post(&path, &json!({"secret": {"label": long}})).await;
        assert_eq!(reply.faults(), ["label TooLong"]);
        let before = app.registered("photo-album").await.updated_at;
        for _ in 0..4 {
            made(app, json!({})).await;
        }
        let changed = app.registered("photo-album").await.updated_at;
        assert!(changed > before);
        let full = app.admin_post(&path, &json!({"secret": {"expire_others_in": 60}})).await;
        assert_eq!(full.faults(), ["base TooLong"]);
        let list = listed(app).await;
        assert!(list.len() == 5 && list.iter().all(|it| it["expires_at"].is_null()));
        assert_eq!(app.registered("photo-album").await.updated_at, changed);
        // If the others end at once, there is room.
        made(app, json!({"expire_others_in": 0})).await;
        assert_eq!(listed(app).await.len(), 1);
    }

    /// However many ask at once, there are five; `generate_secret` still ends all of them.
    // W-29
    async fn rivals_make_no_more_secrets_than_there_may_be(app) {
        let path = path_of(app, "photo-album").await;
        let post = || RequestBuilder::by_admin(Method::POST, &path).json(&json!({"secret": {}}));
        let replies = app.race((0..20).map(|_| post()).collect()).await;
        let made = replies.iter().filter(|reply| reply.status == 201).count();
        assert_eq!((made, listed(app).await.len()), (4, 5));
        let id = app.registered("photo-album").await.id;
        let path = format!("/api/v2/oauth/clients/{id}/generate_secret");
        let new = app.admin_put(&path, &json!({})).await.json()["client"]["secret"].clone();
        assert!(!works(app, FIRST).await && works(app, new.as_str().expect("a secret")).await);
        assert_eq!(listed(app).await.len(), 1);
    }

    /// What only the server sets is ignored, on create and on update.
    // TN-03, Z-02, V15.3.3
    async fn the_server_alone_sets_what_a_secret_is(app) {
        let sent = json!({
            "id": 1, "client_id": 1, "account_id": 1, "secret": "mine-mine-mine-mine",
            "full_secret": "mine-mine-mine-mine", "hash": "00", "hint": "mine", "global": true,
            "created_by": 1, "created_at": "2020-01-01T00:00:00Z", "last_used_at": "2020-01-01T00:00:00Z",
        });
        let secret = made(app, sent.clone()).await;
        let path = secret["url"].as_str().expect("a URL");
        let after = app.admin_put(path, &json!({ "secret": sent })).await.expect_api(200).json();
        for key in sent.as_object().expect("an object").keys() {
            assert_ne!(secret.get(key), Some(&sent[key]), "{key}");
            if key != "full_secret" {
                assert_eq!(after["secret"].get(key), secret.get(key), "{key}");
            }
        }
        assert!(!works(app, "mine-mine-mine-mine").await);
    }

    /// A secret is found under its own client only, and not from another account.
    // V8.4.1
    async fn a_secret_is_found_under_its_own_client_only(app) {
        let secret = made(app, json!({})).await;
        let other = path_of(app, "daily-report").await;
        let other_id = app.registered("daily-report").await.id;
        let mixed = format!("/api/v1/clients/{other_id}/secrets/{}", secret["id"]);
        let own = secret["url"].as_str().expect("a URL").to_owned();
        let change = json!({"secret": {"label": "mine"}});
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let call = || RequestBuilder::by_admin(method.clone(), &mixed).json(&change);
            assert_eq!(app.send(call()).await.error(), (404, "RecordNotFound".to_owned()));
        }
        for path in [own.as_str(), &mixed] {
            let there = RequestBuilder::by_admin(Method::GET, path).at(OTHER_ORIGIN);
            assert_eq!(app.send(there).await.status, 401, "credentials of another account");
        }
        assert_eq!(app.admin_get(&own).await.json()["secret"]["label"], Value::Null);
        for odd in ["0", "x", "-1", "1e3"] {
            app.admin_get(&format!("{other}/{odd}")).await.expect(404);
        }
        let read = app.bearer_of("admin", "oauth:read").await;
        app.send(RequestBuilder::get(&own).bearer(&read)).await.expect_api(200);
        let (list, _) = own.rsplit_once('/').expect("a path");
        for (method, path) in [(Method::POST, list), (Method::PUT, &own), (Method::DELETE, &own)] {
            let reply = app.send(RequestBuilder::new(method, path).bearer(&read)).await;
            let missing = "You are missing the following required scopes: oauth:write, write";
            assert_eq!((reply.status.as_u16(), reply.text("description").as_str()), (403, missing));
        }
    }
}
