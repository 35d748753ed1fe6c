//! What becomes of a client's credentials and tokens when the client is changed or deleted.

use domain::Lifetime;
use http::Method;
use serde_json::json;
use store::testing::{Counted, count};

use crate::support::{CLIENTS, Consent, RequestBuilder, TestApp, stories};

async fn path_of(app: &TestApp, identifier: &str) -> String {
    format!("{CLIENTS}/{}", app.registered(identifier).await.id)
}

stories! {
    /// What is not sent stays; null empties what may be empty.
    // W-27, W-28
    async fn an_update_changes_what_it_says(app) {
        let path = path_of(app, "photo-album").await;
        let before = app.admin_get(&path).await.json()["client"].clone();
        app.advance(Lifetime::seconds(90));
        let reply = app.admin_put(&path, &json!({"client": {"name": "Album 2"}})).await;
        let after = reply.expect_api(200).json()["client"].clone();
        let mut expected = before.clone();
        expected["name"] = json!("Album 2");
        expected["updated_at"] = json!("2026-05-04T09:31:30Z");
        assert_eq!(after, expected);
        assert_eq!(after["secret"].as_str().expect("a hint").len(), 9);

        let nulls = json!({"company": null, "description": null, "scopes": null, "name": null,
            "identifier": null, "kind": null, "redirect_uri": null});
        let reply = app.admin_put(&path, &json!({"client": nulls})).await.expect_api(200);
        let cleared = reply.json()["client"].clone();
        let mut expected = after.clone();
        for key in ["company", "description", "scopes"] {
            expected[key] = json!(null);
        }
        assert_eq!(cleared, expected);

        for (fields, fault) in [
            (json!({"name": ""}), "name BlankValue"),
            (json!({"kind": "secret"}), "kind InvalidValue"),
            (json!({"kind": "unknown"}), "kind InvalidValue"),
            (json!({"identifier": ""}), "identifier BlankValue"),
        ] {
            let reply = app.admin_put(&path, &json!({"client": fields})).await;
            assert_eq!(reply.faults(), [fault]);
        }
        let put = || RequestBuilder::by_admin(Method::PUT, &path);
        for empty in [put(), put().json(&json!({})), put().json(&json!({"client": {}}))] {
            app.send(empty).await.expect_api(200);
        }
        assert_eq!(app.admin_get(&path).await.json()["client"]["name"], "Album 2");
    }

    /// A new secret ends the old one at once; live tokens stay.
    // W-29, CA-09, Z-01
    async fn a_new_secret_ends_the_old_one(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let path = path_of(app, "photo-album").await;
        let request = RequestBuilder::by_admin(Method::PUT, &format!("{path}/generate_secret"));
        let reply = app.send(request.header("content-type", "application/json")).await;
        let renewed = reply.expect_api(200).json()["client"].clone();
        let secret = renewed["secret"].as_str().expect("a secret");
        assert_eq!(domain::Handle::kind(secret), Some(domain::HandleKind::ClientSecret));
        let refused = client.refresh(&tokens.text("refresh_token")).await;
        assert_eq!(refused.error(), (401, "invalid_client".to_owned()));
        let fields = [
            ("client_id", "photo-album"),
            ("client_secret", secret),
            ("grant_type", "refresh_token"),
            ("refresh_token", &tokens.text("refresh_token")),
        ];
        app.send(RequestBuilder::post("/oauth/tokens").form(&fields)).await.expect(200);
        let shown = app.admin_get(&path).await.json();
        assert_eq!(shown["client"]["secret"], secret[..9]);
        let again = app.admin_put(&format!("{path}/generate_secret.json"), &json!({})).await;
        assert_ne!(again.expect_api(200).json()["client"]["secret"], secret);
    }

    /// A deleted client takes everything with it, and is gone the second time.
    // W-30, W-31, TN-13
    async fn a_deleted_client_takes_everything_with_it(app) {
        let client = app.client("daily-report");
        let admin = Consent { user: "admin", ..Consent::default() };
        let tokens = client.tokens(&admin).await;
        let code = client.code(&admin).await;
        let path = path_of(app, "daily-report").await;
        let deleted = app.admin_delete(&path).await.expect_api(204);
        assert!(deleted.body.is_empty());
        let call = RequestBuilder::get(CLIENTS).bearer(&tokens.text("access_token"));
        assert_eq!(app.send(call).await.error(), (401, "invalid_token".to_owned()));
        let refused = client.refresh(&tokens.text("refresh_token")).await;
        assert_eq!(refused.error(), (401, "invalid_client".to_owned()));
        let gone = app.admin_delete(&path).await;
        assert_eq!(gone.error(), (404, "RecordNotFound".to_owned()));
        app.admin_get(&path).await.expect(404);

        // Somebody else takes the name: nothing of old becomes good through it.
        let fields = json!({"name": "New", "identifier": "daily-report", "kind": "confidential",
            "redirect_uri": ["https://report.example.com/cb"]});
        let namesake = app.made_client(fields).await;
        assert_ne!(format!("{CLIENTS}/{}", namesake["id"]), path, "ids are not used again");
        let secret = namesake["secret"].as_str().expect("a secret");
        let own = [("client_id", "daily-report"), ("client_secret", secret)];
        let refresh = tokens.text("refresh_token");
        for grant in [
            vec![("grant_type", "refresh_token"), ("refresh_token", &*refresh)],
            client.claim(&code).to_vec(),
        ] {
            let fields = [&own[..], &grant].concat();
            let reply = app.send(RequestBuilder::post("/oauth/tokens").form(&fields)).await;
            let expected = [(400, "invalid_grant"), (400, "invalid_request")];
            assert!(expected.contains(&(reply.status.as_u16(), &*reply.text("error"))), "{}", reply.body);
        }
        let token = tokens.text("access_token");
        let fields = [&own[..], &[("token", &*token)]].concat();
        let told = app.send(RequestBuilder::post("/oauth/tokens/introspect").form(&fields)).await;
        assert_eq!(told.json(), json!({"active": false}));
        let mut browser = app.browser("admin").await;
        let page = browser.authorize(&client.request(&admin)).await;
        page.expect(200);
    }

    /// Codes die with the name or address that they were sent to; live tokens stay.
    async fn codes_die_with_a_changed_client(app) {
        for change in [
            json!({"redirect_uri": ["https://player.example.com/cb", "https://new.example.com/cb"]}),
            json!({"identifier": "web-player-2"}),
        ] {
            let client = app.client("web-player");
            let tokens = client.tokens(&Consent::default()).await;
            let code = client.code(&Consent::default()).await;
            let path = path_of(app, "web-player").await;
            app.admin_put(&path, &json!({"client": change})).await.expect_api(200);
            let reply = client.redeem(&code).await;
            assert_ne!(reply.status.as_u16(), 200, "{change}");
            let call = RequestBuilder::get("/api/v2/users/me").bearer(&tokens.text("access_token"));
            app.send(call).await.expect(200);
        }
    }

    /// Nothing is left of what a client was called before, and another may be called so.
    async fn an_identifier_that_was_given_up_is_free(app) {
        let identifiers = async || count(&app.ctx.store, Counted::ClientIdentifiers).await;
        let (before, path) = (identifiers().await.expect("counts"), path_of(app, "web-player").await);
        for identifier in ["web-player-2", "Web-Player-2", "web-player-3"] {
            let change = json!({"client": {"identifier": identifier}});
            app.admin_put(&path, &change).await.expect_api(200);
            assert_eq!(identifiers().await, Ok(before));
        }
        app.made_client(json!({"name": "Player", "identifier": "web-player"})).await;
        assert_eq!(identifiers().await, Ok(before + 1));
    }

    /// A client that becomes public needs PKCE from the next request on.
    // B-04
    async fn a_client_that_becomes_public_needs_pkce(app) {
        let client = app.client("daily-report");
        let plain = Consent { pkce: false, ..Consent::default() };
        client.code(&plain).await;
        let path = path_of(app, "daily-report").await;
        app.admin_put(&path, &json!({"client": {"kind": "public"}})).await.expect_api(200);
        let mut browser = app.browser("alice").await;
        let reply = browser.authorize(&client.request(&plain)).await.expect(303);
        assert_eq!(reply.parameter("error").as_deref(), Some("invalid_request"));
    }

    /// The list of one's own clients has no one else's.
    // W-32
    async fn everybody_lists_his_own_clients(app) {
        let identifiers = |reply: crate::support::Reply| -> Vec<String> {
            let json = reply.expect_api(200).json();
            let clients = json["clients"].as_array().expect("clients").iter();
            clients.map(|client| client["identifier"].as_str().expect("text").to_owned()).collect()
        };
        let mut bob = app.user("bob").await;
        bob.role = domain::Role::Admin;
        let promoted = protocol::users::update(&app.ctx, domain::Actor::Operator, bob).await;
        promoted.expect("bob becomes an admin");
        let token = app.bearer_of("bob", "read write").await;
        let body = json!({"client": {"name": "Bob's", "identifier": "bobs"}});
        let request = RequestBuilder::post(CLIENTS).json(&body).bearer(&token);
        app.send(request).await.expect_api(201);
        let path = "/api/v2/users/me/oauth/clients";
        for path in [path.to_owned(), format!("{path}.json"), format!("{path}?page[size]=5")] {
            let own = app.send(RequestBuilder::get(&path).bearer(&token)).await;
            assert_eq!(identifiers(own), ["bobs"]);
        }
        let admins = identifiers(app.admin_get(path).await);
        assert_eq!(admins.len(), 7);
        assert!(!admins.contains(&"bobs".to_owned()));
        assert_eq!(identifiers(app.admin_get(CLIENTS).await).len(), 8);
    }
}
