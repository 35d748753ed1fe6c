//! The well-known documents: what the server says of itself, and where it says it.

use domain::BaseUrl;
use http::Method;
use serde_json::json;

use crate::support::{Consent, ORIGIN, OTHER_ORIGIN, RequestBuilder, stories, with};

const METADATA: &str = "/.well-known/oauth-authorization-server";
const KEYS: &str = "/.well-known/jwks.json";

stories! {
    // B-07, B-08, B-24, B-25, P-01, PK-03, V10.6.1
    async fn the_metadata_names_what_is_built_and_nothing_else(app) {
        let reply = app.get(METADATA).await.expect(200);
        let secret_methods = ["client_secret_basic", "client_secret_post"];
        let all_methods = ["client_secret_basic", "client_secret_post", "none"];
        let whole = json!({
            "issuer": ORIGIN,
            "authorization_endpoint": format!("{ORIGIN}/oauth/authorizations/new"),
            "token_endpoint": format!("{ORIGIN}/oauth/tokens"),
            "jwks_uri": format!("{ORIGIN}/.well-known/jwks.json"),
            "revocation_endpoint": format!("{ORIGIN}/oauth/tokens/revoke"),
            "introspection_endpoint": format!("{ORIGIN}/oauth/tokens/introspect"),
            "scopes_supported": ["read"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": all_methods,
            "revocation_endpoint_auth_methods_supported": all_methods,
            "introspection_endpoint_auth_methods_supported": secret_methods,
            "authorization_response_iss_parameter_supported": true,
        });
        assert_eq!(reply.json(), whole);
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    }

    // B-25: every address that the metadata gives answers.
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
        assert_eq!(count, 5);
    }

    // B-25
    async fn only_the_issuer_has_metadata(app) {
        let alias = BaseUrl::parse("http://localhost:8080").expect("valid");
        app.change_account(|account| account.base_urls.push(alias)).await;
        for path in [METADATA, KEYS] {
            app.get(path).await.expect(200);
            let at_alias = RequestBuilder::get(path).at("http://localhost:8080");
            app.send(at_alias).await.expect(404);
            let unknown = app.send(RequestBuilder::get(path).at("http://127.0.0.3:8080")).await;
            assert_eq!((unknown.status.as_u16(), unknown.body.as_str()), (404, "{}"));
        }
        let there = app.send(RequestBuilder::get(METADATA).at(OTHER_ORIGIN)).await.expect(200);
        assert_eq!(there.text("issuer"), OTHER_ORIGIN);
        assert_eq!(there.json()["scopes_supported"], json!([]));
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

    async fn before_openid_connect_is_built_there_is_no_provider_document(app) {
        app.get("/.well-known/openid-configuration").await.expect(404);
    }

    async fn the_documents_may_be_kept_and_asked_for_again(app) {
        for path in [METADATA, KEYS] {
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

    // V10.4.7, DC-01: registration without an admin is not built, and is not promised.
    async fn nobody_registers_a_client_by_himself(app) {
        let body = json!({"redirect_uris": ["https://evil.example/cb"], "client_name": "Evil"});
        let request = RequestBuilder::post("/oauth/register").json(&body);
        app.send(request).await.expect(404);
        let client = json!({"client": {"name": "Evil", "identifier": "evil"}});
        let request = RequestBuilder::new(Method::POST, "/api/v2/oauth/clients").json(&client);
        app.send(request).await.expect(401);
    }
}
