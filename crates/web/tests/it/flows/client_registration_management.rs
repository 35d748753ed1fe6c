//! Clients look after their own registration (RFC 7592), and raise themselves to nothing.

use domain::Lifetime;
use http::Method;
use protocol::client_registration;
use serde_json::{Value, json};

use crate::support::{CLIENTS, RequestBuilder, stories};

stories! {
    /// A client reads what is in force, with its own token and without its secret.
    async fn a_client_reads_its_registration(app) {
        let client = app.registered_client(json!({"client_name": "Printer"})).await;
        let reply = client.show().await.expect(200);
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let mut expected = client.told.clone();
        expected.as_object_mut().expect("an object").remove("client_secret");
        assert_eq!(reply.json(), expected);
        // What an admin leaves open is told in the words of the specification.
        let path = format!("/api/v1/clients/{}", app.registered(client.text("client_id")).await.id);
        let open = json!({"client": {"token_endpoint_auth_method": null, "grant_types": null}});
        app.admin_put(&path, &open).await.expect_api(200);
        let told = client.show().await.expect(200).json();
        assert_eq!(told["token_endpoint_auth_method"], "client_secret_basic");
        assert!(!told.to_string().contains("unknown") && !told.to_string().contains("\"any\""));
    }

    /// A change replaces everything the client says: what is not sent becomes a default.
    async fn a_client_replaces_its_registration(app) {
        let client = app.registered_client(json!({"client_name": "Printer", "contacts": ["a@example.com"],
            "tos_uri": "https://app.example.com/tos", "id_token_signed_response_alg": "ES256"})).await;
        let changed = client.put(json!({"client_name": "Better Printer", "tos_uri": null, "contacts": null,
            "redirect_uris": ["https://app.example.com/new"]})).await.expect(200).json();
        assert_eq!(changed["client_name"], "Better Printer");
        assert_eq!(changed["redirect_uris"], json!(["https://app.example.com/new"]));
        assert!(changed.get("tos_uri").is_none() && changed.get("contacts").is_none());
        assert_eq!(changed["id_token_signed_response_alg"], "ES256");
        for same in ["client_id", "registration_access_token", "registration_client_uri", "client_id_issued_at"] {
            assert_eq!(changed[same], client.told[same], "{same}");
        }
        assert!(changed.get("client_secret").is_none());
        assert_eq!(client.show().await.expect(200).json(), changed);
        let credentials = RequestBuilder::post("/oauth/tokens/introspect")
            .basic(client.text("client_id"), client.text("client_secret")).form(&[("token", "x")]);
        app.send(credentials).await.expect(200);

        let bare = json!({"client_id": client.text("client_id"), "redirect_uris": ["https://app.example.com/new"]});
        let bare = app.send(client.request(Method::PUT).json(&bare)).await.expect(200).json();
        assert_eq!((&bare["client_name"], &bare["id_token_signed_response_alg"]), (&bare["client_id"], &json!("RS256")));
    }

    /// The body names the client and, if any, the present secret; and is judged like a registration.
    async fn a_change_names_its_client_and_is_judged(app) {
        let client = app.registered_client(json!({})).await;
        for fields in [
            json!({"client_id": "photo-album"}),
            json!({"client_id": null}),
            json!({"client_secret": "another-secret-0000000"}),
            json!({"token_endpoint_auth_method": "none"}),
            json!({"grant_types": ["client_credentials"]}),
            json!({"subject_type": "pairwise", "redirect_uris": ["https://a.example/", "https://b.example/"]}),
        ] {
            let refused = client.put(fields.clone()).await;
            assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()), "{fields}");
        }
        let refused = client.put(json!({"redirect_uris": ["https://app.example.com/cb#x"]})).await;
        assert_eq!(refused.error(), (400, "invalid_redirect_uri".to_owned()));
        let mut before = client.told.clone();
        before.as_object_mut().expect("an object").remove("client_secret");
        assert_eq!(client.show().await.expect(200).json(), before);
    }

    /// A registration token is good for its own client only, and only for its registration.
    // X-06, DC-01
    async fn another_clients_token_is_as_good_as_none(app) {
        let (mine, theirs) = (app.registered_client(json!({})).await, app.registered_client(json!({})).await);
        let initial = app.initial_access_token(json!({})).await;
        let wrong = [theirs.text("registration_access_token"), initial.as_str(), mine.text("client_secret"), "x"];
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            for path in [mine.path(), "/oauth/register/photo-album".to_owned(), "/oauth/register/nobody".to_owned()] {
                for token in wrong {
                    let request = RequestBuilder::new(method.clone(), &path).bearer(token).json(&mine.told);
                    let refused = app.send(request).await;
                    assert_eq!(refused.error(), (401, "invalid_token".to_owned()), "{method} {path} {token}");
                }
                let bare = app.send(RequestBuilder::new(method.clone(), &path).json(&mine.told)).await;
                assert_eq!(bare.expect(401).header("www-authenticate"), Some(r#"Bearer realm="Consentry""#));
            }
        }
        mine.show().await.expect(200);
        theirs.show().await.expect(200);
        let own = mine.text("registration_access_token");
        let me = RequestBuilder::get("/api/v2/users/me").bearer(own);
        assert_eq!(app.send(me).await.status, 401, "it is no access token");
        app.register_with(own, &json!({"redirect_uris": ["https://app.example.com/cb"]})).await.expect(401);
    }

    /// What the account decided stays: the client can neither end its suspension nor widen its rights.
    // X-06, TN-05
    async fn a_client_cannot_raise_itself(app) {
        let client = app.registered_client(json!({"scope": "openid read"})).await;
        let stored = app.registered(client.text("client_id")).await;
        let narrow = json!({"client": {"scopes": ["openid"]}});
        app.admin_put(&format!("{CLIENTS}/{}", stored.id), &narrow).await.expect(200);
        let changed = client.put(json!({"scope": "openid read write oauth:write", "global": true,
            "state": "active", "kind": "public", "resource_server": true, "user_id": 1})).await.expect(200).json();
        assert_eq!(changed["scope"], "openid");
        let after = app.registered(client.text("client_id")).await;
        assert_eq!((after.kind, after.user_id, after.state), (stored.kind, stored.user_id, stored.state));
        assert!(after.global_at.is_none() && after.resource_server_at.is_none());

        let path = format!("/api/v1/clients/{}", stored.id);
        app.admin_put(&path, &json!({"client": {"state": "suspended"}})).await.expect_api(200);
        for request in [client.request(Method::GET), client.request(Method::PUT).json(&client.told),
            client.request(Method::DELETE)] {
            assert_eq!(app.send(request).await.error(), (403, "access_denied".to_owned()));
        }
        assert_eq!(app.registered(client.text("client_id")).await.state.as_str(), "suspended");
    }

    /// A client deletes itself, and all that was issued to it; its token dies with it.
    async fn a_client_deletes_itself(app) {
        let client = app.registered_client(json!({})).await;
        let gone = app.send(client.request(Method::DELETE)).await.expect(204);
        assert_eq!(gone.body, "");
        for method in [Method::GET, Method::DELETE] {
            let refused = app.send(client.request(method)).await;
            assert_eq!(refused.error(), (401, "invalid_token".to_owned()));
        }
        let credentials = RequestBuilder::post("/oauth/tokens/introspect")
            .basic(client.text("client_id"), client.text("client_secret")).form(&[("token", "x")]);
        assert_eq!(app.send(credentials).await.error(), (401, "invalid_client".to_owned()));
        assert_eq!(app.events("client.deleted").await.len(), 1);
        // One that an admin deletes is gone for itself, too.
        let client = app.registered_client(json!({})).await;
        app.delete_client(client.text("client_id")).await;
        assert_eq!(client.show().await.error(), (401, "invalid_token".to_owned()));
    }

    /// One registry, two wires: what registered is a client of the administration API like any other.
    async fn an_admin_sees_and_changes_what_registered(app) {
        let client = app.registered_client(json!({"client_name": "Printer"})).await;
        let id = app.registered(client.text("client_id")).await.id;
        let path = format!("{CLIENTS}/{id}");
        let shown = app.admin_get(&path).await.expect_api(200).json()["client"].clone();
        assert_eq!(shown["identifier"], client.told["client_id"]);
        assert_eq!((&shown["name"], &shown["kind"]), (&json!("Printer"), &json!("confidential")));
        let secret = client.text("client_secret");
        assert_eq!(shown["secret"], secret[..9]);
        let changed = json!({"client": {"name": "The printer", "redirect_uri": ["https://app.example.com/two"]}});
        app.admin_put(&path, &changed).await.expect(200);
        let told = client.show().await.expect(200).json();
        assert_eq!((&told["client_name"], &told["redirect_uris"]),
            (&json!("The printer"), &json!(["https://app.example.com/two"])));
        let details = app.admin_get(&format!("/api/v1/clients/{id}")).await.expect_api(200).json();
        assert_eq!(details["client"]["registered_at"], "2026-05-04T09:30:00Z");
        app.admin_delete(&path).await.expect(204);
        client.show().await.expect(401);
    }

    /// A client that nobody uses ends; one that was changed lately, or that an admin made, does not.
    // DC-01
    async fn an_unused_client_ends(app) {
        let (idle, used) = (app.registered_client(json!({})).await, app.registered_client(json!({})).await);
        assert_eq!(client_registration::end_unused(&app.ctx).await.expect("ends"), 0);
        app.advance(Lifetime::days(60));
        used.put(json!({"client_name": "Still here"})).await.expect(200);
        app.advance(Lifetime::days(31));
        assert_eq!(client_registration::end_unused(&app.ctx).await.expect("ends"), 1);
        idle.show().await.expect(401);
        used.show().await.expect(200);
        app.registered("photo-album").await;
        app.advance(Lifetime::days(90));
        assert_eq!(client_registration::end_unused(&app.ctx).await.expect("ends"), 1);
        let ends = app.events("client.deleted").await;
        assert_eq!(ends.len(), 2);
        assert!(ends.iter().all(|event| event.actor == domain::Actor::System));
    }

    /// Methods and types are told in the words of the endpoint.
    async fn other_methods_are_told_those_that_are(app) {
        let client = app.registered_client(json!({})).await;
        let refused = app.send(client.request(Method::POST).json(&Value::Null)).await.expect(405);
        assert_eq!(refused.text("error"), "invalid_request");
        let form = client.request(Method::PUT).form(&[("client_name", "x")]);
        assert_eq!(app.send(form).await.error(), (415, "invalid_client_metadata".to_owned()));
    }

    /// A change makes no secret, so a client without one cannot come to need it.
    async fn a_change_locks_nobody_out(app) {
        let key = json!({"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"});
        let signing = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key]}});
        let client = app.registered_client(signing.clone()).await;
        for method in [json!("client_secret_basic"), Value::Null] {
            let changed = client.put(json!({ "token_endpoint_auth_method": method })).await;
            assert_eq!(changed.error(), (400, "invalid_client_metadata".to_owned()), "{method}");
        }
        client.put(signing).await.expect(200);
    }
}
