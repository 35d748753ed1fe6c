//! `/api/v1/keys`: what an admin sees of the signing keys, and does with them.

use domain::{Actor, Lifetime, SigningAlgorithm};
use serde_json::{Value, json};

use crate::support::{ORIGIN, Reply, TestApp, kid_of, stories};

const KEYS: &str = "/api/v1/keys";

async fn rotate(app: &TestApp, body: Value) -> Reply {
    app.admin_post(KEYS, &body).await
}

/// The keys of an algorithm, as they are listed: name and state.
async fn listed(app: &TestApp, algorithm: &str) -> Vec<(String, String)> {
    let keys = app.admin_get(KEYS).await.expect_api(200).json()["keys"].clone();
    let keys = keys.as_array().expect("a list").iter();
    let text = |key: &Value, name: &str| key[name].as_str().expect("a text").to_owned();
    keys.filter(|key| key["algorithm"] == algorithm)
        .map(|key| (text(key, "kid"), text(key, "state")))
        .collect()
}

fn state_of<'a>(keys: &'a [(String, String)], kid: &str) -> &'a str {
    let key = keys.iter().find(|(name, _)| name == kid);
    &key.expect("it is listed").1
}

stories! {
    async fn a_key_is_shown_with_the_times_of_its_life(app) {
        let key = app.current_key(SigningAlgorithm::Rs256).await;
        let (id, url) = (key.id.get(), format!("{ORIGIN}{KEYS}/{}.json", key.id));
        let expected = json!({
            "id": id, "url": url, "kid": key.kid, "algorithm": "RS256", "state": "current",
            "created_at": "2026-05-04T09:30:00Z", "current_at": "2026-05-04T09:30:00Z",
            "retiring_at": null, "retired_at": null, "revoked_at": null, "due_at": null,
        });
        assert_eq!(app.admin_get(&url).await.expect_api(200).json(), json!({ "key": expected }));
        let list = app.admin_get(KEYS).await.expect_api(200).json();
        assert_eq!((&list["keys"][0], &list["count"]), (&expected, &json!(4)));
        let page = app.admin_get(&format!("{KEYS}?page[size]=3")).await.expect_api(200).json();
        assert_eq!(page["keys"].as_array().map(Vec::len), Some(3));
        assert_eq!(page["meta"]["has_more"], true);
    }

    async fn a_rotation_is_begun_for_one_algorithm_or_all(app) {
        let made = rotate(app, json!({"key": {"algorithm": "ES256"}})).await.expect_api(201);
        let keys = made.json()["keys"].clone();
        assert_eq!(keys.as_array().map(Vec::len), Some(1));
        assert_eq!((&keys[0]["algorithm"], &keys[0]["state"]), (&json!("ES256"), &json!("next")));
        assert_eq!(keys[0]["due_at"], "2026-05-04T09:40:00Z", "then it signs");
        assert_eq!(made.header("location"), Some(format!("{ORIGIN}{KEYS}.json").as_str()));
        let all = rotate(app, json!({})).await.expect_api(201).json();
        assert_eq!(all["keys"].as_array().map(Vec::len), Some(4));
        assert_eq!(all["keys"][2], keys[0], "its rotation was under way");
        assert_eq!(rotate(app, json!({"key": {"algorithm": null}})).await.expect_api(200).json(), all);
        let by_admin = app.events("signing_key.created").await;
        assert_eq!(by_admin.len(), 4);
        let admin = Actor::User(app.user("admin").await.id);
        assert!(by_admin.iter().all(|event| event.actor == admin));
    }

    async fn there_are_four_algorithms(app) {
        for algorithm in [json!("HS256"), json!("none"), json!(1), json!(["RS256"])] {
            let reply = rotate(app, json!({"key": {"algorithm": algorithm}})).await;
            reply.expect_api(422);
        }
        assert_eq!(app.events("signing_key.created").await.len(), 0);
    }

    // O-07
    async fn an_admin_retires_a_key_at_once(app) {
        app.declare_apis(Lifetime::hours(1)).await;
        let token = app.signed_token(SigningAlgorithm::EdDsa).await;
        let key = app.current_key(SigningAlgorithm::EdDsa).await;
        let path = format!("/api/v1/keys/{}", key.id);
        for _ in 0..2 {
            app.admin_delete(&path).await.expect_api(204);
        }
        assert!(!app.client("api-server").is_active(&token).await);
        let keys = listed(app, "EdDSA").await;
        assert_eq!(keys.len(), 2, "one signs in its place");
        assert_eq!(state_of(&keys, &kid_of(&token)), "retired");
        let shown = app.admin_get(&path).await.expect_api(200).json();
        assert_eq!(shown["key"]["revoked_at"], "2026-05-04T09:30:00Z");
        let anew = kid_of(&app.signed_token(SigningAlgorithm::EdDsa).await);
        assert_eq!(state_of(&keys, &anew), "current");
        assert_eq!(app.events("signing_key.revoked").await.len(), 1);
        app.admin_delete(&format!("{KEYS}/1")).await.expect_api(404);
    }
}
