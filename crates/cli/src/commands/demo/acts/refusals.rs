//! What must not work: another app, a wrong verifier, a code twice.

use domain::Secret;
use sdk::{AuthorizedCode, ErrorCode, TokenResponse};

use super::super::story::{Cast, Story, refused_with};
use super::tokens::{active, inactive};

/// A stolen code in the hands of an app that has a secret of its own.
pub(crate) async fn other_app_redeems_nothing(
    story: &mut Story<'_>,
    cast: &Cast,
) -> anyhow::Result<AuthorizedCode> {
    story.narrator.step("Another app gets hold of a new code, verifier and all")?;
    let code = cast.another_code(story).await?;
    refused_with(cast.other.redeem(&code).await, ErrorCode::InvalidGrant)?;
    story.narrator.proves(
        "a code is bound to the app that asked; and consent is remembered: the user was not asked again for this one",
    )?;
    Ok(code)
}

/// Another app's token is none of its business (RFC 7009 §2.1).
pub(crate) async fn other_app_revokes_nothing(
    story: &mut Story<'_>,
    cast: &Cast,
    tokens: &TokenResponse,
) -> anyhow::Result<()> {
    story.narrator.step("The other app tries to revoke the first app's token")?;
    refused_with(cast.other.revoke(&tokens.access_token).await, ErrorCode::InvalidGrant)?;
    active(cast, &tokens.access_token).await?;
    story
        .narrator
        .proves("only the app that a token was issued to can revoke it: it is still active")?;
    Ok(())
}

/// PKCE (RFC 7636 §4.6).
pub(crate) async fn a_wrong_verifier_is_refused(
    story: &mut Story<'_>,
    cast: &Cast,
    code: &AuthorizedCode,
) -> anyhow::Result<()> {
    story.narrator.step("The right app sends the code with a wrong verifier")?;
    let code_verifier = Secret::new("0123456789abcdef".repeat(4));
    let wrong = AuthorizedCode { code_verifier, ..code.clone() };
    refused_with(cast.app.redeem(&wrong).await, ErrorCode::InvalidGrant)?;
    story
        .narrator
        .proves("a code that was slipped into somebody else's session is worth nothing")?;
    Ok(())
}

/// Replay (RFC 6749 §4.1.2, §10.5).
pub(crate) async fn a_code_works_once(
    story: &mut Story<'_>,
    cast: &Cast,
    code: &AuthorizedCode,
) -> anyhow::Result<()> {
    story.narrator.step("The right app redeems that code, and then once more")?;
    let tokens = cast.app.redeem(code).await?;
    active(cast, &tokens.access_token).await?;
    refused_with(cast.app.redeem(code).await, ErrorCode::InvalidGrant)?;
    inactive(cast, &tokens.access_token).await?;
    story.narrator.proves(
        "the failed attempts did not use the code up; it works once: the second exchange is refused with invalid_grant and the first tokens are revoked, as one of the two may be a thief",
    )?;
    Ok(())
}
