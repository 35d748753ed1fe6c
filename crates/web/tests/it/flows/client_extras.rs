//! What a client has beyond Zendesk's object: state, authentication, ownership, the resource server.

use domain::{Actor, ClientState, Role, User};
use http::Method;
use serde_json::{Value, json};
use store::testing::eventually;

use crate::support::{
    Consent, ORIGIN, OTHER_ORIGIN, PARCEL_DESK, Reply, RequestBuilder, TestApp, stories,
};

async fn path_of(app: &TestApp, identifier: &str) -> String {
    format!("/api/v1/clients/{}", app.registered(identifier).await.id)
}

/// Changes a client of the cast.
async fn put(app: &TestApp, identifier: &str, fields: Value) -> Reply {
    let path = path_of(app, identifier).await;
    app.admin_put(&path, &json!({ "client": fields })).await
}

/// Changes a person of the cast.
async fn change_user(app: &TestApp, name: &str, edit: impl FnOnce(&mut User)) {
    let mut user = app.user(name).await;
    edit(&mut user);
    let changed = protocol::users::update(&app.ctx, Actor::Operator, user).await;
    changed.expect("the story changes him to something valid");
}

stories! {
    /// What is said is changed, the rest stays; null lets it follow from the kind.
    async fn an_update_changes_what_it_says(app) {
        let path = path_of(app, "photo-album").await;
        let before = app.admin_get(&path).await.expect_api(200).json()["client"].clone();
        assert_eq!(before["state"], "active");
        assert!(before.get("secret").is_none());
        let fields = json!({
            "grant_types": ["authorization_code"], "state": "active", "resource_server": true,
            "post_logout_redirect_uris": ["https://app.example.com/bye"],
            "token_endpoint_auth_method": "client_secret_basic",
        });
        let after = put(app, "photo-album", fields.clone()).await.expect_api(200).json()["client"].clone();
        let mut expected = before.clone();
        for (key, value) in fields.as_object().expect("an object") {
            expected[key] = value.clone();
        }
        expected["updated_at"] = after["updated_at"].clone();
        assert_eq!(after, expected);
        let cleared = json!({"grant_types": null, "token_endpoint_auth_method": null});
        let cleared = put(app, "photo-album", cleared).await.expect_api(200).json();
        assert_eq!(cleared["client"]["grant_types"], Value::Null);
        assert_eq!(cleared["client"]["token_endpoint_auth_method"], "any");
        assert_eq!(cleared["client"]["resource_server"], true);
        let list = app.admin_get("/api/v1/clients").await.expect_api(200).json();
        assert_eq!(list["count"], 7);
        assert_eq!(list["clients"][0]["identifier"], "photo-album");
    }

    /// All faults are told together, judged on the client as it would be.
    // TN-05
    async fn a_change_is_judged_on_the_resulting_client(app) {
        let alice = app.user("alice").await.id.get();
        let wrong = json!({
            "grant_types": ["password"], "state": "pending", "user_id": alice,
            "post_logout_redirect_uris": ["https://a.example/#x"], "token_endpoint_auth_method": "none",
        });
        let faults = put(app, "photo-album", wrong).await.faults();
        let expected = ["grant_types", "post_logout_redirect_uris", "state",
            "token_endpoint_auth_method", "user_id"];
        assert_eq!(faults, expected.map(|field| format!("{field} InvalidValue")));
        let unreadable = json!({"state": 1, "resource_server": "yes", "user_id": "me", "grant_types": 1});
        let faults = put(app, "photo-album", unreadable).await.faults();
        let expected = ["grant_types", "resource_server", "state", "user_id"];
        assert_eq!(faults, expected.map(|field| format!("{field} InvalidValue")));

        // A public client proves nothing, so it cannot be told of tokens, in whatever order.
        let faults = put(app, "web-player", json!({"resource_server": true})).await.faults();
        assert_eq!(faults, ["resource_server InvalidValue"]);
        put(app, "photo-album", json!({"resource_server": true})).await.expect_api(200);
        let id = app.registered("photo-album").await.id;
        let public = json!({"client": {"kind": "public"}});
        let swapped = app.admin_put(&format!("/api/v2/oauth/clients/{id}"), &public).await;
        assert_eq!(swapped.faults(), ["resource_server InvalidValue"]);
        assert_eq!(app.registered("photo-album").await.kind.as_str(), "confidential");
    }

    /// What only the server sets is ignored, and what Zendesk's API changes is not changed here.
    // TN-03, Z-02
    async fn the_server_alone_sets_the_rest(app) {
        let path = path_of(app, "photo-album").await;
        let before = app.admin_get(&path).await.json();
        let sent = json!({"id": 1, "account_id": 1, "global": true, "secret": "mine", "secrets": [],
            "identifier": "mine", "name": "Mine", "kind": "public", "scopes": null,
            "created_at": "2020-01-01T00:00:00Z", "verified": true, "owner": 1});
        put(app, "photo-album", sent).await.expect_api(200);
        let mut after = app.admin_get(&path).await.json();
        after["client"]["updated_at"] = before["client"]["updated_at"].clone();
        assert_eq!(after, before);
    }

    /// A suspended client works for nobody until it is resumed, on every node; one in review is not
    /// let out of it here.
    // TN-08
    async fn a_client_is_suspended_and_resumed(app) {
        let tokens = app.client("photo-album").tokens(&Consent::default()).await;
        let token = tokens.text("access_token");
        put(app, "photo-album", json!({"state": "suspended"})).await.expect_api(200);
        let refused = app.client("photo-album").refresh(&tokens.text("refresh_token")).await;
        assert_eq!(refused.error(), (401, "invalid_client".to_owned()));
        let api = Consent { more: &[("resource", "https://api.example.com/")], ..Consent::default() };
        let mut browser = app.browser("alice").await;
        browser.authorize(&app.client("photo-album").request(&api)).await.expect(400);
        let me = RequestBuilder::get("/api/v2/users/me").bearer(&token);
        assert_eq!(app.send(me).await.status, 401);
        put(app, "photo-album", json!({"state": "active"})).await.expect_api(200);
        // What was issued before has ended for good; the client itself works again.
        let refused = app.client("photo-album").refresh(&tokens.text("refresh_token")).await;
        assert_eq!(refused.error(), (400, "invalid_grant".to_owned()));
        let me = RequestBuilder::get("/api/v2/users/me").bearer(&token);
        assert_eq!(app.send(me).await.status, 401);
        app.advance(domain::Lifetime::seconds(1));
        let tokens = app.client("photo-album").tokens(&Consent::default()).await;
        app.client("photo-album").refresh(&tokens.text("refresh_token")).await.expect(200);
        let states: Vec<_> = app.events("client.updated").await.iter()
            .filter(|event| event.details.contains("\"state\""))
            .map(|event| event.details.contains("suspended"))
            .collect();
        assert_eq!(states, [true, false]);

        for state in [ClientState::Draft, ClientState::Pending] {
            app.set_client_state("daily-report", state).await;
            for wanted in ["active", "suspended"] {
                let faults = put(app, "daily-report", json!({ "state": wanted })).await.faults();
                assert_eq!(faults, ["state InvalidValue"]);
            }
            put(app, "daily-report", json!({"state": state.as_str()})).await.expect_api(200);
        }
    }

    /// A client is given to an admin of its account only: its client credentials act as its owner.
    // TN-03, TN-07
    async fn a_client_is_given_to_admins_only(app) {
        let other = app.account(OTHER_ORIGIN).await.id;
        let foreign = store::users::by_email(&app.ctx.store, other, "admin@example.com").await;
        let foreign = foreign.expect("reads").expect("in the cast").id.get();
        let [alice, bob, admin] = [
            app.user("alice").await.id.get(), app.user("bob").await.id.get(), app.user("admin").await.id.get(),
        ];
        for nobody in [alice, bob, foreign, 0, -1, 1 << 60] {
            let faults = put(app, "photo-album", json!({ "user_id": nobody })).await.faults();
            assert_eq!(faults, ["user_id InvalidValue"], "{nobody}");
        }
        change_user(app, "bob", |bob| bob.role = Role::Admin).await;
        put(app, "photo-album", json!({ "user_id": bob })).await.expect_api(200);
        let token = app.client("photo-album").token(&[("grant_type", "client_credentials")]).await;
        let me = RequestBuilder::get("/api/v2/users/me").bearer(&token.expect(200).text("access_token"));
        assert_eq!(app.send(me).await.expect(200).json()["user"]["id"], bob);
        put(app, "photo-album", json!({ "user_id": admin })).await.expect_api(200);

        // An operator's token would reach further than its maker: only he takes a client.
        change_user(app, "bob", |bob| bob.operator_at = Some(bob.created_at)).await;
        let faults = put(app, "photo-album", json!({ "user_id": bob })).await.faults();
        assert_eq!(faults, ["user_id InvalidValue"]);
    }

    /// A resource server is told of every access token of its account, and of no other's.
    // M-05, B-13
    async fn a_resource_server_is_told_of_every_token_of_its_account(app) {
        let there = app.another_node().await;
        let tokens = app.client("photo-album").tokens(&Consent::default()).await;
        let (token, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
        assert!(!app.client("daily-report").is_active(&token).await);
        assert_eq!(app.client("daily-report").introspect(&token).await.body, r#"{"active":false}"#);
        put(app, "daily-report", json!({"resource_server": true})).await.expect_api(200);
        let own = app.client("photo-album").introspect(&token).await.json();
        assert_eq!(app.client("daily-report").introspect(&token).await.json(), own);
        assert!(!app.client("daily-report").is_active(&refresh).await, "its own client's only");
        assert!(!app.client("api-server").is_active(&token).await, "the others learn nothing");
        let told = async || there.client("daily-report").is_active(&token).await;
        assert!(eventually(told).await, "the flag reaches the other node");
        put(app, "daily-report", json!({"resource_server": false})).await.expect_api(200);
        assert!(!app.client("daily-report").is_active(&token).await);

        // Not while it is in review, and at home only.
        put(app, "daily-report", json!({"resource_server": true})).await.expect_api(200);
        app.set_client_state("daily-report", ClientState::Pending).await;
        assert!(!app.client("daily-report").is_active(&token).await);
    }

    /// A global client is not the account's to look at or change here.
    // TN-04, W-75
    async fn a_global_client_is_not_changed_here(app) {
        app.add_parcel_desk().await;
        let path = path_of(app, PARCEL_DESK).await;
        app.client(PARCEL_DESK).tokens(&Consent::default()).await;
        app.promote(PARCEL_DESK).await;
        for (method, path, status) in [
            (Method::GET, path.clone(), 404),
            (Method::PUT, path.clone(), 403),
            (Method::GET, format!("{path}/secrets"), 404),
            (Method::POST, format!("{path}/secrets"), 403),
        ] {
            let reply = app.send(RequestBuilder::by_admin(method, &path)).await;
            assert_eq!(reply.status.as_u16(), status, "{path} at {ORIGIN}");
        }
    }
}
