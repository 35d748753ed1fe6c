//! What a code is good for: tokens, what they open, and how they are renewed.

use anyhow::{Context as _, ensure};
use domain::Secret;
use sdk::{
    ActiveToken, Api, ApiCaller, AuthorizedCode, CurrentUser, IntrospectionResponse, TokenResponse,
};

use super::super::story::{APP, Cast, SCOPE, Story, USER};

/// Code and PKCE verifier for tokens (RFC 6749 §4.1.3, RFC 7636).
pub(crate) async fn app_redeems_the_code(
    story: &mut Story<'_>,
    cast: &Cast,
    code: &AuthorizedCode,
) -> anyhow::Result<TokenResponse> {
    story.narrator.step("The app exchanges the code and its PKCE verifier for tokens")?;
    let tokens = cast.app.redeem(code).await?;
    ensure!(tokens.scope == SCOPE, "the scopes should be those that were allowed");
    story.narrator.proves(
        "the code alone is worth nothing: it took the app's secret and the verifier that only this app has",
    )?;
    Ok(tokens)
}

/// Introspection (RFC 7662).
pub(crate) async fn api_checks_the_token(
    story: &mut Story<'_>,
    cast: &Cast,
    tokens: &TokenResponse,
) -> anyhow::Result<()> {
    story.narrator.step("The API asks whether the token is good, for whom and for what")?;
    let token = active(cast, &tokens.access_token).await?;
    ensure!(token.client_id == APP && token.username.as_deref() == Some(USER), "wrong token");
    story.narrator.proves(
        "an API of its own, with its own secret, learns who allowed what to which app; tokens for other APIs it would not be told about",
    )?;
    Ok(())
}

/// `GET /api/v2/users/me` with the access token.
pub(crate) async fn app_calls_the_api(
    story: &mut Story<'_>,
    tokens: &TokenResponse,
) -> anyhow::Result<()> {
    story.narrator.step("The app calls an API with the access token")?;
    let caller = ApiCaller::Bearer(tokens.access_token.clone());
    let api = Api::over(story.connection("app"), &story.stage.origin, caller)?;
    let CurrentUser::Known(user) = api.current_user().await? else {
        anyhow::bail!("the call should act as the user")
    };
    ensure!(user.email == USER, "the call should act as {USER}, not as {}", user.email);
    story.narrator.proves("the app acts as the user who allowed it, and never saw her password")?;
    Ok(())
}

/// Rotation (RFC 9700 §4.14.2).
pub(crate) async fn app_refreshes(
    story: &mut Story<'_>,
    cast: &Cast,
    first: &TokenResponse,
) -> anyhow::Result<TokenResponse> {
    story.narrator.step("The app refreshes")?;
    let second = cast.app.refresh(refresh_token(first)?).await?;
    let is_new = !refresh_token(&second)?.ct_eq(refresh_token(first)?)
        && !second.access_token.ct_eq(&first.access_token);
    ensure!(is_new, "both tokens should be new");
    story.narrator.proves("refresh tokens rotate: each works once and brings a new pair")?;
    Ok(second)
}

/// The grace window, which is open until the new pair is used.
pub(crate) async fn a_lost_reply_is_repeated(
    story: &mut Story<'_>,
    cast: &Cast,
    first: &TokenResponse,
    second: &TokenResponse,
) -> anyhow::Result<()> {
    story.narrator.step("The reply was lost, so the app sends the old refresh token again")?;
    let again = cast.app.refresh(refresh_token(first)?).await?;
    let is_same = refresh_token(&again)?.ct_eq(refresh_token(second)?)
        && again.access_token.ct_eq(&second.access_token);
    ensure!(is_same, "the same pair should come again");
    active(cast, &second.access_token).await?;
    story.narrator.proves(
        "for 30 seconds, or until the new pair is used, the same answer comes again, so a bad network signs nobody out; later it ends every token of this authorization, as one of the two may be a thief",
    )?;
    Ok(())
}

/// Client credentials (RFC 6749 §4.4).
pub(crate) async fn app_acts_for_itself(story: &mut Story<'_>, cast: &Cast) -> anyhow::Result<()> {
    story.narrator.step("The app gets a token for itself, without a user")?;
    let resources = [story.stage.origin.as_str()];
    let tokens = cast.app.client_credentials("read", &resources).await?;
    ensure!(tokens.refresh_token.is_none(), "there should be no refresh token");
    let token = active(cast, &tokens.access_token).await?;
    ensure!(token.sub == APP, "the token should stand for the app");
    story.narrator.proves(
        "the subject is the app itself, and there is nothing to refresh: the secret is enough (RFC 6749 §4.4.3)",
    )?;
    Ok(())
}

/// What the API learns of a token that must be good.
pub(crate) async fn active(cast: &Cast, token: &Secret) -> anyhow::Result<Box<ActiveToken>> {
    match cast.api.introspect(token).await? {
        IntrospectionResponse::Active(active) => Ok(active),
        IntrospectionResponse::Inactive => anyhow::bail!("the token should be active"),
    }
}

/// Sees that the API takes a token no more.
pub(crate) async fn inactive(cast: &Cast, token: &Secret) -> anyhow::Result<()> {
    let reply = cast.api.introspect(token).await?;
    ensure!(reply == IntrospectionResponse::Inactive, "the token should be inactive");
    Ok(())
}

/// The refresh token, which must be there.
pub(crate) fn refresh_token(tokens: &TokenResponse) -> anyhow::Result<&Secret> {
    tokens.refresh_token.as_ref().context("there should be a refresh token")
}
