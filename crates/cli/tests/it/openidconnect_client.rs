//! A real OpenID Connect client of another team: the `openidconnect` crate against a listening server,
//! from discovery to userinfo.

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    RedirectUrl, Scope, TokenResponse as _,
};

use crate::oauth2_client::{allow, http, started};
use crate::support::Place;

type App = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The confidential client of the documented seed, told nothing but the issuer.
async fn app(issuer: &str) -> App {
    let issuer = IssuerUrl::new(issuer.to_owned()).expect("a URL");
    let metadata = CoreProviderMetadata::discover_async(issuer, &http()).await;
    let secret = ClientSecret::new("demo-web-secret-of-32-characters".to_owned());
    let callback = RedirectUrl::new("http://127.0.0.1:9801/callback".to_owned());
    CoreClient::from_provider_metadata(
        metadata.expect("the provider is discovered"),
        ClientId::new("demo-web".to_owned()),
        Some(secret),
    )
    .set_redirect_uri(callback.expect("a URL"))
}

/// The code flow with PKCE, `state` and `nonce`, as the crate's documentation shows it.
async fn sign_in(app: &App) -> (CoreTokenResponse, Nonce) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let mut request = app
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .set_pkce_challenge(challenge);
    for scope in ["profile", "email", "offline_access"] {
        request = request.add_scope(Scope::new(scope.to_owned()));
    }
    let (url, state, nonce) = request.url();
    let answer = allow(url).await;
    assert_eq!(answer["state"], *state.secret());
    let exchange = app.exchange_code(AuthorizationCode::new(answer["code"].clone()));
    let exchange = exchange.expect("the token endpoint is known").set_pkce_verifier(verifier);
    (exchange.request_async(&http()).await.expect("tokens"), nonce)
}

/// Verifies the ID token: signature, issuer, audience, time, nonce and the hash of the access token.
fn verified<'t>(app: &App, tokens: &'t CoreTokenResponse, nonce: &Nonce) -> &'t CoreIdTokenClaims {
    let id_token = tokens.id_token().expect("an ID token");
    let verifier = app.id_token_verifier();
    let claims = id_token.claims(&verifier, nonce).expect("the ID token is good");
    let algorithm = id_token.signing_alg().expect("it is signed");
    assert_eq!(*algorithm, CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256);
    let key = id_token.signing_key(&verifier).expect("its key is published");
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
    assert_eq!(claims.access_token_hash(), Some(&hash.expect("it can be made")));
    claims
}

// O-01, O-03
#[tokio::test]
async fn it_discovers_signs_in_and_reads_userinfo() {
    let place = Place::empty();
    let (_server, issuer) = started(&place);
    let app = app(&issuer).await;
    let (tokens, nonce) = sign_in(&app).await;
    let claims = verified(&app, &tokens, &nonce);
    assert_eq!(claims.issuer().as_str(), issuer);
    assert!(claims.auth_time().is_some());

    let userinfo = app.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
    let userinfo = userinfo.expect("the endpoint is known").request_async(&http()).await;
    let userinfo: CoreUserInfoClaims = userinfo.expect("an answer");
    assert_eq!(userinfo.email().map(|it| it.as_str()), Some("alice@example.com"));
    let given_name = userinfo.given_name().and_then(|it| it.get(None));
    assert_eq!(given_name.map(|it| it.as_str()), Some("Alice"));
    assert_eq!(userinfo.zoneinfo().map(|it| it.as_str()), Some("Europe/London"));
}

// O-02
#[tokio::test]
async fn a_refreshed_id_token_is_good_for_it() {
    let place = Place::empty();
    let (_server, issuer) = started(&place);
    let app = app(&issuer).await;
    let (tokens, nonce) = sign_in(&app).await;
    let first = verified(&app, &tokens, &nonce);
    let refresh_token = tokens.refresh_token().expect("a refresh token");
    let exchange = app.exchange_refresh_token(refresh_token).expect("the endpoint is known");
    let again = exchange.request_async(&http()).await.expect("tokens again");
    let verifier = app.id_token_verifier();
    let id_token = again.id_token().expect("an ID token");
    let without_nonce = |nonce: Option<&Nonce>| match nonce {
        None => Ok(()),
        Some(_) => Err("a nonce belongs to the first answer".to_owned()),
    };
    let second = id_token.claims(&verifier, without_nonce).expect("the ID token is good");
    assert_eq!(second.subject(), first.subject());
    assert_eq!(second.auth_time(), first.auth_time());
}
