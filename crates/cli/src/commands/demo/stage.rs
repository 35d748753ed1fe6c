//! The stage: a server with its people, on a free port and in a folder that goes with the process.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use domain::Secret;
use protocol::Context;
use protocol::apply::{Mode, Report};
use store::Database;
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::super::apply::apply_seed;
use crate::exit::Refusal;
use crate::seed::Seed;
use crate::server::{self, Listeners};
use crate::settings::{MasterKeySource, Settings};
use crate::startup::{self, Missing};

const SEED: &str = include_str!("../../../seeds/demo.toml");

/// Any free port, on this machine alone.
const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The server, ready to be started, and what its people know.
pub(super) struct Stage {
    /// The issuer.
    pub(super) origin: String,
    /// Where the database is.
    pub(super) folder: TempDir,
    /// What the people know.
    pub(super) knowledge: Knowledge,
    settings: Settings,
    server: Mutex<Option<(Arc<Context>, Listeners)>>,
}

/// What was made at random, each known to one of the people.
pub(super) struct Knowledge {
    /// The admin's API token.
    pub(super) api_token: Secret,
    /// The user's password.
    pub(super) password: Secret,
    /// The secret of the API.
    pub(super) api_secret: Secret,
    /// The secret of the other app.
    pub(super) other_secret: Secret,
}

impl Stage {
    /// Opens an empty database, fills it, and takes a port.
    pub(super) async fn build(mut settings: Settings) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("consentry-demo-").tempdir()?;
        throw_away(&mut settings, folder.path());
        let listeners = Listeners::bind(&settings.server).await?;
        let origin = format!("http://{}", listeners.public_address()?);
        let ctx = startup::open(&settings, Missing::Make).await?;
        let seed = Seed::parse("the demo's seed", SEED.to_owned(), &origin, Path::new("."));
        let seed = seed.map_err(Refusal::invalid)?;
        let report = apply_seed(&ctx, &seed, Mode::Apply).await?;
        let knowledge = Knowledge::of(&report)?;
        let server = Mutex::new(Some((Arc::new(ctx), listeners)));
        Ok(Self { origin, folder, knowledge, settings, server })
    }

    /// Serves, as `dev` does, until a signal says to stop. Whoever called before is answered now.
    pub(super) async fn serve(&self) -> anyhow::Result<()> {
        let (ctx, listeners) = self.server.lock().await.take().context("it serves already")?;
        server::serve(ctx, listeners, &self.settings).await
    }
}

/// Whatever was set: the demo touches nothing of the operator's.
fn throw_away(settings: &mut Settings, folder: &Path) {
    settings.server.listen = ANY_PORT;
    settings.server.management_listen = ANY_PORT;
    settings.server.public_url = None;
    settings.server.tls = None;
    settings.database = Database::Sqlite { path: folder.join("consentry.db") };
    settings.master_key = MasterKeySource::DataDir(folder.join("master.key"));
    settings.notify_socket = None;
}

impl Knowledge {
    fn of(report: &Report) -> anyhow::Result<Self> {
        let made = |noun: &str, name: &str| {
            let mut changes = report.changes.iter();
            let change = changes.find(|it| it.noun == noun && it.name.ends_with(name));
            let secret = change.and_then(|change| change.made_secret.clone());
            secret.with_context(|| format!("the seed made no secret for {noun} {name}"))
        };
        Ok(Self {
            api_token: made("api_token", super::story::ADMIN)?,
            password: made("user", super::story::USER)?,
            api_secret: made("client", super::story::API)?,
            other_secret: made("client", super::story::OTHER_APP)?,
        })
    }
}
