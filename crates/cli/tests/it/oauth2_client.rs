//! A real client of another team: the `oauth2` crate against a listening server.

use std::collections::HashMap;

use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    IntrospectionUrl, PkceCodeChallenge, RedirectUrl, RevocationUrl, Scope, StandardRevocableToken,
    TokenIntrospectionResponse as _, TokenResponse as _, TokenUrl,
};
use url::Url;

use crate::person::Person;
use crate::running::Running;
use crate::support::{DOCUMENTED_SEED, Place};

type App = BasicClient<EndpointSet, EndpointNotSet, EndpointSet, EndpointSet, EndpointSet>;

fn app(issuer: &str) -> App {
    let at = |path: &str| format!("{issuer}{path}");
    BasicClient::new(ClientId::new("demo-web".to_owned()))
        .set_client_secret(ClientSecret::new("demo-web-secret-of-32-characters".to_owned()))
        .set_auth_uri(AuthUrl::new(at("/oauth/authorizations/new")).expect("a URL"))
        .set_token_uri(TokenUrl::new(at("/oauth/tokens")).expect("a URL"))
        .set_introspection_url(
            IntrospectionUrl::new(at("/oauth/tokens/introspect")).expect("a URL"),
        )
        .set_revocation_url(RevocationUrl::new(at("/oauth/tokens/revoke")).expect("a URL"))
        .set_redirect_uri(
            RedirectUrl::new("http://127.0.0.1:9801/callback".to_owned()).expect("a URL"),
        )
}

fn http() -> oauth2::reqwest::Client {
    let none = oauth2::reqwest::redirect::Policy::none();
    oauth2::reqwest::Client::builder().redirect(none).build().expect("a client")
}

/// Signs in, allows, and is sent back to the app with a code.
async fn allow(url: Url) -> HashMap<String, String> {
    let mut alice = Person::opens(url).await;
    let credentials = [("username", "alice@example.com"), ("password", "alice in wonderland")];
    assert_eq!(alice.sends("login-submit", &credentials).await, None);
    let back = alice.sends("consent-approve", &[("decision", "allow")]).await;
    back.expect("a redirect to the app").query_pairs().into_owned().collect()
}

/// The code flow with PKCE and `state`, as the crate's documentation shows it.
async fn authorize(app: &App, issuer: &str) -> BasicTokenResponse {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = app
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new("read".to_owned()))
        .add_scope(Scope::new("calendar:read".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let answer = allow(url).await;
    assert_eq!(answer["state"], *state.secret());
    assert_eq!(answer["iss"], issuer);
    app.exchange_code(AuthorizationCode::new(answer["code"].clone()))
        .set_pkce_verifier(verifier)
        .request_async(&http())
        .await
        .expect("tokens")
}

fn started(place: &Place) -> (Running, String) {
    place.write("seed.toml", DOCUMENTED_SEED);
    let arguments = ["dev", "--json", "--listen", "127.0.0.1:0", "--seed", "seed.toml"];
    let mut server = Running::start(place, &arguments);
    let issuer = server.ready()["issuer"].as_str().expect("an issuer").to_owned();
    (server, issuer)
}

#[tokio::test]
async fn it_gets_tokens_refreshes_and_revokes() {
    let place = Place::empty();
    let (_server, issuer) = started(&place);
    let app = app(&issuer);
    let first = authorize(&app, &issuer).await;
    let scopes: Vec<&str> = first.scopes().expect("scopes").iter().map(|it| it.as_str()).collect();
    assert_eq!(scopes, ["read", "calendar:read"]);
    let refresh_token = first.refresh_token().expect("a refresh token");

    let second = app.exchange_refresh_token(refresh_token).request_async(&http()).await;
    let second = second.expect("tokens again");
    assert_ne!(second.access_token().secret(), first.access_token().secret());
    let known = app.introspect(second.access_token()).request_async(&http()).await;
    let known = known.expect("an answer");
    assert!(known.active());
    assert_eq!(known.username(), Some("alice@example.com"));

    let successor = second.refresh_token().expect("a successor").clone();
    let revoked = StandardRevocableToken::RefreshToken(successor);
    // The crate revokes over https only: it is asked for the request it would send.
    assert!(app.revoke_token(revoked).is_err());
    let form = [("token", second.refresh_token().expect("a successor").secret().as_str())];
    let reply = reqwest::Client::new()
        .post(format!("{issuer}/oauth/tokens/revoke"))
        .basic_auth("demo-web", Some("demo-web-secret-of-32-characters"))
        .form(&form)
        .send()
        .await
        .expect("answers");
    assert!(reply.status().is_success());
    let known = app.introspect(second.access_token()).request_async(&http()).await;
    assert!(!known.expect("an answer").active());
}

#[tokio::test]
async fn it_gets_a_token_of_its_own() {
    let place = Place::empty();
    let (_server, issuer) = started(&place);
    let app = app(&issuer);
    let request = app.exchange_client_credentials().add_scope(Scope::new("read".to_owned()));
    let token = request.request_async(&http()).await.expect("a token");
    assert!(token.refresh_token().is_none());
    let known = app.introspect(token.access_token()).request_async(&http()).await;
    let known = known.expect("an answer");
    assert!(known.active());
    assert_eq!(known.client_id().map(|id| id.as_str()), Some("demo-web"));
}
