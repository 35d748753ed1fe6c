//! How a client comes to work in every account: its account asks by the API, an operator decides.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    CLIENTS, Consent, OTHER_ORIGIN, PARCEL_DESK, Reply, RequestBuilder, TestApp, of_admin, stories,
};

const REQUESTS: &str = "/api/v1/global_client_requests";

/// Where the home account asks for a client of its own.
fn promotion(id: i64) -> String {
    format!("/api/v1/clients/{id}/promotion")
}

/// Asks for the client; the id of the request.
async fn ask(app: &TestApp, id: i64) -> i64 {
    let asked = app.admin_post(&promotion(id), &json!({})).await.expect_api(201);
    asked.json()["promotion"]["id"].as_i64().expect("it has an id")
}

async fn decide(app: &TestApp, request: i64, said: Value) -> Reply {
    let path = format!("/api/v1/global_client_requests/{request}");
    app.admin_put(&path, &json!({"global_client_request": said})).await
}

async fn parcel_desk(app: &TestApp) -> i64 {
    app.add_parcel_desk().await;
    app.registered(PARCEL_DESK).await.id.get()
}

stories! {
    /// Asked for once, seen by the operator, approved once; from then on it is not the account's.
    // Z-03, TN-03
    async fn a_client_is_asked_for_reviewed_and_promoted(app) {
        let id = parcel_desk(app).await;
        app.admin_get(&promotion(id)).await.expect(404);
        let request = ask(app, id).await;
        let again = app.admin_post(&promotion(id), &json!({})).await.expect_api(200);
        assert_eq!(again.json()["promotion"]["id"], request);
        let standing = app.admin_get(&promotion(id)).await.expect_api(200).json();
        assert_eq!(standing["promotion"]["state"], "pending");

        let listed = app.admin_get(REQUESTS).await.expect_api(200).json();
        let seen = &listed["global_client_requests"][0];
        assert_eq!((&seen["id"], &seen["account"]), (&json!(request), &json!("demo")));
        assert_eq!(seen["client"]["redirect_uri"], json!(["https://parcel.example.com/cb"]));
        let by_cursor = app.admin_get(&format!("{REQUESTS}?page[size]=1&sort=-id")).await;
        assert_eq!(by_cursor.expect(200).json()["global_client_requests"], json!([seen]));

        let approved = decide(app, request, json!({"state": "approved"})).await.expect_api(200);
        assert_eq!(approved.json()["global_client_request"]["state"], "approved");
        let twice = decide(app, request, json!({"state": "refused", "reason": "no"})).await;
        assert_eq!(twice.faults(), ["state InvalidValue"]);
        assert_eq!(app.admin_get(REQUESTS).await.json()["count"], 0);
        let standing = app.admin_get(&promotion(id)).await.expect(200).json();
        assert_eq!(standing["promotion"]["state"], "approved");
        assert_eq!(standing["promotion"]["decided_at"], "2026-05-04T09:30:00Z");
        app.admin_get(&format!("{CLIENTS}/{id}")).await.expect(404);
        app.client(PARCEL_DESK).tokens(&Consent::default()).await;
        for action in [
            "client.promotion_requested",
            "client.promoted",
            "global_client_request.approved",
        ] {
            assert_eq!(app.events(action).await.len(), 1, "{action}");
        }
    }

    /// Everything that is missing is told together, and nothing is asked.
    async fn nobody_asks_for_a_client_that_says_too_little(app) {
        app.add_parcel_desk().await;
        let bare = json!({"name": "N", "identifier": "parcel-desk", "kind": "public"});
        let id = app.made_client(bare).await["id"].as_i64().expect("it has an id");
        let refused = app.admin_post(&promotion(id), &json!({})).await;
        let missing = [
            "company BlankValue",
            "description BlankValue",
            "identifier InvalidValue",
            "redirect_uri BlankValue",
        ];
        assert_eq!(refused.faults(), missing);
        assert!(refused.body.contains("must begin with zdg- "), "{}", refused.body);
        app.admin_get(&promotion(id)).await.expect(404);
        assert_eq!(app.admin_get(REQUESTS).await.json()["count"], 0);
    }

    /// A refusal has a reason, which those who asked read; they may ask again.
    async fn a_refused_request_may_be_made_again(app) {
        let id = parcel_desk(app).await;
        let first = ask(app, id).await;
        for (said, fault) in [
            (json!({"state": "refused"}), "reason BlankValue"),
            (json!({"state": "refused", "reason": "x".repeat(1001)}), "reason TooLong"),
            (json!({"state": "maybe"}), "state InvalidValue"),
            (json!({}), "state InvalidValue"),
        ] {
            assert_eq!(decide(app, first, said).await.faults(), [fault]);
        }
        let reason = "The description says nothing.";
        decide(app, first, json!({"state": "refused", "reason": reason})).await.expect(200);
        let standing = app.admin_get(&promotion(id)).await.json();
        assert_eq!(standing["promotion"]["state"], "refused");
        assert_eq!(standing["promotion"]["reason"], reason);
        assert_eq!(app.events("client.promotion_refused").await.len(), 1);
        assert_eq!(app.events("global_client_request.refused").await.len(), 1);
        let second = ask(app, id).await;
        assert_ne!(first, second);
        decide(app, first, json!({"state": "approved"})).await.expect(404);
    }

    /// What the operator has seen is what he decides on: a client that changes has to be asked for anew.
    // TN-05
    async fn a_change_of_the_client_withdraws_the_request(app) {
        let id = parcel_desk(app).await;
        let first = ask(app, id).await;
        let changed = json!({"client": {"redirect_uri": ["https://evil.example.com/cb"]}});
        app.admin_put(&format!("{CLIENTS}/{id}"), &changed).await.expect(200);
        decide(app, first, json!({"state": "approved"})).await.expect(404);
        app.admin_get(&promotion(id)).await.expect(404);
        assert!(app.registered(PARCEL_DESK).await.global_at.is_none());
        ask(app, id).await;
        let path = promotion(id);
        app.admin_delete(&path).await.expect_api(204);
        app.admin_delete(&path).await.expect(404);
        assert_eq!(app.events("client.promotion_withdrawn").await.len(), 2);
    }

    /// Whoever has the identifier, in whatever account and case, keeps the client from becoming global;
    /// the request stays as it was.
    // Z-03
    async fn an_identifier_that_is_in_use_elsewhere_is_not_promoted(app) {
        let id = parcel_desk(app).await;
        let request = ask(app, id).await;
        let body = json!({"client": {"name": "Theirs", "identifier": "ZDG-Parcel-Desk"}});
        let theirs = app.send(RequestBuilder::post(CLIENTS).json(&body).by_other_admin()).await;
        let theirs = theirs.expect(201).json()["client"]["id"].clone();
        let approve = || decide(app, request, json!({"state": "approved"}));
        let refused = approve().await;
        assert_eq!(refused.faults(), ["identifier DuplicateValue"]);
        assert!(refused.body.contains("in use in another account"), "{}", refused.body);
        assert!(app.registered(PARCEL_DESK).await.global_at.is_none());
        let standing = app.admin_get(&promotion(id)).await.json();
        assert_eq!(standing["promotion"]["state"], "pending");
        let theirs = RequestBuilder::new(Method::DELETE, &format!("{CLIENTS}/{theirs}"));
        app.send(theirs.by_other_admin()).await.expect(204);
        approve().await.expect(200);
    }

    /// Operators decide, and nobody else; other accounts neither ask nor see.
    // TN-03, TN-07
    async fn only_operators_decide_and_only_the_account_asks(app) {
        let id = parcel_desk(app).await;
        let theirs = |method| RequestBuilder::new(method, &promotion(id)).by_other_admin();
        for method in [Method::GET, Method::POST, Method::DELETE] {
            app.send(theirs(method)).await.expect(404);
        }
        let request = ask(app, id).await;
        let one = format!("{REQUESTS}/{request}");
        let approve = json!({"global_client_request": {"state": "approved"}});
        for path in [REQUESTS, &one] {
            app.send(RequestBuilder::get(path).by_other_admin()).await.expect(403);
        }
        let put = || RequestBuilder::new(Method::PUT, &one).json(&approve);
        app.send(put().by_other_admin()).await.expect(403);
        let bob = app.bearer_of("bob", "oauth:write oauth:read").await;
        app.send(put().bearer(&bob)).await.expect(403);
        let asked = RequestBuilder::post(&promotion(id)).bearer(&bob);
        app.send(asked).await.expect(403);
        let reader = app.bearer_of("admin", "oauth:read").await;
        app.send(put().bearer(&reader)).await.expect(403);
        app.send(RequestBuilder::get(&one).bearer(&reader)).await.expect(200);
        app.send(RequestBuilder::get(&one).bearer(&reader).at(OTHER_ORIGIN)).await.expect(401);
        app.admin_get(&format!("{REQUESTS}/1")).await.expect(404);
        assert!(app.registered(PARCEL_DESK).await.global_at.is_none());
    }

    /// Fifty operators at once, and one promotion.
    async fn a_request_is_decided_once_however_many_decide(app) {
        let id = parcel_desk(app).await;
        let request = ask(app, id).await;
        let path = format!("{REQUESTS}/{request}");
        let said = |number: usize| {
            let state = if number.is_multiple_of(2) { "approved" } else { "refused" };
            let said = json!({"state": state, "reason": "raced"});
            let body = json!({"global_client_request": said});
            RequestBuilder::by_admin(Method::PUT, &path).json(&body)
        };
        let replies = app.race((0..50).map(said).collect()).await;
        let decided = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(decided, 1);
        let events = [
            app.events("global_client_request.approved").await.len(),
            app.events("global_client_request.refused").await.len(),
        ];
        assert_eq!(events.iter().sum::<usize>(), 1);
        let is_global = app.registered(PARCEL_DESK).await.global_at.is_some();
        assert_eq!(is_global, events[0] == 1);
    }

    /// A file promotes by the same rules as an operator.
    async fn a_declared_global_client_has_the_prefix(app) {
        use protocol::apply::{self, ClientDeclaration, Declaration, Mode};
        let global = Some(true);
        let declare = |identifier| Declaration {
            clients: vec![ClientDeclaration { global, ..of_admin(identifier) }],
            ..Declaration::default()
        };
        for mode in [Mode::DryRun, Mode::Apply] {
            let wrong = apply::apply(&app.ctx, &declare("parcel-desk"), mode).await;
            let refused = format!("{:?}", wrong.expect_err("the prefix is wrong"));
            assert!(refused.contains("must begin with zdg-"), "{refused}");
        }
        app.declare(&declare(PARCEL_DESK)).await;
        assert!(app.registered(PARCEL_DESK).await.global_at.is_some());
        assert_eq!(app.events("client.promoted").await.len(), 1);
    }
}
