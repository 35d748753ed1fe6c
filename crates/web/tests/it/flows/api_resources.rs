//! `/api/v1/resources`: the APIs that an admin lets tokens be for (RFC 8707).

use http::Method;
use serde_json::{Value, json};

use crate::support::{ORIGIN, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories};

const RESOURCES: &str = "/api/v1/resources";
const INDICATOR: &str = "https://prints.example.com/";

async fn post(app: &TestApp, fields: Value) -> Reply {
    app.admin_post(RESOURCES, &json!({ "resource": fields })).await
}

async fn put(app: &TestApp, path: &str, fields: Value) -> Reply {
    app.admin_put(path, &json!({ "resource": fields })).await
}

/// Asks for client credentials for the resource.
async fn token_for(app: &TestApp, indicator: &str) -> Reply {
    let fields = [("grant_type", "client_credentials"), ("scope", "read"), ("resource", indicator)];
    app.client("photo-album").token(&fields).await
}

async fn event_count(app: &TestApp) -> usize {
    let mut count = 0;
    for action in ["resource.created", "resource.updated", "resource.deleted"] {
        count += app.events(action).await.len();
    }
    count
}

stories! {
    /// Tokens can be for a resource from the moment it is made until it is deleted.
    async fn a_resource_is_made_changed_and_deleted(app) {
        let before = event_count(app).await;
        assert_eq!(token_for(app, INDICATOR).await.error(), (400, "invalid_target".to_owned()));
        let reply = post(app, json!({"identifier": INDICATOR})).await.expect_api(201);
        let id = reply.json()["resource"]["id"].as_i64().expect("an id");
        let url = format!("{ORIGIN}{RESOURCES}/{id}.json");
        assert_eq!(reply.header("location"), Some(url.as_str()));
        let mut resource = json!({
            "id": id, "url": url, "identifier": INDICATOR, "name": INDICATOR, "scopes": [],
            "access_token_format": "opaque", "signing_algorithm": "RS256",
            "access_token_lifetime": null, "introspection_clients": [],
            "created_at": "2026-05-04T09:30:00Z", "updated_at": "2026-05-04T09:30:00Z",
        });
        assert_eq!(reply.json()["resource"], resource);
        assert_eq!(app.admin_get(&url).await.expect_api(200).json()["resource"], resource);
        token_for(app, INDICATOR).await.expect(200);

        let fields = json!({
            "name": "Prints", "scopes": ["read", "calendar:read"], "access_token_format": "jwt",
            "signing_algorithm": "EdDSA", "access_token_lifetime": 600,
            "introspection_clients": ["api-server"],
        });
        for (key, value) in fields.as_object().expect("an object") {
            resource[key] = value.clone();
        }
        let changed = put(app, &url, fields).await.expect_api(200);
        assert_eq!(changed.json()["resource"], resource);
        let token = token_for(app, INDICATOR).await.expect(200);
        assert_eq!(token.json()["expires_in"], 600);
        assert_eq!(token.text("access_token").split('.').count(), 3, "a JWT");
        let cleared = json!({"name": null, "scopes": null, "introspection_clients": null, "access_token_lifetime": null});
        let cleared = put(app, &url, cleared).await.expect_api(200).json()["resource"].clone();
        let told = ["name", "scopes", "introspection_clients", "access_token_lifetime"].map(|key| cleared[key].clone());
        assert_eq!(told, [json!(INDICATOR), json!([]), json!([]), Value::Null]);

        app.admin_delete(&url).await.expect_api(204);
        for gone in [app.admin_delete(&url).await, app.admin_get(&url).await, put(app, &url, json!({})).await] {
            assert_eq!(gone.error(), (404, "RecordNotFound".to_owned()));
        }
        assert_eq!(token_for(app, INDICATOR).await.error(), (400, "invalid_target".to_owned()));
        assert_eq!(event_count(app).await, before + 4);
        assert!(app.events("resource.deleted").await[0].details.contains(INDICATOR));
    }

    /// Everything that is wrong is told together, and nothing of it is done.
    async fn a_refused_resource_changes_nothing(app) {
        let before = event_count(app).await;
        for (fields, faults) in [
            (json!({}), &["identifier BlankValue"][..]),
            (
                json!({"identifier": "/relative#x", "name": "", "scopes": ["nonsense"],
                    "access_token_format": "xml", "signing_algorithm": "none",
                    "access_token_lifetime": 1, "introspection_clients": ["nobody"]}),
                &[
                    "access_token_format InvalidValue", "access_token_lifetime InvalidValue",
                    "identifier InvalidValue", "introspection_clients InvalidValue",
                    "name BlankValue", "scopes InvalidValue", "signing_algorithm InvalidValue",
                ],
            ),
            (
                json!({"identifier": "https://api.example.com/", "name": "x".repeat(256), "access_token_lifetime": "1h"}),
                &["access_token_lifetime InvalidValue", "identifier DuplicateValue", "name TooLong"],
            ),
            (
                json!({"identifier": "https://a.example/#x", "introspection_clients": ["elsewhere"]}),
                &["identifier InvalidValue", "introspection_clients InvalidValue"],
            ),
        ] {
            assert_eq!(post(app, fields.clone()).await.faults(), faults, "{fields}");
        }
        let list = app.admin_get(RESOURCES).await.expect_api(200).json();
        assert_eq!((&list["count"], list["resources"].as_array().map(Vec::len)), (&json!(2), Some(2)));
        let second = list["resources"][1]["url"].as_str().expect("a URL");
        let clash = put(app, second, json!({"identifier": "https://api.example.com/"})).await;
        assert_eq!(clash.faults(), ["identifier DuplicateValue"]);
        assert_eq!(event_count(app).await, before);
    }

    /// What only the server sets is ignored; another account has its own resources, of the same name too.
    // TN-03, V15.3.3, V8.4.1
    async fn a_resource_belongs_to_its_account(app) {
        let account = app.account(OTHER_ORIGIN).await.id.get();
        let sent = json!({"identifier": INDICATOR, "id": 1, "account_id": account,
            "created_at": "2020-01-01T00:00:00Z", "url": "https://evil.example/"});
        let made = post(app, sent.clone()).await.expect_api(201).json()["resource"].clone();
        let url = made["url"].as_str().expect("a URL");
        assert_eq!(put(app, url, sent).await.expect_api(200).json()["resource"], made);
        assert_eq!(made["created_at"], "2026-05-04T09:30:00Z");
        let token = app.api_token(OTHER_ORIGIN, "admin@example.com").await;
        let path = format!("/api/v1/resources/{}", made["id"]);
        let there = |method: Method, path: &str, fields: Value| {
            let request = RequestBuilder::new(method, path).at(OTHER_ORIGIN);
            request.basic("admin@example.com/token", &token).json(&json!({ "resource": fields }))
        };
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            app.send(there(method, &path, json!({"name": "Theirs"}))).await.expect(404);
        }
        let theirs = there(Method::POST, RESOURCES, json!({"identifier": INDICATOR}));
        app.send(theirs).await.expect_api(201);
        assert_eq!(app.admin_get(&path).await.json()["resource"], made);
    }

    /// Resources are listed by id, in pages of either kind; many who ask at once make one of a name.
    async fn resources_are_paged_by_id(app) {
        let same = || RequestBuilder::by_admin(Method::POST, RESOURCES)
            .json(&json!({"resource": {"identifier": INDICATOR}}));
        let replies = app.race((0..8).map(|_| same()).collect()).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
        let ids = |page: &Value| -> Vec<i64> {
            let resources = page["resources"].as_array().expect("a list");
            resources.iter().filter_map(|it| it["id"].as_i64()).collect()
        };
        let all = ids(&app.admin_get(RESOURCES).await.expect_api(200).json());
        assert!(all.len() == 3 && all.is_sorted());
        let first = app.admin_get(&format!("{RESOURCES}?page[size]=2&sort=-id")).await.json();
        let next = first["links"]["next"].as_str().expect("a link");
        let last = app.admin_get(next).await.expect_api(200).json();
        let mut turned = [ids(&first), ids(&last)].concat();
        turned.reverse();
        assert_eq!((turned, &last["meta"]["has_more"]), (all, &json!(false)));
        app.admin_get(&format!("{RESOURCES}?page[size]=0")).await.expect(400);
        for number in 3..app.ctx.policy.resource_limit {
            post(app, json!({"identifier": format!("urn:example:{number}")})).await.expect_api(201);
        }
        assert_eq!(post(app, json!({"identifier": "urn:example:x"})).await.faults(), ["base TooLong"]);
    }
}
