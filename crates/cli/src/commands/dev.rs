//! `dev`: a throw-away instance with a seeded account.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use domain::BaseUrl;
use protocol::Context;
use protocol::apply::Mode;
use store::Database;
use tempfile::TempDir;

use super::{Call, apply, ready};
use crate::arguments::DevArguments;
use crate::exit::Refusal;
use crate::log;
use crate::seed::Seed;
use crate::server::{self, Listeners};
use crate::settings::{MasterKeySource, Settings};
use crate::startup::{self, Missing};

/// Does what was asked.
pub(super) async fn run(call: &Call, arguments: DevArguments) -> anyhow::Result<()> {
    let mut settings = call.settings(arguments.flags())?;
    let throw_away = throw_away(&mut settings)?;
    log::start(&settings.log, "warn", settings.color);
    let listeners = Listeners::bind(&settings.server).await?;
    let origin = origin(&settings, listeners.public_address()?)?;
    let seed = match &arguments.seed {
        Some(path) => Seed::load(path, &origin),
        None => Seed::built_in(&origin),
    }
    .map_err(Refusal::invalid)?;
    let mut ctx = startup::open(&settings, Missing::Make).await?;
    refuse_used(&ctx).await?;
    if !arguments.rate_limits {
        ctx.policy.api_requests_per_minute = u32::MAX;
    }
    let report = apply::apply_seed(&ctx, &seed, Mode::Apply).await?;
    let ready = ready::Ready::new(&ctx, &seed.declaration, &report).await?;
    let management = listeners.management_address()?;
    let is_kept = throw_away.is_none();
    let announce = move || {
        if arguments.json { ready.print_json() } else { ready.print_table(management, is_kept) }
    };
    server::serve_and_announce(Arc::new(ctx), listeners, &settings, announce).await?;
    drop(throw_away);
    Ok(())
}

/// Unless somebody says where, everything is in a folder that goes with the process, and the
/// operators' listener takes any free port.
fn throw_away(settings: &mut Settings) -> anyhow::Result<Option<TempDir>> {
    if !settings.server.management_is_given {
        settings.server.management_listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    }
    if settings.data_is_given {
        return Ok(None);
    }
    let folder = tempfile::Builder::new().prefix("consentry-dev-").tempdir()?;
    settings.database = Database::Sqlite { path: folder.path().join("consentry.db") };
    if let MasterKeySource::DataDir(path) = &mut settings.master_key {
        *path = folder.path().join("master.key");
    }
    Ok(Some(folder))
}

/// What `{origin}` stands for: the public URL, or where the listener is.
fn origin(settings: &Settings, address: SocketAddr) -> anyhow::Result<String> {
    if let Some(url) = &settings.server.public_url {
        return Ok(url.as_str().to_owned());
    }
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) if ip.is_unspecified() => format!("[{}]", Ipv6Addr::LOCALHOST),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    let origin = settings.server.local_url(&host, address.port());
    BaseUrl::parse(&origin).map_err(|refused| {
        let message = format!("{origin} {refused}: say with --public-url how it is reached");
        Refusal::usage(message)
    })?;
    Ok(origin)
}

/// A database that is in use is nothing to play with.
async fn refuse_used(ctx: &Context) -> anyhow::Result<()> {
    match store::accounts::count(&ctx.store).await? {
        0 => Ok(()),
        count => Err(Refusal::invalid(format!(
            "the database is not empty (accounts: {count}): `dev` needs one of its own, `serve` runs this one"
        ))
        .into()),
    }
}
