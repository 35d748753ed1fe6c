//! The end: the user takes it back, or the app gives it back.

use anyhow::{Context as _, ensure};
use sdk::{ErrorCode, TokenResponse};

use super::super::page::Page;
use super::super::story::{Cast, Story, refused_with};
use super::tokens::{active, inactive, refresh_token};

/// `/account/apps`.
pub(crate) async fn user_revokes_the_app(
    story: &mut Story<'_>,
    cast: &Cast,
    tokens: &TokenResponse,
) -> anyhow::Result<()> {
    story.narrator.step("The user takes it back on the page of her authorized apps")?;
    active(cast, &tokens.access_token).await?;
    let apps = story.stage.origin.parse::<url::Url>()?.join("/account/apps")?;
    let apps = story.browser.open(apps).await?.page()?;
    let button = revoke_button(&apps.0).context("the page should list the app")?.to_owned();
    story.browser.press(&apps, &button, &[]).await?.page()?;
    inactive(cast, &tokens.access_token).await?;
    refused_with(cast.app.refresh(refresh_token(tokens)?).await, ErrorCode::InvalidGrant)?;
    story.narrator.proves(
        "revoked means revoked at once: the access token is inactive the moment after, and the refresh token is dead",
    )?;
    Ok(())
}

/// The button of the one app that is listed.
fn revoke_button(page: &Page) -> Option<&str> {
    let mut ids = page.button_ids();
    ids.find(|id| id.strip_prefix("revoke-").is_some_and(|grant| grant.parse::<i64>().is_ok()))
}

/// RFC 7009.
pub(crate) async fn app_revokes_its_token(
    story: &mut Story<'_>,
    cast: &Cast,
) -> anyhow::Result<()> {
    story.narrator.step("The user lets the app in again; then the app gives its token back")?;
    let (url, pending) = cast.app.begin(&cast.ask)?;
    let consent = story.browser.open(url).await?.page()?;
    ensure!(!consent.0.scopes.is_empty(), "the user should be asked again");
    let came_back = story.browser.press(&consent, "consent-approve", &[]).await?.elsewhere()?;
    let tokens = cast.app.redeem(&pending.check(came_back.as_str())?).await?;
    cast.app.revoke(refresh_token(&tokens)?).await?;
    inactive(cast, &tokens.access_token).await?;
    story.narrator.proves(
        "what was taken back is asked for anew; and revoking the refresh token ended the access token too (RFC 7009)",
    )?;
    Ok(())
}
