//! How the app comes to be known, and how it finds the server.

use anyhow::ensure;
use domain::Secret;
use sdk::{Api, ApiCaller, ClientFields, ClientKind};

use super::super::story::{ADMIN, APP, CALLBACK, Cast, Story};

/// `POST /api/v2/oauth/clients`; the secret is in the reply.
pub(crate) async fn admin_registers_the_app(story: &mut Story<'_>) -> anyhow::Result<Secret> {
    story.narrator.step("The admin registers an app through the API")?;
    let token = story.stage.knowledge.api_token.clone();
    let caller = ApiCaller::ApiToken { email: ADMIN.to_owned(), token };
    let api = Api::over(story.connection("admin"), &story.stage.origin, caller)?;
    let fields = ClientFields::new()
        .name("Photo Album")
        .identifier(APP)
        .company("Example Ltd")
        .kind(ClientKind::Confidential)
        .redirect_uris([CALLBACK])
        .scopes(["read", "calendar:read"]);
    let made = api.clients().create(&fields).await?;
    let shown_later = api.clients().show(made.id).await?.secret;
    let is_hidden = made.secret.expose().len() > 40 && shown_later.expose().len() == 9;
    ensure!(is_hidden, "the secret should be shown whole once only");
    story.narrator.proves(
        "the app has an identifier and a secret; the secret is shown whole this once, and later only how it begins",
    )?;
    Ok(made.secret)
}

/// `GET /.well-known/oauth-authorization-server` (RFC 8414).
pub(crate) async fn app_reads_the_metadata(
    story: &mut Story<'_>,
    secret: Secret,
) -> anyhow::Result<Cast> {
    story.narrator.step("The app reads what the server says of itself")?;
    let cast = Cast::gather(story, secret).await?;
    story.narrator.proves(
        "the app needs to know the issuer only; every endpoint follows, and the issuer is the one it asked",
    )?;
    Ok(cast)
}
