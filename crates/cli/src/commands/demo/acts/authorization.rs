//! The way over the user's browser: the app asks, the user signs in, reads and allows.

use anyhow::ensure;
use sdk::{AuthorizedCode, PendingAuthorization};
use url::Url;

use super::super::page::Page;
use super::super::story::{Cast, Story, USER};

/// The authorization request; nothing is sent by the app itself.
pub(crate) fn app_asks(
    story: &mut Story<'_>,
    cast: &Cast,
) -> anyhow::Result<(Url, PendingAuthorization)> {
    story.narrator.step("The app makes the address that it sends the user to")?;
    let (url, pending) = cast.app.begin(&cast.ask)?;
    story.narrator.shows("app", &url)?;
    story.narrator.proves(
        "the address holds only the hash of the PKCE verifier; the verifier and the state stay with the app",
    )?;
    Ok((url, pending))
}

/// The sign-in form, from the page itself.
pub(crate) async fn user_signs_in(story: &mut Story<'_>, url: Url) -> anyhow::Result<(Page, Url)> {
    story
        .narrator
        .step("The browser follows it; the user signs in and reads what the app wants")?;
    let sign_in = story.browser.open(url).await?.page()?;
    let password = story.stage.knowledge.password.clone();
    let filled = [("username", USER), ("password", password.expose())];
    let consent = story.browser.press(&sign_in, "login-submit", &filled).await?.page()?;
    ensure!(consent.0.scopes.len() == 2, "the consent page should name both scopes");
    story.narrator.proves(
        "forms, cookies and redirects are enough: no JavaScript; the page names what the app may do, in words",
    )?;
    Ok(consent)
}

/// The consent form; its answer leads back to the app.
pub(crate) async fn user_allows(
    story: &mut Story<'_>,
    consent: &(Page, Url),
    pending: &PendingAuthorization,
) -> anyhow::Result<AuthorizedCode> {
    story.narrator.step("The user allows it, and the browser brings a code back to the app")?;
    let came_back = story.browser.press(consent, "consent-approve", &[]).await?.elsewhere()?;
    let code = pending.check(came_back.as_str())?;
    story.narrator.proves(
        "the answer bears the state of this request and the issuer that was asked (RFC 9207), so the app takes the code",
    )?;
    Ok(code)
}
