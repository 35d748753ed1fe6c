//! What may not be registered, by the client itself and by an admin: the same rules.

use serde_json::{Value, json};

use crate::support::{TestApp, stories};

/// Addresses that run, read, or lead elsewhere than they seem (RU-05).
const NO_ADDRESSES: [&str; 8] = [
    "jAvAsCrIpT:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "file:///etc/passwd",
    "blob:https://app.example/x",
    "http://app.example/",
];

fn body(fields: &Value) -> Value {
    let mut body = json!({"redirect_uris": ["https://app.example.com/cb"]});
    for (key, value) in fields.as_object().expect("an object") {
        body[key] = value.clone();
    }
    body
}

/// The refusal of such a registration: its error and its description.
async fn refusal(app: &TestApp, token: &str, fields: Value) -> (String, String) {
    let reply = app.register_with(token, &body(&fields)).await.expect(400);
    (reply.text("error"), reply.text("error_description"))
}

stories! {
    /// Each member is judged, and every fault is in the one description.
    // oidcc-idtoken-unsigned
    async fn every_fault_is_told_together(app) {
        let token = app.initial_access_token(json!({})).await;
        let (error, description) = refusal(app, &token, json!({
            "response_types": ["code", "token"], "grant_types": ["implicit"], "contacts": [7],
            "token_endpoint_auth_method": "client_secret_jwt", "subject_type": "private",
            "jwks_uri": "ftp://app.example/keys", "id_token_signed_response_alg": "none",
            "userinfo_encrypted_response_alg": "RSA-OAEP", "initiate_login_uri": "http://app.example/login",
            "request_uris": ["x"], "backchannel_logout_uri": "https://app.example/#x",
            "frontchannel_logout_uri": "https://elsewhere.example/", "default_max_age": -1,
            "post_logout_redirect_uris": ["https://app.example/../x"], "scope": "read\twrite",
        })).await;
        assert_eq!(error, "invalid_client_metadata");
        for member in ["response_types", "grant_types", "contacts", "token_endpoint_auth_method",
            "subject_type", "jwks_uri", "id_token_signed_response_alg", "userinfo_encrypted_response_alg",
            "initiate_login_uri", "request_uris", "backchannel_logout_uri", "frontchannel_logout_uri",
            "default_max_age", "post_logout_redirect_uris", "scope"] {
            assert_eq!(description.matches(&format!("{member} ")).count(), 1, "{member}: {description}");
        }
    }

    /// Redirect URIs have an error of their own.
    // RU-04, RU-05, RU-06
    // oidcc-redirect-uri-regfrag
    async fn a_redirect_uri_that_is_none_has_its_own_error(app) {
        let token = app.initial_access_token(json!({})).await;
        let more = ["*", "https://app.example/*", "https://app.example/cb#fragment", "/cb",
            "http://127.0.0.1.evil.example/cb", "myapp:/cb"];
        for redirect_uri in NO_ADDRESSES.iter().chain(&more) {
            let fields = json!({"redirect_uris": ["https://app.example/cb", redirect_uri]});
            let (error, description) = refusal(app, &token, fields).await;
            assert_eq!(error, "invalid_redirect_uri", "{redirect_uri}");
            assert!(description.starts_with("redirect_uris entry 2 must"), "{description}");
        }
        for none in [json!([]), json!("https://app.example/cb"), Value::Null] {
            let (error, _) = refusal(app, &token, json!({ "redirect_uris": none })).await;
            assert_eq!(error, "invalid_redirect_uri");
        }
        let web = json!({"redirect_uris": ["com.example.app:/cb"], "application_type": "web"});
        assert_eq!(refusal(app, &token, web).await.0, "invalid_redirect_uri");
        let query = json!({"redirect_uris": ["https://app.example/cb?tenant=1"]});
        app.register_with(&token, &query).await.expect(201);
    }

    /// No address of a client runs or reads anything, whoever names it, on create and on update.
    // RU-05
    // oidcc-3rd_party-init-login-nohttps
    async fn no_address_of_a_client_runs_anything(app) {
        let token = app.initial_access_token(json!({})).await;
        let path = format!("/api/v1/clients/{}", app.registered("photo-album").await.id);
        let client = app.registered_client(json!({})).await;
        for member in ["client_uri", "logo_uri", "policy_uri", "tos_uri", "jwks_uri", "initiate_login_uri"] {
            for address in NO_ADDRESSES {
                let (error, _) = refusal(app, &token, json!({ member: address })).await;
                assert_eq!(error, "invalid_client_metadata", "{member} {address}");
            }
            let changed = client.put(json!({ member: NO_ADDRESSES[0] })).await;
            assert_eq!(changed.error(), (400, "invalid_client_metadata".to_owned()), "{member}");
            let by_admin = json!({"client": { member: NO_ADDRESSES[0] }});
            let faults = app.admin_put(&path, &by_admin).await.faults();
            assert_eq!(faults, [format!("{member} InvalidValue")]);
        }
        let localized = json!({"client_uri#de": "javascript:alert(1)"});
        assert_eq!(refusal(app, &token, localized).await.0, "invalid_client_metadata");
    }

    /// Nobody's software statements are believed, and what is none is told so.
    async fn software_statements_are_refused_clearly(app) {
        let token = app.initial_access_token(json!({})).await;
        let statement = "eyJhbGciOiJSUzI1NiJ9.eyJzb2Z0d2FyZV9pZCI6IngifQ.c2ln";
        for (statement, error) in [
            (json!(statement), "unapproved_software_statement"),
            (json!("statement"), "invalid_software_statement"),
            (json!("a..b"), "invalid_software_statement"),
            (json!({}), "invalid_software_statement"),
        ] {
            let found = refusal(app, &token, json!({ "software_statement": statement })).await.0;
            assert_eq!(found, error, "{statement}");
        }
    }

    /// Keys are public, and stand in one place.
    async fn keys_are_public_and_in_one_place(app) {
        let token = app.initial_access_token(json!({})).await;
        let key = json!({"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"});
        let keys = json!({"keys": [key]});
        let uri = "https://app.example.com/jwks.json";
        app.register_with(&token, &body(&json!({"jwks_uri": uri}))).await.expect(201);
        let mut private = key.clone();
        private["d"] = json!("secret");
        for fields in [
            json!({"jwks": keys, "jwks_uri": uri}),
            json!({"jwks": {"keys": [private]}}),
            json!({"jwks": {"keys": []}}),
            json!({"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "a", "y": "b"}]}}),
            json!({"jwks": keys.to_string()}),
            json!({"token_endpoint_auth_method": "private_key_jwt"}),
        ] {
            assert_eq!(refusal(app, &token, fields.clone()).await.0, "invalid_client_metadata", "{fields}");
        }
    }

    /// What was registered is the admin's to see and change too, by the same rules.
    async fn an_admin_sets_the_same_members(app) {
        let path = format!("/api/v1/clients/{}", app.registered("photo-album").await.id);
        let before = app.admin_get(&path).await.expect_api(200).json()["client"].clone();
        assert_eq!((&before["jwks_uri"], &before["subject_type"]), (&Value::Null, &json!("public")));
        assert_eq!(before["registered_at"], Value::Null);
        let fields = json!({"jwks_uri": "https://app.example.com/jwks.json", "subject_type": "pairwise",
            "token_endpoint_auth_method": "private_key_jwt", "id_token_signed_response_alg": "ES256",
            "backchannel_logout_uri": "https://app.example.com/out", "default_max_age": 600,
            "backchannel_logout_session_required": true, "request_uris": ["https://app.example.com/ro"],
            "localized": {"client_name#de": "Fotoalbum"}, "initiate_login_uri": "https://app.example.com/go"});
        let after = app.admin_put(&path, &json!({ "client": fields })).await.expect_api(200).json()["client"].clone();
        for (key, value) in fields.as_object().expect("an object") {
            assert_eq!(&after[key], value, "{key}");
        }
        assert_eq!(after["redirect_uri"], before["redirect_uri"]);
        let cleared = json!({"client": {"jwks_uri": null, "default_max_age": null, "contacts": "x"}});
        let faults = app.admin_put(&path, &cleared).await.faults();
        assert_eq!(faults, ["contacts InvalidValue", "token_endpoint_auth_method InvalidValue"]);
        let cleared = json!({"client": {"jwks_uri": null, "token_endpoint_auth_method": null,
            "subject_type": null, "localized": null}});
        let after = app.admin_put(&path, &cleared).await.expect_api(200).json()["client"].clone();
        assert_eq!((&after["jwks_uri"], &after["localized"]), (&Value::Null, &json!({})));
        assert_eq!((&after["subject_type"], &after["default_max_age"]), (&json!("public"), &json!(600)));
    }
}
