//! The administration API's clients: made, shown, changed, given a new secret, deleted.

use http::Method;
use serde_json::{Value, json};

use crate::support::{CLIENTS, ORIGIN, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories};

/// When every story begins, as the API writes it.
const NOW: &str = "2026-05-04T09:30:00Z";

fn path(client: &Value) -> String {
    format!("{CLIENTS}/{}", client["id"])
}

async fn create(app: &TestApp, fields: Value) -> Reply {
    app.admin_post(CLIENTS, &json!({ "client": fields })).await
}

async fn update(app: &TestApp, client: &Value, fields: Value) -> Reply {
    app.admin_put(&path(client), &json!({ "client": fields })).await
}

/// Asks for a token with a client's own credentials.
async fn client_credentials(app: &TestApp, client: &Value, secret: &Value) -> Reply {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (identifier, secret) = (text(&client["identifier"]), text(secret));
    let fields = [
        ("grant_type", "client_credentials"),
        ("scope", "read"),
        ("client_id", &identifier),
        ("client_secret", &secret),
    ];
    app.send(RequestBuilder::post("/oauth/tokens").form(&fields)).await
}

stories! {
    /// A client is made with a secret that is told in full this once, and belongs to the caller.
    // W-18, Z-01, D-08
    async fn a_client_is_made_with_its_secret(app) {
        let fields = json!({"name": "Acme", "identifier": "acme", "kind": "confidential",
            "redirect_uri": ["https://acme.example/cb"]});
        let reply = create(app, fields).await.expect_api(201);
        let client = reply.json()["client"].clone();
        let id = client["id"].as_i64().expect("an id");
        assert!(id > 0 && id < 1 << 53);
        let url = format!("{ORIGIN}{CLIENTS}/{id}.json");
        assert_eq!(reply.location(), url);
        let secret = client["secret"].as_str().expect("a secret");
        assert_eq!(domain::Handle::kind(secret), Some(domain::HandleKind::ClientSecret));
        let expected = json!({"id": id, "identifier": "acme", "name": "Acme", "company": null,
            "description": null, "kind": "confidential", "redirect_uri": ["https://acme.example/cb"],
            "scopes": null, "secret": secret, "global": false, "logo_url": null,
            "user_id": app.user("admin").await.id.get(), "created_at": NOW, "updated_at": NOW,
            "url": url});
        assert_eq!(client, expected);
        client_credentials(app, &client, &client["secret"]).await.expect(200);
        assert_eq!(app.events("client.created").await.len(), 8, "seven of the cast and this one");
    }

    /// Without a kind it is of the unknown one.
    // W-19
    async fn a_client_without_a_kind_is_unknown(app) {
        let client = app.made_client(json!({"name": "Acme", "identifier": "acme"})).await;
        assert_eq!(client["kind"], "unknown");
        assert_eq!(client["redirect_uri"], json!([]));
    }

    /// No body, no `client`, nothing in it: both fields are reported, and all faults together.
    // W-20
    async fn every_fault_is_reported_at_once(app) {
        let blank = ["identifier BlankValue", "name BlankValue"];
        let post = || RequestBuilder::by_admin(Method::POST, CLIENTS);
        for request in [
            post(),
            post().header("content-type", "application/json"),
            post().json(&json!({})),
            post().json(&json!({"client": {}})),
            post().json(&json!({"client": null})),
            post().json(&json!({"name": "Acme", "identifier": "acme"})),
            post().json(&json!({"client": {"name": "", "identifier": ""}})),
            post().json(&json!({"client": {"name": "  ", "identifier": null}})),
        ] {
            assert_eq!(app.send(request).await.faults(), blank);
        }
        let long = "x".repeat(256);
        let everything = json!({"name": long, "identifier": long, "company": long, "kind": "secret",
            "description": "x".repeat(1001), "redirect_uri": ["https://a.example/cb", "ftp://x/"],
            "scopes": ["read", "nothing:such"]});
        assert_eq!(
            create(app, everything).await.faults(),
            ["company TooLong", "description TooLong", "identifier TooLong", "kind InvalidValue",
             "name TooLong", "redirect_uri InvalidValue", "scopes InvalidValue"]
        );
        let mistyped = json!({"name": 1, "identifier": ["x"], "company": {}, "kind": true,
            "redirect_uri": [1], "scopes": "read"});
        let faults = create(app, mistyped).await.faults();
        for field in ["name", "identifier", "company", "kind", "redirect_uri", "scopes"] {
            assert!(faults.contains(&format!("{field} InvalidValue")), "{field}: {faults:?}");
        }
        let odd = json!({"name": "a\u{0}b", "identifier": "a\u{0}b", "company": "a\nb"});
        let faults = create(app, odd).await.faults();
        let invalid = ["company InvalidValue", "identifier InvalidValue", "name InvalidValue"];
        assert_eq!(faults, invalid);
        for identifier in ["12345", "a b", "ä", "a/b", "a:b"] {
            let fields = json!({"name": "N", "identifier": identifier});
            assert_eq!(create(app, fields).await.faults(), ["identifier InvalidValue"]);
        }
    }

    /// An identifier is taken in any spelling, and free in another account.
    // W-21
    async fn a_taken_identifier_is_refused(app) {
        for identifier in ["photo-album", "PHOTO-album"] {
            let reply = create(app, json!({"name": "N", "identifier": identifier})).await;
            assert_eq!(reply.faults(), ["identifier DuplicateValue"]);
            let description = &reply.json()["details"]["identifier"][0]["description"];
            assert!(description.as_str().expect("text").starts_with("Identifier: "));
        }
        create(app, json!({"name": "N", "identifier": "elsewhere"})).await.expect_api(201);
        let client = app.made_client(json!({"name": "N", "identifier": "mine"})).await;
        let reply = update(app, &client, json!({"identifier": "Photo-Album"})).await;
        assert_eq!(reply.faults(), ["identifier DuplicateValue"]);
        update(app, &client, json!({"identifier": "MINE"})).await.expect_api(200);
    }

    /// Redirect URIs that could lead astray are refused, when made and when changed.
    // W-22, B-21, TN-05
    async fn bad_redirect_uris_are_refused(app) {
        let client = app.made_client(json!({"name": "N", "identifier": "n"})).await;
        for uri in [
            "http://app.example/cb",
            "https://app.example/cb#fragment",
            "https://*.app.example/cb",
            "https://app.example/*",
            "javascript:alert(1)",
            "https://user@app.example/cb",
            "https://app.example",
            "//app.example/cb",
            "/cb",
            "",
            "myapp:/cb",
        ] {
            let fields = json!({"name": "N", "identifier": "new", "redirect_uri": [uri]});
            assert_eq!(create(app, fields).await.faults(), ["redirect_uri InvalidValue"], "{uri}");
            let changed = update(app, &client, json!({"redirect_uri": uri})).await;
            assert_eq!(changed.faults(), ["redirect_uri InvalidValue"], "{uri}");
        }
        let many: Vec<String> = (0..51).map(|n| format!("https://a.example/{n}")).collect();
        let reply = update(app, &client, json!({"redirect_uri": many})).await;
        assert_eq!(reply.faults(), ["redirect_uri TooLong"]);
        let shown = app.admin_get(&path(&client)).await.json();
        assert_eq!(shown["client"]["redirect_uri"], json!([]));
    }

    /// Redirect URIs of native apps and this machine are kept as spelled; a text counts as a list.
    // W-23
    async fn redirect_uris_are_kept_as_spelled(app) {
        let uris = json!(["http://localhost:9000/", "http://127.0.0.1/cb", "com.example.app:/cb",
            "HTTPS://App.Example:443/Cb?x=%2f"]);
        let fields = json!({"name": "N", "identifier": "n", "kind": "public", "redirect_uri": uris});
        let client = app.made_client(fields).await;
        assert_eq!(client["redirect_uri"], uris);
        let shown = app.admin_get(&path(&client)).await.expect_api(200).json();
        assert_eq!(shown["client"]["redirect_uri"], uris);
        let one = update(app, &client, json!({"redirect_uri": "https://a.example/cb"})).await;
        assert_eq!(one.json()["client"]["redirect_uri"], json!(["https://a.example/cb"]));
    }

    /// What only the server sets is not heard, neither when made nor when changed.
    // W-24, TN-03, Z-02, V15.3.3
    async fn the_server_alone_sets_its_fields(app) {
        let alice = app.user("alice").await.id.get();
        let planted = json!({"id": 1, "user_id": alice, "secret": "chosen-by-the-caller-00", "global": true,
            "account_id": 1, "created_at": "2000-01-01T00:00:00Z", "updated_at": "2000-01-01T00:00:00Z",
            "url": "https://evil.example", "logo_url": "https://evil.example/x.svg", "owner": alice,
            "verified": true, "trusted": true, "first_party": true, "skip_consent": true,
            "state": "suspended", "grant_types": ["password"], "authentication_method": "none"});
        let with = |more: Value| {
            let mut fields = planted.clone();
            let more = more.as_object().expect("fields").clone();
            fields.as_object_mut().expect("fields").extend(more);
            fields
        };
        let fields = with(json!({"name": "N", "identifier": "n", "kind": "confidential"}));
        let made = create(app, fields).await.expect_api(201).json()["client"].clone();
        let admin = app.user("admin").await.id.get();
        let check = |client: &Value, id: &Value| {
            assert_eq!(&client["id"], id);
            assert_eq!(client["user_id"], admin);
            assert_eq!(client["global"], false);
            assert_eq!(client["logo_url"], Value::Null);
            assert_eq!((&client["created_at"], &client["updated_at"]), (&json!(NOW), &json!(NOW)));
            assert_eq!(client["url"], format!("{ORIGIN}{CLIENTS}/{id}.json"));
        };
        assert_ne!(made["id"], 1);
        check(&made, &made["id"]);
        let changed = update(app, &made, planted).await.expect_api(200).json()["client"].clone();
        check(&changed, &made["id"]);
        let stored = app.registered("n").await;
        assert_eq!(stored.state, domain::ClientState::Active);
        assert!(stored.global_at.is_none() && stored.grant_types.is_none());
        client_credentials(app, &made, &json!("chosen-by-the-caller-00")).await.expect(401);
        client_credentials(app, &made, &made["secret"]).await.expect(200);
    }

    /// Shown, a client has nine characters of its secret and everything else.
    // W-25, Z-01
    async fn a_shown_client_hides_its_secret(app) {
        let made = app.made_client(json!({"name": "N", "identifier": "n"})).await;
        for suffix in ["", ".json"] {
            let shown = app.admin_get(&format!("{}{suffix}", path(&made))).await.expect_api(200);
            let shown = shown.json()["client"].clone();
            let full = made["secret"].as_str().expect("a secret");
            assert_eq!(shown["secret"], full[..9]);
            let mut expected = made.clone();
            expected["secret"] = json!(full[..9]);
            assert_eq!(shown, expected);
        }
    }

    /// An identifier is no id, and a client of another account does not exist.
    // W-26, V8.2.1–3
    async fn what_is_no_id_here_is_no_record(app) {
        let account = app.account(OTHER_ORIGIN).await;
        let foreign = protocol::clients::by_identifier(&app.ctx, &account, "elsewhere").await;
        let foreign = foreign.expect("reads").expect("a client").id.to_string();
        let own = app.registered("photo-album").await.id;
        for id in [
            "photo-album", &*foreign, "0", "-1", "999999999", "x", "9223372036854775808",
            &format!("0{own}"), &format!("+{own}"), &format!("{own}.0"), &format!("{own}%20"),
            &format!("{own}.xml"), &format!("{own}.json.json"),
        ] {
            for (method, below) in
                [(Method::GET, ""), (Method::PUT, ""), (Method::DELETE, ""), (Method::PUT, "/generate_secret")]
            {
                let request = RequestBuilder::by_admin(method.clone(), &format!("{CLIENTS}/{id}{below}"));
                let reply = app.send(request).await;
                assert_eq!(reply.error(), (404, "RecordNotFound".to_owned()), "{method} {id}{below}");
                assert_eq!(reply.text("description"), "Not found");
            }
        }
    }
}
