//! `/api/v1/scopes`: what an admin adds to the account's catalogue, changes in it and takes out of it.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    CLIENTS, Consent, ORIGIN, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories,
};

const SCOPES: &str = "/api/v1/scopes";

async fn post(app: &TestApp, fields: Value) -> Reply {
    app.admin_post(SCOPES, &json!({ "scope": fields })).await
}

async fn put(app: &TestApp, name: &str, fields: Value) -> Reply {
    app.admin_put(&format!("{SCOPES}/{name}"), &json!({ "scope": fields })).await
}

/// Names as a page lists them.
fn names(page: &Value) -> Vec<String> {
    let scopes = page["scopes"].as_array().expect("a list");
    scopes.iter().map(|scope| scope["name"].as_str().expect("a name").to_owned()).collect()
}

/// What a client gets that asks for these scopes.
async fn granted(app: &TestApp, scope: Option<&str>) -> String {
    let consent = Consent { scope, ..Consent::default() };
    app.client("daily-report").tokens(&consent).await.text("scope")
}

/// What was recorded: action, name of the scope, whether it is a default.
async fn recorded(app: &TestApp) -> Vec<(String, Value, Value)> {
    let mut facts = Vec::new();
    for action in ["scope.set", "scope.deleted"] {
        for event in app.events(action).await {
            let details: Value = serde_json::from_str(&event.details).expect("JSON");
            facts.push((action.to_owned(), details["name"].clone(), details["default"].clone()));
        }
    }
    facts
}

stories! {
    /// An admin's scope means something at once, as he described it, until he deletes it.
    async fn a_scope_is_made_changed_and_deleted(app) {
        let told_before = recorded(app).await.len();
        assert_eq!(granted(app, Some("read prints:order")).await, "read");
        let sent = json!({"name": "prints:order", "title": "Order prints", "risk": "high"});
        let reply = post(app, sent).await.expect_api(201);
        let url = format!("{ORIGIN}{SCOPES}/prints:order.json");
        assert_eq!(reply.header("location"), Some(url.as_str()));
        let mut scope = json!({
            "name": "prints:order", "url": url, "title": "Order prints",
            "description": "Order prints", "risk": "high", "default": false, "optional": false,
            "built_in": false, "changed": false,
        });
        assert_eq!(reply.json()["scope"], scope);
        assert_eq!(app.admin_get(&url).await.expect_api(200).json()["scope"], scope);
        assert_eq!(granted(app, Some("read prints:order")).await, "read prints:order");

        let changed = put(app, "prints:order", json!({"description": "Order prints of your photos.", "default": true}));
        (scope["description"], scope["default"]) = (json!("Order prints of your photos."), json!(true));
        assert_eq!(changed.await.expect_api(200).json()["scope"], scope);
        assert_eq!(granted(app, None).await, "read prints:order");
        put(app, "prints:order", json!({})).await.expect_api(200);

        app.admin_delete(&url).await.expect_api(204);
        for gone in [app.admin_delete(&url).await, app.admin_get(&url).await, put(app, "prints:order", json!({})).await] {
            assert_eq!(gone.error(), (404, "RecordNotFound".to_owned()));
        }
        assert_eq!(granted(app, Some("read prints:order")).await, "read");
        let told = recorded(app).await;
        let name = json!("prints:order");
        let expected = [
            ("scope.set".to_owned(), name.clone(), json!(false)),
            ("scope.set".to_owned(), name.clone(), json!(true)),
            ("scope.deleted".to_owned(), name, Value::Null),
        ];
        assert_eq!(told[told_before..], expected, "what changes nothing is not recorded");
    }

    /// After its deletion a name is unrecognised; what a client may have and was given keeps it, and
    /// whoever changes that client may leave it there.
    async fn a_deleted_scope_stays_where_it_was_written(app) {
        let made = json!({"name": "Diary", "identifier": "zdg-diary", "kind": "confidential",
            "redirect_uri": "https://diary.example/", "scopes": ["read", "prints:order"]});
        post(app, json!({"name": "prints:order", "title": "Order prints"})).await.expect_api(201);
        let client = app.made_client(made).await;
        let kept = granted_with_refresh(app).await;
        app.admin_delete(&format!("{SCOPES}/prints:order")).await.expect_api(204);
        let refreshed = app.client("daily-report").refresh(&kept).await.expect(200);
        assert_eq!(refreshed.text("scope"), "read prints:order");
        let path = format!("{CLIENTS}/{}", client["id"]);
        let changed = app.admin_put(&path, &json!({"client": {"name": "Journal"}})).await;
        let changed = changed.expect_api(200).json();
        assert_eq!(changed["client"]["scopes"], json!(["read", "prints:order"]));
        let anew = json!({"client": {"scopes": ["read", "prints:other"]}});
        assert_eq!(app.admin_put(&path, &anew).await.faults(), ["scopes InvalidValue"]);
    }

    /// What is built in can be described anew, for this account alone, and becomes what it was.
    async fn a_built_in_scope_is_changed_for_the_account_alone(app) {
        let path = String::from("/api/v1/scopes/tickets:read");
        let original = app.admin_get(&path).await.expect_api(200).json()["scope"].clone();
        assert_eq!((&original["built_in"], &original["changed"]), (&json!(true), &json!(false)));
        let refused = app.admin_delete(&path).await;
        assert_eq!(refused.faults(), ["base InvalidValue"]);
        assert!(refused.body.contains("built in"), "{}", refused.body);

        let changed = put(app, "tickets:read", json!({"title": "See orders", "optional": true}));
        let changed = changed.await.expect_api(200).json()["scope"].clone();
        assert_eq!((&changed["title"], &changed["optional"]), (&json!("See orders"), &json!(true)));
        assert_eq!((&changed["built_in"], &changed["changed"]), (&json!(true), &json!(true)));
        let token = app.api_token(OTHER_ORIGIN, "admin@example.com").await;
        let there = RequestBuilder::get(&path).at(OTHER_ORIGIN).basic("admin@example.com/token", &token);
        assert_eq!(app.send(there).await.json()["scope"]["title"], original["title"]);
        app.admin_delete(&path).await.expect_api(204);
        assert_eq!(app.admin_get(&path).await.json()["scope"], original);

        for name in ["openid", "profile", "email", "address", "phone", "offline_access"] {
            for fields in [json!({"default": true}), json!({"title": "Mine"})] {
                assert_eq!(put(app, name, fields).await.faults(), ["base InvalidValue"], "{name}");
            }
            assert_eq!(app.admin_get(&format!("{SCOPES}/{name}")).await.json()["scope"]["changed"], false);
        }
    }

    /// Everything that is wrong is told together, and nothing of it is done.
    async fn a_refused_scope_changes_nothing(app) {
        let before = recorded(app).await;
        for (fields, faults) in [
            (json!({}), &["name BlankValue", "title BlankValue"][..]),
            (
                json!({"name": "two words", "title": " ", "description": "", "risk": "huge"}),
                &["description BlankValue", "name InvalidValue", "risk InvalidValue", "title BlankValue"],
            ),
            (
                json!({"name": 1, "title": [], "default": "yes", "optional": 1}),
                &["default InvalidValue", "name InvalidValue", "optional InvalidValue", "title InvalidValue"],
            ),
            (
                json!({"name": "calendar:read", "title": "x".repeat(256), "description": "x".repeat(1001)}),
                &["description TooLong", "name DuplicateValue", "title TooLong"],
            ),
            (json!({"name": "write", "title": "Write"}), &["name DuplicateValue"]),
        ] {
            assert_eq!(post(app, fields.clone()).await.faults(), faults, "{fields}");
        }
        let refused = put(app, "calendar:read", json!({"title": "", "risk": 3, "default": "x"})).await;
        assert_eq!(refused.faults(), ["default InvalidValue", "risk InvalidValue", "title BlankValue"]);
        assert_eq!(recorded(app).await, before);
    }

    /// The catalogue is one list by name, whoever has added to it, in pages of either kind.
    async fn the_catalogue_is_paged_by_name(app) {
        let whole = app.admin_get(&format!("{SCOPES}?per_page=100")).await.expect_api(200).json();
        let all = names(&whole);
        assert_eq!(whole["count"], all.len());
        assert!(all.is_sorted() && all.contains(&"calendar:read".to_owned()));
        let mut path = format!("{SCOPES}?page[size]=30&sort=-name");
        let mut turned = Vec::new();
        loop {
            let page = app.admin_get(&path).await.expect_api(200).json();
            turned.extend(names(&page));
            if page["meta"]["has_more"] == false {
                break;
            }
            page["links"]["next"].as_str().expect("a link").clone_into(&mut path);
        }
        turned.reverse();
        assert_eq!(turned, all);
        for query in ["sort=risk&page[size]=3", "page[size]=0", "page=x", "page[after]=x"] {
            app.admin_get(&format!("{SCOPES}?{query}")).await.expect(400);
        }
    }

    /// However many ask at once, there are no more than the limit, and one of each name.
    async fn rivals_make_no_more_scopes_than_there_may_be(app) {
        let same = || RequestBuilder::by_admin(Method::POST, SCOPES)
            .json(&json!({"scope": {"name": "same", "title": "Same"}}));
        let replies = app.race((0..8).map(|_| same()).collect()).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
        let limit = app.ctx.policy.own_scope_limit;
        // The two of the cast, the one just made, and room for two.
        for number in 3..limit - 2 {
            post(app, json!({"name": format!("n{number}"), "title": "N"})).await.expect_api(201);
        }
        let other = |number| RequestBuilder::by_admin(Method::POST, SCOPES)
            .json(&json!({"scope": {"name": format!("r{number}"), "title": "R"}}));
        let replies = app.race((0..8).map(other).collect()).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 2);
        let full = post(app, json!({"name": "one-more", "title": "N"})).await;
        assert_eq!(full.faults(), ["base TooLong"]);
        assert_eq!(put(app, "write", json!({"title": "Mine"})).await.faults(), ["base TooLong"]);
        put(app, "same", json!({"title": "Still"})).await.expect_api(200);
        let rows = store::scopes::list(&app.ctx.store, app.account(ORIGIN).await.id).await;
        assert_eq!(i64::try_from(rows.expect("reads").len()), Ok(limit));
    }

    /// What only the server sets is ignored, and so is another name on an update.
    // TN-03, V15.3.3
    async fn the_server_alone_sets_where_a_scope_comes_from(app) {
        let account = app.account(OTHER_ORIGIN).await.id.get();
        let sent = json!({"name": "mine", "title": "Mine", "built_in": true, "changed": true,
            "account_id": account, "url": "https://evil.example/", "default_at": 1, "optional_at": 1});
        let made = post(app, sent).await.expect_api(201).json()["scope"].clone();
        let renamed = put(app, "mine", json!({"name": "yours", "built_in": true, "account_id": account}));
        assert_eq!(renamed.await.expect_api(200).json()["scope"], made);
        let told = ["name", "built_in", "changed", "default"].map(|key| made[key].clone());
        assert_eq!(told, [json!("mine"), json!(false), json!(false), json!(false)]);
        app.admin_get(&format!("{SCOPES}/yours")).await.expect(404);
    }

    /// A name may be a URI; its address writes it so that it is one segment of the path.
    async fn a_name_may_be_a_uri(app) {
        let name = "https://api.example.com/prints?a=1%2F#x";
        let made = post(app, json!({"name": name, "title": "Prints"})).await.expect_api(201);
        let url = made.json()["scope"]["url"].as_str().expect("a URL").to_owned();
        let bare = url.strip_suffix(".json").expect("a suffix");
        for path in [url.as_str(), bare] {
            assert_eq!(app.admin_get(path).await.expect_api(200).json()["scope"]["name"], name);
        }
        app.admin_delete(&url).await.expect_api(204);
        app.admin_get(bare).await.expect(404);
    }
}

/// The refresh token of a client that was given `prints:order`.
async fn granted_with_refresh(app: &TestApp) -> String {
    let consent = Consent { scope: Some("read prints:order"), ..Consent::default() };
    app.client("daily-report").tokens(&consent).await.text("refresh_token")
}
