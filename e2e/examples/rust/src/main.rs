//! Signs somebody in, refreshes, and signs out.

use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreUserInfoClaims};
use openidconnect::reqwest::{blocking, redirect};
use openidconnect::url::Url;
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndSessionUrl,
    IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse as _,
};

fn main() -> Result<(), Box<dyn Error>> {
    let issuer = IssuerUrl::new(setting("ISSUER", "http://127.0.0.1:8080"))?;
    let address = format!("127.0.0.1:{}", setting("PORT", "9801"));
    let app = Url::parse(&format!("http://{address}"))?;

    let http = blocking::Client::builder().redirect(redirect::Policy::none()).build()?;
    let provider = ProviderMetadataWithLogout::discover(&issuer, &http)?;
    let end_session = provider.additional_metadata().end_session_endpoint.clone();
    let secret = ClientSecret::new("demo-web-secret-of-32-characters".to_owned());
    let client_id = ClientId::new("demo-web".to_owned());
    let client = CoreClient::from_provider_metadata(provider, client_id, Some(secret))
        .set_redirect_uri(RedirectUrl::from_url(app.join("callback")?));

    // What is remembered of a sign-in until the browser comes back: in a web application, in its session.
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let (url, state, nonce) = client
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email", "offline_access"].map(|name| Scope::new(name.to_owned())))
        .set_pkce_challenge(challenge)
        .url();

    let listener = TcpListener::bind(&address)?;
    println!("Open {url}");
    let query = wait_for_callback(&listener, &app)?;
    if query.get("state") != Some(state.secret()) {
        return Err("this is the answer to another request".into());
    }
    let code = query.get("code").ok_or_else(|| format!("no code: {:?}", query.get("error")))?;

    let code = AuthorizationCode::new(code.clone());
    let tokens = client.exchange_code(code)?.set_pkce_verifier(verifier).request(&http)?;
    // Signature, issuer, audience, times and nonce; then that the access token belongs to it.
    let id_token = tokens.id_token().ok_or("there is no ID token")?;
    let id_verifier = client.id_token_verifier();
    let claims = id_token.claims(&id_verifier, &nonce)?;
    let (algorithm, key) = (id_token.signing_alg()?, id_token.signing_key(&id_verifier)?);
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)?;
    if claims.access_token_hash() != Some(&hash) {
        return Err("the access token is of another sign-in".into());
    }

    let subject = claims.subject().clone();
    let person: CoreUserInfoClaims =
        client.user_info(tokens.access_token().clone(), Some(subject))?.request(&http)?;
    let email = person.email().ok_or("no email was released")?.as_str();
    println!("Signed in: {email} is {}", claims.subject().as_str());

    let refresh_token = tokens.refresh_token().ok_or("there is no refresh token")?;
    let fresh = client.exchange_refresh_token(refresh_token)?.request(&http)?;
    let seconds = fresh.expires_in().ok_or("it never ends")?.as_secs();
    println!("Refreshed: the new access token ends in {seconds} seconds");

    let end_session: EndSessionUrl = end_session.ok_or("there is no logout")?;
    let end = LogoutRequest::from(end_session)
        .set_id_token_hint(id_token)
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(app.join("loggedout")?));
    println!("Sign out at {}", end.http_get_url());
    Ok(())
}

/// Answers one request and returns its query.
fn wait_for_callback(
    listener: &TcpListener,
    app: &Url,
) -> Result<HashMap<String, String>, Box<dyn Error>> {
    let (mut stream, _) = listener.accept()?;
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    let target = line.split_whitespace().nth(1).ok_or("this is no request")?;
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nBack to the terminal.\n")?;
    Ok(app.join(target)?.query_pairs().into_owned().collect())
}

fn setting(name: &str, otherwise: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| otherwise.to_owned())
}
