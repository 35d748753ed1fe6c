//! `serve`: production, with or without a single setting.

use std::sync::Arc;

use domain::{Account, Actor, BaseUrl, ConsentPolicy, PkcePolicy};
use protocol::Context;
use protocol::accounts::{self, NewAccount};

use super::Call;
use crate::arguments::ServeArguments;
use crate::exit::{Refusal, refused};
use crate::log;
use crate::output::say;
use crate::server::{self, Listeners};
use crate::settings::ServerSettings;
use crate::startup::{self, Missing};

/// The slug of the account that a first start makes.
const FIRST_ACCOUNT: &str = "main";

/// Does what was asked.
pub(super) async fn run(call: &Call, arguments: ServeArguments) -> anyhow::Result<()> {
    let settings = call.settings(arguments.flags())?;
    log::start(&settings.log, "info", settings.color);
    let listeners = Listeners::bind(&settings.server).await?;
    let ctx = startup::open(&settings, Missing::Make).await?;
    let url = public_url(&settings.server, &listeners)?;
    let account = match first_account(&ctx).await? {
        Some(account) => account,
        None => make_first_account(&ctx, url.clone()).await?,
    };
    greet(&ctx, &account, &url).await?;
    server::serve(Arc::new(ctx), listeners, &settings).await
}

fn public_url(server: &ServerSettings, listeners: &Listeners) -> anyhow::Result<BaseUrl> {
    if let Some(url) = &server.public_url {
        return Ok(url.clone());
    }
    let local = server.local_url("localhost", listeners.public_address()?.port());
    BaseUrl::parse(&local).map_err(|refused| Refusal::usage(refused.to_string()).into())
}

async fn first_account(ctx: &Context) -> anyhow::Result<Option<Account>> {
    Ok(store::accounts::list(&ctx.store, None, 1).await?.into_iter().next())
}

async fn make_first_account(ctx: &Context, url: BaseUrl) -> anyhow::Result<Account> {
    let new = NewAccount {
        slug: FIRST_ACCOUNT.to_owned(),
        name: "Consentry".to_owned(),
        base_urls: vec![url],
        consent: ConsentPolicy::Remember,
        pkce: PkcePolicy::PublicClients,
        refresh_grace: None,
    };
    accounts::create(ctx, Actor::System, new).await.map_err(refused)
}

/// Says where it is, and how the first admin gets in.
async fn greet(ctx: &Context, account: &Account, url: &BaseUrl) -> anyhow::Result<()> {
    let issuer = account.issuer();
    say(&format!("Consentry serves {issuer}"));
    let at_url = store::accounts::by_base_url(&ctx.store, url.as_str()).await?;
    if at_url.is_none() {
        say(&format!(
            "warning: no account answers at {url}: add it to an account's base_urls with `consentry apply`"
        ));
    }
    if store::users::list(&ctx.store, account.id, None, 1).await?.is_empty() {
        let handle = protocol::setup::open_link(ctx).await?;
        let minutes = ctx.policy.set_up_link_lifetime.as_seconds() / 60;
        say("Nobody can sign in yet. Make the first admin here, once:");
        say(&format!("  {issuer}/setup/{}", handle.expose()));
        say(&format!("The link ends in {minutes} minutes; a new start prints a new one"));
    }
    Ok(())
}
