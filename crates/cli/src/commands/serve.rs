//! `serve`: production, with or without a single setting.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use domain::{Account, AccountDraft, Actor, BaseUrl};
use protocol::Context;
use protocol::accounts;
use store::Failure;

use super::{Call, greeting};
use crate::arguments::ServeArguments;
use crate::exit::{Refusal, refused};
use crate::log;
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
    let account = match accounts::home(&ctx).await? {
        Some(account) => greeting::follow(&ctx, account, &url, &settings).await?,
        None => make_first_account(&ctx, url.clone()).await?,
    };
    let greeting = greeting::greet(&ctx, &account, &url, (&settings, &listeners)).await?;
    let announce = || {
        greeting.tell();
        Ok(())
    };
    server::serve_and_announce(Arc::new(ctx), listeners, &settings, announce).await
}

fn public_url(server: &ServerSettings, listeners: &Listeners) -> anyhow::Result<BaseUrl> {
    if let Some(url) = &server.public_url {
        return Ok(url.clone());
    }
    let address = listeners.public_address()?;
    let local = server.local_url(&host(address.ip()), address.port());
    BaseUrl::parse(&local).map_err(|refused| {
        let message = format!("{local} {refused}: say with --public-url how it is reached");
        Refusal::usage(message).into()
    })
}

/// What the listener is called on this machine.
fn host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() || ip == Ipv4Addr::LOCALHOST => {
            "localhost".to_owned()
        }
        IpAddr::V6(ip) if ip.is_unspecified() || ip == Ipv6Addr::LOCALHOST => {
            "localhost".to_owned()
        }
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

async fn make_first_account(ctx: &Context, url: BaseUrl) -> anyhow::Result<Account> {
    let draft = AccountDraft {
        slug: FIRST_ACCOUNT.to_owned(),
        name: Some("Consentry".to_owned()),
        base_urls: vec![url.as_str().to_owned()],
        ..AccountDraft::default()
    };
    match accounts::create(ctx, Actor::System, &draft).await {
        Ok(account) => Ok(account),
        // Another node that started at the same time has made it.
        Err(Failure::Refused(taken)) => {
            accounts::home(ctx).await?.ok_or_else(|| refused(Failure::Refused(taken)))
        }
        Err(failure) => Err(refused(failure)),
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Clock, Entropy, Keyring, MasterKey};
    use store::{Database, Store, StoreOptions};

    use super::*;

    #[tokio::test]
    async fn nodes_that_start_together_serve_one_account() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = Database::Sqlite { path: folder.path().join("consentry.db") };
        let store = Store::open(&StoreOptions { database }).await.expect("opens");
        store.migrate().await.expect("migrates");
        let keyring = Keyring::new(&MasterKey::new([7; 32]));
        let ctx = Context::new(store, Clock::system(), Entropy::Os, keyring);
        let url = BaseUrl::parse("http://localhost:8080").expect("a base URL");
        // Each has looked before, and found none.
        let first = make_first_account(&ctx, url.clone()).await.expect("is made");
        let second = make_first_account(&ctx, url).await.expect("is found");
        assert_eq!(first.id, second.id);
    }
}
