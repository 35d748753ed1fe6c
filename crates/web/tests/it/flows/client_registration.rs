//! Clients register by themselves (RFC 7591, OpenID Connect Dynamic Client Registration 1.0).

use domain::{Lifetime, RegistrationPolicy, Role};
use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Challenge, ORIGIN, OTHER_ORIGIN, REGISTER, RequestBuilder, TestApp, serve_json, stories,
};

fn minimal() -> Value {
    json!({"redirect_uris": ["https://app.example.com/cb"]})
}

/// The minimal request with these members.
fn with(fields: &Value) -> Value {
    let mut body = minimal();
    for (key, value) in fields.as_object().expect("an object") {
        body[key] = value.clone();
    }
    body
}

async fn client_count(app: &TestApp) -> i64 {
    store::clients::count(&app.ctx.store, app.account(ORIGIN).await.id, None).await.expect("counts")
}

stories! {
    /// The reply has every value in force, defaults included, and each credential once.
    // O-04
    async fn a_client_is_told_every_value_in_force(app) {
        let token = app.initial_access_token(json!({})).await;
        let body = with(&json!({"client_name": "Photo Printer", "client_name#de": "Fotodrucker",
            "scope": "openid email", "grant_types": ["authorization_code", "refresh_token"],
            "contacts": ["ops@example.com"], "policy_uri": "https://app.example.com/policy",
            "colour": "unknown members are ignored"}));
        let reply = app.register_with(&token, &body).await.expect(201);
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
        let told = reply.json();
        let id = told["client_id"].as_str().expect("an identifier").to_owned();
        assert!(id.starts_with("app-") && id.len() == 36, "{id}");
        assert!(told["client_secret"].as_str().expect("a secret").starts_with("cstcs_"));
        let own = told["registration_access_token"].as_str().expect("a token");
        assert!(own.starts_with("cstra_"));
        let expected = json!({
            "client_id": id, "client_id_issued_at": 1_777_887_000, "client_secret": told["client_secret"],
            "client_secret_expires_at": 0, "registration_access_token": own,
            "registration_client_uri": format!("{ORIGIN}/oauth/register/{id}"),
            "client_name": "Photo Printer", "client_name#de": "Fotodrucker",
            "redirect_uris": ["https://app.example.com/cb"], "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"], "scope": "openid email",
            "token_endpoint_auth_method": "client_secret_basic", "application_type": "web",
            "contacts": ["ops@example.com"], "policy_uri": "https://app.example.com/policy",
            "subject_type": "public", "id_token_signed_response_alg": "RS256",
            "require_auth_time": false, "backchannel_logout_session_required": false,
            "frontchannel_logout_session_required": false,
        });
        assert_eq!(told, expected);
        let stored = app.registered(&id).await;
        assert_eq!((stored.kind.as_str(), stored.state.as_str()), ("confidential", "active"));
        assert_eq!(stored.user_id, app.user("admin").await.id);
        let made = app.events("client.created").await;
        let actor = made.last().expect("an event").actor;
        assert_eq!(actor, domain::Actor::Client(stored.id));
    }

    /// What is not said has the defaults of the specification.
    async fn a_client_that_says_little_has_the_defaults(app) {
        let token = app.initial_access_token(json!({})).await;
        let told = app.register_with(&token, &minimal()).await.expect(201).json();
        assert_eq!(told["grant_types"], json!(["authorization_code"]));
        assert_eq!(told["client_name"], told["client_id"]);
        assert_eq!(told["scope"], "openid profile email address phone offline_access read");
        let public = with(&json!({"token_endpoint_auth_method": "none", "grant_types": null}));
        let told = app.register_with(&token, &public).await.expect(201).json();
        assert_eq!(told["token_endpoint_auth_method"], "none");
        assert!(told.get("client_secret").is_none() && told.get("client_secret_expires_at").is_none());
        let stored = app.registered(told["client_id"].as_str().expect("an identifier")).await;
        assert_eq!((stored.kind.as_str(), stored.secrets.len()), ("public", 0));
        let keys = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]});
        let signing = with(&json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": keys}));
        let told = app.register_with(&token, &signing).await.expect(201).json();
        assert_eq!(told["jwks"], keys);
        assert!(told.get("client_secret").is_none());
    }

    /// Nobody registers without a token, unless the account lets everybody.
    // DC-01
    async fn nobody_registers_without_a_token_unless_everybody_may(app) {
        let before = client_count(app).await;
        let anonymous = || RequestBuilder::post(REGISTER).json(&minimal());
        let refused = app.send(anonymous()).await.expect(401);
        assert_eq!(refused.header("www-authenticate"), Some(r#"Bearer realm="Consentry""#));
        let wrong = app.send(anonymous().bearer("cstia_wrong")).await;
        assert_eq!(wrong.error(), (401, "invalid_token".to_owned()));
        let challenge = wrong.header("www-authenticate").expect("a challenge");
        assert!(challenge.contains(r#"error="invalid_token""#), "{challenge}");
        let token = app.initial_access_token(json!({})).await;
        let elsewhere = anonymous().bearer(&token).at(OTHER_ORIGIN);
        assert_eq!(app.send(elsewhere).await.status, 401, "of another account");
        app.let_register(RegistrationPolicy::Off).await;
        assert_eq!(app.register_with(&token, &minimal()).await.error(), (403, "access_denied".to_owned()));
        assert_eq!(client_count(app).await, before);

        app.let_register(RegistrationPolicy::Open).await;
        assert_eq!(app.send(anonymous().bearer("cstia_wrong")).await.status, 401, "never taken for nobody");
        app.send(anonymous()).await.expect(201);
    }

    /// The metadata says where clients register, unless nobody may.
    // B-25
    async fn the_metadata_says_where_clients_register(app) {
        let told = || async { app.get("/.well-known/openid-configuration").await.expect(200).json() };
        for policy in [RegistrationPolicy::Open, RegistrationPolicy::Token, RegistrationPolicy::Off] {
            app.let_register(policy).await;
            let there = format!("{ORIGIN}{REGISTER}");
            let expected = (policy != RegistrationPolicy::Off).then_some(json!(there));
            assert_eq!(told().await.get("registration_endpoint"), expected.as_ref(), "{policy:?}");
        }
    }

    /// What a stranger must not get: rights, grants, secrets for what cannot keep them, or room without end.
    // DC-01, V10.4.7
    async fn a_stranger_gets_little_and_not_often(app) {
        app.let_register(RegistrationPolicy::Open).await;
        let send = |body: Value| app.send(RequestBuilder::post(REGISTER).json(&body));
        for types in [json!(["password"]), json!(["implicit", "authorization_code"]), json!(["client_credentials"])] {
            let refused = send(with(&json!({"grant_types": types}))).await;
            assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()));
        }
        let asked = json!({"scope": "admin write oauth:write read", "token_endpoint_auth_method": "none",
            "kind": "confidential", "global": true, "state": "active", "resource_server": true, "user_id": 1});
        let told = send(with(&asked)).await.expect(201).json();
        assert_eq!(told["scope"], "read");
        assert!(told.get("client_secret").is_none());
        let stored = app.registered(told["client_id"].as_str().expect("an identifier")).await;
        assert!(stored.global_at.is_none() && stored.resource_server_at.is_none());
        let mut statuses = Vec::new();
        for _ in 0..11 {
            statuses.push(send(minimal()).await.status.as_u16());
        }
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 9);
        let refused = send(minimal()).await;
        assert_eq!(refused.error(), (429, "temporarily_unavailable".to_owned()));
        assert!(refused.header("retry-after").is_some());
        let neighbour = RequestBuilder::post(REGISTER).json(&minimal()).sent_from([203, 0, 113, 7].into());
        app.send(neighbour).await.expect(201);
        app.advance(Lifetime::minutes(5));
        send(minimal()).await.expect(201);
    }

    /// A token registers as many clients as it may, until it ends, is revoked, or its maker is no admin.
    // DC-01
    async fn an_initial_access_token_has_its_limits(app) {
        let once = app.initial_access_token(json!({"use_limit": 1})).await;
        app.register_with(&once, &with(&json!({"grant_types": ["password"]}))).await.expect(400);
        app.register_with(&once, &minimal()).await.expect(201);
        app.register_with(&once, &minimal()).await.expect(401);
        let ending = app.initial_access_token(json!({"expires_in": 60})).await;
        app.register_with(&ending, &minimal()).await.expect(201);
        app.advance(Lifetime::seconds(60));
        app.register_with(&ending, &minimal()).await.expect(401);
        let revoked = app.initial_access_token(json!({})).await;
        let list = app.admin_get("/api/v1/registration_tokens").await.expect_api(200).json();
        assert_eq!(list["count"], 3);
        let newest = list["registration_tokens"][2].clone();
        assert_eq!((&newest["label"], &newest["use_count"]), (&json!("story"), &json!(0)));
        assert!(newest.get("full_token").is_none());
        let path = format!("/api/v1/registration_tokens/{}", newest["id"]);
        assert_eq!(app.admin_get(&path).await.expect_api(200).json()["registration_token"], newest);
        app.admin_delete(&path).await.expect_api(204);
        app.admin_delete(&path).await.expect(404);
        app.register_with(&revoked, &minimal()).await.expect(401);

        let token = app.initial_access_token(json!({})).await;
        let mut admin = app.user("admin").await;
        admin.role = Role::Agent;
        protocol::users::update(&app.ctx, domain::Actor::Operator, admin).await.expect("it is valid");
        app.register_with(&token, &minimal()).await.expect(401);
    }

    async fn every_fault_of_a_registration_token_is_told(app) {
        let wrong = json!({"registration_token": {"label": " ", "use_limit": 0, "expires_in": "soon"}});
        let faults = app.admin_post("/api/v1/registration_tokens", &wrong).await.faults();
        assert_eq!(faults, ["expires_in InvalidValue", "label BlankValue", "use_limit InvalidValue"]);
    }

    /// The user is asked each time, and told that nobody but the app itself vouches for its name.
    // DC-01, V10.4.7
    // oidcc-registration-logo-uri, oidcc-registration-policy-uri, oidcc-registration-tos-uri
    async fn consent_to_an_app_that_registered_itself_is_asked_each_time(app) {
        let (policy, tos) = ("https://app.example.com/policy?a=b&c", "https://app.example.com/tos");
        let client = json!({"client_name": "Your Bank", "scope": "read", "policy_uri": policy,
            "tos_uri": tos, "logo_uri": "https://app.example.com/logo.png"});
        let client = app.registered_client(client).await;
        let request = [
            ("response_type", "code"), ("client_id", client.text("client_id")), ("scope", "read"),
            ("redirect_uri", "https://app.example.com/cb"), ("state", "xyz"),
            ("code_challenge", Challenge::RFC.challenge), ("code_challenge_method", "S256"),
        ];
        let mut browser = app.browser("alice").await;
        let page = browser.authorize(&request).await.expect(200);
        assert!(page.body.contains("Not verified"), "{}", page.body);
        assert!(page.body.contains("It registered itself"), "{}", page.body);
        for address in ["https://app.example.com/policy?a=b&#38;c", tos] {
            assert!(page.body.contains(&format!("<a href=\"{address}\"")), "{}", page.body);
        }
        assert!(!page.body.contains("logo.png"), "nothing is loaded from elsewhere");
        let code = browser.allow(&page, &[]).await.expect(303).parameter("code").expect("a code");
        let tokens = RequestBuilder::post("/oauth/tokens")
            .basic(client.text("client_id"), client.text("client_secret"))
            .form(&[("grant_type", "authorization_code"), ("code", code.as_str()),
                ("redirect_uri", "https://app.example.com/cb"), ("code_verifier", Challenge::RFC.verifier)]);
        app.send(tokens).await.expect(200);
        browser.authorize(&request).await.expect(200);
        let silent = [&request[..], &[("prompt", "none")]].concat();
        let refused = browser.authorize(&silent).await.expect(303);
        assert_eq!(refused.parameter("error").as_deref(), Some("consent_required"));
    }

    /// Apps on a device that registered by themselves listen on any port of this machine, by name too.
    // RU-07
    async fn an_app_on_a_device_may_use_any_port_of_localhost(app) {
        let device = json!({"token_endpoint_auth_method": "none",
            "redirect_uris": ["http://localhost/cb", "http://127.0.0.1/cb", "com.example.app:/cb"]});
        let client = app.registered_client(device).await;
        assert_eq!(client.told["application_type"], "native");
        let mixed = json!({"token_endpoint_auth_method": "none",
            "redirect_uris": ["http://localhost/cb", "https://app.example.com/cb"]});
        let mixed = app.registered_client(mixed).await;
        let mut browser = app.browser("alice").await;
        for (client, redirect_uri, status) in [
            (&client, "http://localhost:51004/cb", 200),
            (&client, "http://127.0.0.1:51004/cb", 200),
            (&client, "http://localhost:51004/other", 400),
            (&client, "http://localhost.evil:51004/cb", 400),
            (&client, "https://localhost:51004/cb", 400),
            (&mixed, "http://localhost:51004/cb", 400),
        ] {
            let request = [("response_type", "code"), ("client_id", client.text("client_id")),
                ("redirect_uri", redirect_uri), ("code_challenge", Challenge::RFC.challenge),
                ("code_challenge_method", "S256")];
            assert_eq!(browser.authorize(&request).await.status, status, "{redirect_uri}");
        }
    }

    /// The document of the sector lists every redirect URI, or there is no client.
    // X-07
    // oidcc-registration-sector-uri, oidcc-registration-sector-bad
    async fn a_sector_vouches_for_every_redirect_uri(app) {
        let uris = json!(["https://a.example/cb", "https://b.example/cb"]);
        let token = app.initial_access_token(json!({})).await;
        let pairwise = |sector: Option<&str>| json!({"redirect_uris": uris, "subject_type": "pairwise",
            "sector_identifier_uri": sector});
        let good = serve_json(json!(["https://c.example/", "https://b.example/cb", "https://a.example/cb"])).await;
        let told = app.register_with(&token, &pairwise(Some(&good))).await.expect(201).json();
        assert_eq!(told["sector_identifier_uri"], good);
        for other in [json!(["https://a.example/cb"]), json!({"redirect_uris": uris}), json!([1])] {
            let bad = serve_json(other).await;
            let refused = app.register_with(&token, &pairwise(Some(&bad))).await;
            assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()));
            assert!(refused.text("error_description").starts_with("sector_identifier_uri must answer"));
        }
        for unreachable in ["http://127.0.0.1:1/sector.json", "https://10.0.0.1/sector.json"] {
            let refused = app.register_with(&token, &pairwise(Some(unreachable))).await;
            assert_eq!(refused.text("error_description"), "sector_identifier_uri cannot be fetched");
        }
        let refused = app.register_with(&token, &pairwise(None)).await;
        assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()));
    }

    /// The endpoint speaks JSON and tells its methods; scripts of any site may call it.
    // HT-02
    async fn the_endpoint_speaks_json_to_every_site(app) {
        let token = app.initial_access_token(json!({})).await;
        let form = RequestBuilder::post(REGISTER).bearer(&token).form(&[("client_name", "x")]);
        assert_eq!(app.send(form).await.error(), (415, "invalid_client_metadata".to_owned()));
        for broken in ["{", "[]", r#"{"redirect_uris": [], "redirect_uris": []}"#] {
            let request = RequestBuilder::post(REGISTER).bearer(&token).body("application/json", broken.as_bytes());
            assert_eq!(app.send(request).await.error(), (400, "invalid_client_metadata".to_owned()), "{broken}");
        }
        let other = app.send(RequestBuilder::new(Method::PUT, REGISTER)).await.expect(405);
        assert_eq!(other.header("allow"), Some("POST"));
        let preflight = RequestBuilder::new(Method::OPTIONS, REGISTER).header("origin", "https://any.example")
            .header("access-control-request-method", "POST");
        let preflight = app.send(preflight).await.expect(204);
        assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
        assert_eq!(preflight.header("access-control-allow-methods"), Some("GET, POST, PUT, DELETE"));
        let request = RequestBuilder::post(REGISTER).header("origin", "https://any.example").json(&minimal());
        let refused = app.send(request).await.expect(401);
        assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    }
}
