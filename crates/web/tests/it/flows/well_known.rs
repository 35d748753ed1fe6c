//! The well-known documents: what the server says of itself, and where it says it.

use domain::{BaseUrl, RegistrationPolicy, SigningAlgorithm};
use http::Method;
use serde_json::json;

use crate::support::{Consent, ORIGIN, OTHER_ORIGIN, RequestBuilder, SECURE, stories, with};

const METADATA: &str = "/.well-known/oauth-authorization-server";
const PROVIDER: &str = "/.well-known/openid-configuration";
const KEYS: &str = "/.well-known/jwks.json";

/// The claims that there may be.
const CLAIMS: &str = "iss sub aud exp iat auth_time nonce acr amr at_hash sid name given_name \
    family_name middle_name nickname preferred_username profile picture website email \
    email_verified gender birthdate zoneinfo locale phone_number phone_number_verified address \
    updated_at";

stories! {
    // B-07, B-08, B-24, B-25, P-01, PK-03, V10.6.1
    async fn the_metadata_names_what_is_built_and_nothing_else(app) {
        let reply = app.get(METADATA).await.expect(200);
        let algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
        let callers = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
        let clients = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
        let oauth = json!({
            "issuer": ORIGIN,
            "authorization_endpoint": format!("{ORIGIN}/oauth/authorizations/new"),
            "token_endpoint": format!("{ORIGIN}/oauth/tokens"),
            "jwks_uri": format!("{ORIGIN}/.well-known/jwks.json"),
            "revocation_endpoint": format!("{ORIGIN}/oauth/tokens/revoke"),
            "introspection_endpoint": format!("{ORIGIN}/oauth/tokens/introspect"),
            "registration_endpoint": format!("{ORIGIN}/oauth/register"),
            "scopes_supported":
                ["openid", "profile", "email", "address", "phone", "offline_access", "read"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "token_endpoint_auth_methods_supported": clients,
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "revocation_endpoint_auth_methods_supported": clients,
            "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
            "introspection_endpoint_auth_methods_supported": callers,
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        });
        let openid = json!({
            "userinfo_endpoint": format!("{ORIGIN}/oauth/userinfo"),
            "end_session_endpoint": format!("{ORIGIN}/logout"),
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": algorithms,
            "userinfo_signing_alg_values_supported": algorithms,
            "request_object_signing_alg_values_supported": algorithms,
            "request_parameter_supported": true,
            "request_uri_parameter_supported": true,
            "require_request_uri_registration": true,
            "claims_parameter_supported": true,
            "claim_types_supported": ["normal"],
            "claims_supported": CLAIMS.split_whitespace().collect::<Vec<_>>(),
            "acr_values_supported":
                ["urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "ui_locales_supported": ["en"],
            "frontchannel_logout_supported": true,
            "frontchannel_logout_session_supported": true,
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
        });
        let told = reply.json();
        let told = told.as_object().expect("an object");
        let expected = [&oauth, &openid].map(|part| part.as_object().expect("an object"));
        for (name, value) in expected.into_iter().flatten() {
            assert_eq!(told.get(name), Some(value), "{name}");
        }
        assert_eq!(told.len(), expected[0].len() + expected[1].len(), "{:?}", told.keys());
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    }

    // B-25: OpenID Connect Discovery §4 and RFC 8414 §3 name the places; the document is one.
    async fn both_documents_are_the_same(app) {
        let (one, other) = (app.get(METADATA).await.expect(200), app.get(PROVIDER).await.expect(200));
        assert_eq!(one.body, other.body);
        assert_eq!(one.header("etag"), other.header("etag"));
        assert_eq!(other.header("access-control-allow-origin"), Some("*"));
        for path in [METADATA, PROVIDER, KEYS] {
            app.get(&format!("{path}/tenant")).await.expect(404);
            app.get(&format!("/tenant{path}")).await.expect(404);
            app.send(RequestBuilder::post(path).form(&[])).await.expect(405);
        }
    }

    // B-25: with an https issuer every address is an https address.
    async fn everything_is_https_where_the_issuer_is(app) {
        let secure = app.behind_proxy().await;
        let reply = secure.send(RequestBuilder::get(PROVIDER).by_https()).await.expect(200);
        assert_eq!(reply.text("issuer"), SECURE);
        let json = reply.json();
        let members = json.as_object().expect("an object");
        let addresses = members.values().filter_map(|value| value.as_str());
        for address in addresses {
            assert!(address.starts_with("https://secure.example"), "{address}");
        }
        assert!(!reply.body.contains("http://"));
    }

    // B-25: every address that the metadata gives answers.
    // oidcc-discovery-endpoint-verification
    async fn what_the_metadata_names_is_there(app) {
        let metadata = app.get(METADATA).await.json();
        let members = metadata.as_object().expect("an object");
        let is_address = |name: &str| name.ends_with("_endpoint") || name == "jwks_uri";
        let mut count = 0;
        for (name, address) in members.iter().filter(|(name, _)| is_address(name)) {
            let path = address.as_str().and_then(|it| it.strip_prefix(ORIGIN));
            let path = path.expect("an address here");
            let reply = app.get(path).await;
            assert_ne!(reply.status, 404, "{name}");
            count += 1;
        }
        assert_eq!(count, 8);
    }

    // B-25
    async fn only_the_issuer_has_metadata(app) {
        let alias = BaseUrl::parse("http://localhost:8080").expect("valid");
        app.change_account(|account| account.base_urls.push(alias)).await;
        for path in [METADATA, PROVIDER, KEYS] {
            app.get(path).await.expect(200);
            let at_alias = RequestBuilder::get(path).at("http://localhost:8080");
            app.send(at_alias).await.expect(404);
            let unknown = app.send(RequestBuilder::get(path).at("http://127.0.0.3:8080")).await;
            assert_eq!((unknown.status.as_u16(), unknown.body.as_str()), (404, "{}"));
        }
        let there = app.send(RequestBuilder::get(METADATA).at(OTHER_ORIGIN)).await.expect(200);
        assert_eq!(there.text("issuer"), OTHER_ORIGIN);
        assert_eq!(there.json()["scopes_supported"].as_array().map(Vec::len), Some(6));
    }

    // B-17, B-25: the issuer in an answer is the one of the metadata, whichever address was asked.
    async fn an_alias_answers_in_the_name_of_the_issuer(app) {
        let alias = BaseUrl::parse("http://localhost:8080").expect("valid");
        app.change_account(|account| account.base_urls.push(alias)).await;
        let request = app.client("photo-album").request(&Consent::default());
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(with(&request, "prompt", "none"))
            .finish();
        let path = format!("/oauth/authorizations/new?{query}");
        let reply = app.send(RequestBuilder::get(&path).at("http://localhost:8080")).await;
        reply.expect_error_at("https://app.example.com/callback", "login_required");
    }

    async fn the_documents_may_be_kept_and_asked_for_again(app) {
        for path in [METADATA, PROVIDER, KEYS] {
            let reply = app.get(path).await.expect(200);
            assert_eq!(reply.header("cache-control"), Some("public, max-age=300"));
            let etag = reply.header("etag").expect("an entity tag").to_owned();
            let again = app.send(RequestBuilder::get(path).header("if-none-match", &etag)).await;
            assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""));
            let other = RequestBuilder::get(path).header("if-none-match", "\"other\"");
            app.send(other).await.expect(200);
        }
    }

    // O-07
    async fn the_keys_are_public_keys(app) {
        let keys = app.get(KEYS).await.json()["keys"].as_array().expect("a list").clone();
        let algorithms: Vec<_> = keys.iter().map(|key| key["alg"].as_str().unwrap_or("")).collect();
        assert_eq!(algorithms[0], "RS256", "RSA first");
        for key in &keys {
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert_eq!(key.get(private), None, "{key}");
            }
            assert!(key["kid"].is_string() && key["use"] == "sig", "{key}");
        }
    }

    // DC-01: where nobody can register by himself, there is no place to do it.
    async fn registration_is_named_unless_it_is_off(app) {
        for (policy, is_named) in [
            (RegistrationPolicy::Off, false),
            (RegistrationPolicy::Token, true),
            (RegistrationPolicy::Open, true),
        ] {
            app.change_account(|account| account.registration = policy).await;
            let metadata = app.get(PROVIDER).await.expect(200).json();
            assert_eq!(metadata.get("registration_endpoint").is_some(), is_named, "{policy:?}");
        }
    }

    /// What a document says is what holds now: it is made again when something changes.
    async fn a_document_is_made_again_when_something_changes(app) {
        let before = app.get(METADATA).await.expect(200);
        let moved = BaseUrl::parse("http://127.0.0.3:8080").expect("valid");
        app.change_account(|account| account.base_urls.insert(0, moved)).await;
        let at = |path| RequestBuilder::get(path).at("http://127.0.0.3:8080");
        let after = app.send(at(METADATA)).await.expect(200);
        assert_eq!(after.text("issuer"), "http://127.0.0.3:8080");
        assert_ne!(after.header("etag"), before.header("etag"));
        app.get(METADATA).await.expect(404);
        let keys = app.send(at(KEYS)).await.expect(200);
        app.rotate_keys(&[SigningAlgorithm::EdDsa]).await;
        let etag = keys.header("etag").expect("an entity tag").to_owned();
        let anew = app.send(at(KEYS).header("if-none-match", &etag)).await.expect(200);
        assert_ne!(anew.body, keys.body);
    }

    // V10.4.7, DC-01: without a token that an admin made, nobody registers a client.
    async fn nobody_registers_a_client_by_himself(app) {
        let body = json!({"redirect_uris": ["https://evil.example/cb"], "client_name": "Evil"});
        let request = RequestBuilder::post("/oauth/register").json(&body);
        app.send(request).await.expect(401);
        let client = json!({"client": {"name": "Evil", "identifier": "evil"}});
        let request = RequestBuilder::new(Method::POST, "/api/v2/oauth/clients").json(&client);
        app.send(request).await.expect(401);
    }
}
