//! What an account sees of global clients: those it has authorised, what they hold here, and never more.

use domain::Role;
use http::Method;
use protocol::apply::{ClientDeclaration, Declaration, UserDeclaration};
use serde_json::{Value, json};

use crate::support::{
    Consent, OTHER_ORIGIN, PARCEL_DESK, Reply, RequestBuilder, TestApp, of_admin, stories,
};

const LIST: &str = "/api/v2/oauth/global_clients";
const SUMMARY: &str = "/api/v2/oauth/global_clients/token_summary";

fn show(id: i64) -> String {
    format!("{LIST}/{id}")
}

fn admins_consent() -> Consent<'static> {
    Consent { user: "admin", ..Consent::default() }
}

/// The same path asked by the other account's admin.
async fn there(app: &TestApp, path: &str) -> Reply {
    app.send(RequestBuilder::get(path).by_other_admin()).await
}

/// What a summary says of its first client.
fn first(reply: &Reply) -> (i64, Value) {
    let json = reply.json();
    let figures = &json["global_clients"][0];
    (figures["tokens_count"].as_i64().expect("a number"), figures["last_used_at"].clone())
}

/// Bob is an agent who may manage API credentials.
async fn entrust_bob(app: &TestApp) {
    let bob = UserDeclaration {
        account: "demo".to_owned(),
        email: "bob@example.com".to_owned(),
        role: Some(Role::Agent),
        permissions: Some(vec!["manage_api_credentials".to_owned()]),
        ..UserDeclaration::default()
    };
    app.declare(&Declaration { users: vec![bob], ..Declaration::default() }).await;
}

stories! {
    // W-74
    async fn an_account_lists_the_global_clients_that_it_has_authorised(app) {
        let id = app.add_global_parcel_desk().await;
        for path in [LIST, SUMMARY] {
            let none = app.admin_get(path).await.expect_api(200).json();
            assert_eq!((&none["global_clients"], &none["count"]), (&json!([]), &json!(0)));
        }
        app.admin_get(&show(id)).await.expect(404);
        app.client(PARCEL_DESK).tokens(&Consent::default()).await;
        let object = json!({
            "id": id, "identifier": PARCEL_DESK, "name": "Parcel Desk", "company": "Parcel Co",
            "description": "Shipping labels", "kind": "confidential", "logo_url": null,
        });
        for path in [LIST.to_owned(), format!("{LIST}.json")] {
            let list = app.admin_get(&path).await.expect_api(200).json();
            assert_eq!((&list["global_clients"], &list["count"]), (&json!([object]), &json!(1)));
        }
        let shown = app.admin_get(&format!("{}.json", show(id))).await.expect_api(200).json();
        assert_eq!(shown, json!({"global_client": object}));
        // At the other account nobody has.
        there(app, &show(id)).await.expect(404);
        assert_eq!(there(app, LIST).await.expect(200).json()["count"], 0);
        let of_account = app.registered("photo-album").await.id.get();
        for path in [show(of_account), show(1), format!("{LIST}/{PARCEL_DESK}")] {
            app.admin_get(&path).await.expect(404);
        }
    }

    /// Counts are of this account only, and of what is good.
    // W-74, TN-10
    async fn the_summary_counts_live_tokens_of_the_account(app) {
        let id = app.add_global_parcel_desk().await;
        let (here, elsewhere) =
            (app.client(PARCEL_DESK), app.client(PARCEL_DESK).at(OTHER_ORIGIN));
        let first_pair = here.tokens(&admins_consent()).await;
        here.tokens(&Consent::default()).await;
        here.refresh(&first_pair.text("refresh_token")).await.expect(200);
        here.token(&[("grant_type", "client_credentials"), ("scope", "read")]).await.expect(200);
        elsewhere.tokens(&admins_consent()).await;
        let summary = app.admin_get(SUMMARY).await.expect_api(200);
        assert_eq!(first(&summary), (3, json!(null)), "two pairs and one of its own");
        assert_eq!(summary.json()["global_clients"][0]["id"], id);
        assert_eq!(first(&there(app, SUMMARY).await.expect(200)), (1, json!(null)));

        // The token of its own has ended, the pairs can be refreshed.
        app.advance(domain::Lifetime::hours(1));
        assert_eq!(first(&app.admin_get(SUMMARY).await).0, 2);
        let all = app.admin_get(&format!("{SUMMARY}?include_expired=true")).await;
        assert_eq!(first(&all).0, 3);
        let revoked = here.tokens(&Consent::default()).await.text("access_token");
        assert_eq!(first(&app.admin_get(SUMMARY).await).0, 3);
        here.post("/oauth/tokens/revoke", &[("token", &revoked)]).await.expect(200);
        assert_eq!(first(&app.admin_get(SUMMARY).await).0, 2);
    }

    // W-74
    async fn the_summary_is_filtered_and_paged(app) {
        let id = app.add_global_parcel_desk().await;
        let second = ClientDeclaration { name: Some("Aerial".to_owned()), ..of_admin("zdg-aerial") };
        app.declare(&Declaration { clients: vec![second], ..Declaration::default() }).await;
        let second = app.promote("zdg-aerial").await;
        app.client(PARCEL_DESK).tokens(&admins_consent()).await;
        app.client("zdg-aerial").tokens(&admins_consent()).await;
        let ids = |reply: Reply| -> Vec<i64> {
            let json = reply.expect(200).json();
            let list = json["global_clients"].as_array().expect("a list").clone();
            list.iter().map(|client| client["id"].as_i64().expect("an id")).collect()
        };
        for path in [LIST, SUMMARY] {
            for (query, expected) in [
                ("", vec![id, second]),
                ("?page[size]=9", vec![id, second]),
                ("?page[size]=9&sort=name", vec![second, id]),
                ("?page[size]=9&sort=-id", vec![second, id]),
                ("?per_page=1&page=2", vec![second]),
            ] {
                let found = ids(app.admin_get(&format!("{path}{query}")).await);
                assert_eq!(found, expected, "{path}{query}");
            }
            let wrong = app.admin_get(&format!("{path}?page[size]=1&sort=created_at")).await;
            assert!(wrong.expect(400).body.contains("InvalidPaginationParameter"));
        }
        let page = format!("{SUMMARY}?page[size]=1&include_expired=true&global_client_id={id}");
        let page = app.admin_get(&page).await.expect(200).json();
        assert_eq!(page["global_clients"][0]["id"], id);
        assert_eq!(page["links"]["next"], json!(null), "there is one such client");
        let page = app.admin_get(&format!("{SUMMARY}?page[size]=1&include_expired=true")).await.json();
        let next = page["links"]["next"].as_str().expect("there is another").to_owned();
        assert!(next.ends_with("&include_expired=true"), "{next}");
        assert_eq!(ids(app.admin_get(&next).await), [second]);
        // A cursor is good for its own list and account.
        let foreign = next.replace("/token_summary", "").replace("&include_expired=true", "");
        app.admin_get(&foreign).await.expect(400);
        for (query, expected) in [("0", vec![]), ("1", vec![]), (&*second.to_string(), vec![second])] {
            let filtered = app.admin_get(&format!("{SUMMARY}?global_client_id={query}")).await;
            assert_eq!(ids(filtered), expected, "{query}");
        }
        for query in ["global_client_id=zdg-aerial", "include_expired=perhaps"] {
            let refused = app.admin_get(&format!("{SUMMARY}?{query}")).await;
            assert_eq!(refused.error(), (400, "InvalidRequest".to_owned()), "{query}");
        }
    }

    /// Admins, and agents with the permission; a token needs the scope as well.
    // W-74, TN-07
    async fn agents_need_a_permission_to_see_global_clients(app) {
        let id = app.add_global_parcel_desk().await;
        app.client(PARCEL_DESK).tokens(&Consent::default()).await;
        let paths = [LIST.to_owned(), show(id), SUMMARY.to_owned()];
        let bob = app.bearer_of("bob", "read").await;
        let unscoped = app.bearer_of("bob", "tickets:read").await;
        let alice = app.bearer_of("alice", "read").await;
        for path in &paths {
            app.send(RequestBuilder::get(path)).await.expect(401);
            for token in [&bob, &alice] {
                let refused = app.send(RequestBuilder::get(path).bearer(token)).await.expect(403);
                assert_eq!(refused.json()["error"]["title"], "Forbidden");
            }
        }
        entrust_bob(app).await;
        let narrow = app.bearer_of("bob", "oauth:read").await;
        for path in &paths {
            for token in [&bob, &narrow] {
                app.send(RequestBuilder::get(path).bearer(token)).await.expect_api(200);
            }
            let refused = app.send(RequestBuilder::get(path).bearer(&unscoped)).await.expect(403);
            assert!(refused.text("description").ends_with("required scopes: oauth:read, read"));
            let written = RequestBuilder::new(Method::POST, path).with_admin_token();
            app.send(written).await.expect(405);
        }
        // The permission is an agent's: it lets nobody else in.
        app.send(RequestBuilder::get("/api/v1/global_clients").bearer(&bob)).await.expect(403);
    }
}
