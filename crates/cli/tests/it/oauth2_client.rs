//! A real client of another team: the `oauth2` crate against a listening server.

use std::collections::HashMap;
use std::time::Duration;

use oauth2::basic::{BasicClient, BasicErrorResponse, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, IntrospectionUrl, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, RevocationUrl, Scope, StandardRevocableToken,
    TokenIntrospectionResponse as _, TokenResponse as _, TokenUrl,
};
use url::Url;

use crate::person::Person;
use crate::running::Running;
use crate::support::{DOCUMENTED_SEED, Place};

type App = BasicClient<EndpointSet, EndpointNotSet, EndpointSet, EndpointSet, EndpointSet>;

/// The confidential client of the documented seed.
fn app(issuer: &str) -> App {
    client(issuer, "demo-web", "http://127.0.0.1:9801/callback")
        .set_client_secret(ClientSecret::new("demo-web-secret-of-32-characters".to_owned()))
}

/// Its public client, on a port that is not the registered one (RFC 8252 §7.3).
fn public_app(issuer: &str) -> App {
    client(issuer, "demo-spa", "http://127.0.0.1:54321/callback")
}

fn client(issuer: &str, identifier: &str, callback: &str) -> App {
    let at = |path: &str| format!("{issuer}{path}");
    BasicClient::new(ClientId::new(identifier.to_owned()))
        .set_auth_uri(AuthUrl::new(at("/oauth/authorizations/new")).expect("a URL"))
        .set_token_uri(TokenUrl::new(at("/oauth/tokens")).expect("a URL"))
        .set_introspection_url(
            IntrospectionUrl::new(at("/oauth/tokens/introspect")).expect("a URL"),
        )
        .set_revocation_url(RevocationUrl::new(at("/oauth/tokens/revoke")).expect("a URL"))
        .set_redirect_uri(RedirectUrl::new(callback.to_owned()).expect("a URL"))
}

pub(crate) fn http() -> oauth2::reqwest::Client {
    let none = oauth2::reqwest::redirect::Policy::none();
    oauth2::reqwest::Client::builder().redirect(none).build().expect("a client")
}

/// Signs in, allows, and is sent back to the app with a code.
pub(crate) async fn allow(url: Url) -> HashMap<String, String> {
    let mut alice = Person::opens(url).await;
    let credentials = [("username", "alice@example.com"), ("password", "alice in wonderland")];
    assert_eq!(alice.sends("login-submit", &credentials).await, None);
    let back = alice.sends("consent-approve", &[("decision", "allow")]).await;
    back.expect("a redirect to the app").query_pairs().into_owned().collect()
}

/// The code flow with PKCE and `state`, as the crate's documentation shows it.
async fn authorize(app: &App, issuer: &str) -> BasicTokenResponse {
    let (code, verifier) = code(app, issuer).await;
    let exchange = app.exchange_code(code).set_pkce_verifier(verifier);
    exchange.request_async(&http()).await.expect("tokens")
}

/// The code that the browser brings, and the verifier that it takes.
async fn code(app: &App, issuer: &str) -> (AuthorizationCode, PkceCodeVerifier) {
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
    (AuthorizationCode::new(answer["code"].clone()), verifier)
}

pub(crate) fn started(place: &Place) -> (Running, String) {
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

#[tokio::test]
async fn it_gets_tokens_and_refreshes_without_a_secret() {
    let place = Place::empty();
    let (_server, issuer) = started(&place);
    let app = public_app(&issuer);
    let first = authorize(&app, &issuer).await;
    assert_eq!(first.expires_in(), Some(Duration::from_mins(30)));
    let refresh_token = first.refresh_token().expect("a refresh token");
    let second = app.exchange_refresh_token(refresh_token).request_async(&http()).await;
    let second = second.expect("tokens again");
    assert_ne!(second.access_token().secret(), first.access_token().secret());
    let successor = second.refresh_token().expect("a successor");
    assert_ne!(successor.secret(), refresh_token.secret());
}

#[tokio::test]
async fn it_may_send_its_secret_in_the_body() {
    let place = Place::empty();
    let (_server, issuer) = started(&place);
    let app = app(&issuer).set_auth_type(AuthType::RequestBody);
    let first = authorize(&app, &issuer).await;
    let refresh_token = first.refresh_token().expect("a refresh token");
    app.exchange_refresh_token(refresh_token).request_async(&http()).await.expect("tokens again");
    let request = app.exchange_client_credentials().add_scope(Scope::new("read".to_owned()));
    let token = request.request_async(&http()).await.expect("a token");
    let known = app.introspect(token.access_token()).request_async(&http()).await;
    assert!(known.expect("an answer").active());
}

#[tokio::test]
async fn it_understands_why_it_is_refused() {
    let place = Place::empty();
    let (_server, issuer) = started(&place);
    let app = public_app(&issuer);
    let (code, _) = code(&app, &issuer).await;
    let refused = app.exchange_code(code).request_async(&http()).await;
    assert_eq!(error_code(refused), BasicErrorResponseType::InvalidGrant);
    let impostor = self::app(&issuer).set_client_secret(ClientSecret::new("wrong".to_owned()));
    let refused = impostor.exchange_client_credentials().request_async(&http()).await;
    assert_eq!(error_code(refused), BasicErrorResponseType::InvalidClient);
}

fn error_code<T, E: std::error::Error>(
    result: Result<T, RequestTokenError<E, BasicErrorResponse>>,
) -> BasicErrorResponseType {
    match result {
        Err(RequestTokenError::ServerResponse(response)) => response.error().clone(),
        Err(other) => panic!("no answer that it understands: {other}"),
        Ok(_) => panic!("it was not refused"),
    }
}
