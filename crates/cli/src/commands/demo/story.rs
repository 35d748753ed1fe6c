//! The story: every step in the order it is told.

use domain::Secret;
use sdk::{App, Authorization, AuthorizedCode, Credentials, ErrorCode, Server};
use url::Url;

use super::acts::{authorization, refusals, registration, revocation, tokens};
use super::browser::Browser;
use super::narrator::Narrator;
use super::stage::Stage;

/// Who registers the app.
pub(super) const ADMIN: &str = "admin@example.com";

/// Who lets the app in.
pub(super) const USER: &str = "alice@example.com";

/// The identifier that the API asks about tokens with.
pub(super) const API: &str = "calendar-api";

/// The app that is up to no good.
pub(super) const OTHER_APP: &str = "other-app";

/// The identifier of the app that the story is about.
pub(super) const APP: &str = "photo-album";

/// Where the app waits for the browser. Nobody listens there: the address bar is enough.
pub(super) const CALLBACK: &str = "http://127.0.0.1:9801/callback";

/// What the app wants to do.
pub(super) const SCOPE: &str = "read calendar:read";

/// What every step has at hand.
pub(super) struct Story<'s> {
    pub(super) stage: &'s Stage,
    pub(super) narrator: Narrator,
    pub(super) browser: Browser,
    pub(super) http: reqwest::Client,
}

/// Tells all of it, or breaks off where something is not as it should be.
pub(super) async fn tell(story: &mut Story<'_>) -> anyhow::Result<()> {
    story.opening()?;
    let secret = registration::admin_registers_the_app(story).await?;
    let cast = registration::app_reads_the_metadata(story, secret).await?;

    let (url, pending) = authorization::app_asks(story, &cast)?;
    let consent = authorization::user_signs_in(story, url).await?;
    let code = authorization::user_allows(story, &consent, &pending).await?;

    let first = tokens::app_redeems_the_code(story, &cast, &code).await?;
    tokens::api_checks_the_token(story, &cast, &first).await?;
    tokens::app_calls_the_api(story, &first).await?;
    let second = tokens::app_refreshes(story, &cast, &first).await?;
    tokens::a_lost_reply_is_repeated(story, &cast, &first, &second).await?;
    tokens::app_acts_for_itself(story, &cast).await?;

    let code = refusals::other_app_redeems_nothing(story, &cast).await?;
    refusals::other_app_revokes_nothing(story, &cast, &second).await?;
    refusals::a_wrong_verifier_is_refused(story, &cast, &code).await?;
    refusals::a_code_works_once(story, &cast, &code).await?;

    revocation::user_revokes_the_app(story, &cast, &second).await?;
    revocation::app_revokes_its_token(story, &cast).await?;
    Ok(story.narrator.closing()?)
}

impl<'s> Story<'s> {
    /// A story on this stage.
    pub(super) fn new(stage: &'s Stage, narrator: Narrator) -> anyhow::Result<Self> {
        // Everything is plain HTTP on this machine: no certificates, no proxy, no redirects of its own.
        let http = reqwest::Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(10))
            .build()?;
        let browser = Browser::new(http.clone(), narrator.overheard.clone());
        Ok(Self { stage, narrator, browser, http })
    }

    /// A connection for somebody; the narrator hears what is said on it.
    pub(super) fn connection(&self, who: &'static str) -> sdk::Connection {
        self.narrator.overheard.connection(who, &self.http)
    }

    fn opening(&self) -> std::io::Result<()> {
        let (origin, folder) = (&self.stage.origin, self.stage.folder.path().display());
        self.narrator.opening(
            "One app, one user and one API, from registration to revocation",
            &format!(
                "The server listens at {origin}, with a throw-away SQLite database in {folder}. \
                 Admin, browser, app and API talk to it over HTTP only. Secrets and tokens are shown \
                 shortened."
            ),
        )
    }
}

/// The programs of the story, each with its own credentials.
pub(super) struct Cast {
    /// The app that the story is about.
    pub(super) app: App,
    /// The API that checks tokens.
    pub(super) api: App,
    /// The app that is up to no good.
    pub(super) other: App,
    /// What the app asks users for.
    pub(super) ask: Authorization,
}

impl Cast {
    /// Everybody, as the server knows them.
    pub(super) async fn gather(story: &Story<'_>, secret: Secret) -> anyhow::Result<Self> {
        let issuer = &story.stage.origin;
        let server = Server::discover_over(story.connection("app"), issuer).await?;
        let knowledge = &story.stage.knowledge;
        let of = |who, identifier, secret: &Secret| {
            let server = server.over(story.connection(who));
            server.app(identifier, Credentials::Basic(secret.clone()))
        };
        Ok(Self {
            app: of("app", APP, &secret),
            api: of("API", API, &knowledge.api_secret),
            other: of("other app", OTHER_APP, &knowledge.other_secret),
            ask: Authorization::new(CALLBACK).scope(SCOPE).resource(issuer),
        })
    }

    /// Another code: the user is signed in and has allowed it before, so no page is shown.
    pub(super) async fn another_code(
        &self,
        story: &mut Story<'_>,
    ) -> anyhow::Result<AuthorizedCode> {
        let (url, pending) = self.app.begin(&self.ask)?;
        let came_back: Url = story.browser.open(url).await?.elsewhere()?;
        Ok(pending.check(came_back.as_str())?)
    }
}

/// The refusal that was expected; anything else breaks the story off.
pub(super) fn refused_with<T>(
    result: Result<T, sdk::Error>,
    code: ErrorCode,
) -> anyhow::Result<()> {
    match result {
        Err(error) if error.code() == Some(code) => Ok(()),
        Err(error) => anyhow::bail!("expected {}, got: {error}", code.as_str()),
        Ok(_) => anyhow::bail!("expected {}, but it succeeded", code.as_str()),
    }
}
