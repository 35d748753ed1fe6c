//! The start that every command shares: the database opened, its master key proven, its schema
//! brought up to date, and the context made.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use protocol::{Clock, Context, Entropy, Outbound};
use store::{Database, MigrationState, Store, StoreOptions};

use crate::exit::Refusal;
use crate::master_key::{self, Whereabouts};
use crate::settings::Settings;

/// What to do when there is no database or schema yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Make them.
    Make,
    /// Refuse: the command is about what is there.
    Refuse,
}

/// Opens everything that flows need.
pub(crate) async fn open(settings: &Settings, missing: Missing) -> anyhow::Result<Context> {
    let store = open_store(settings, missing).await?;
    let states = migration_states(&store).await?;
    let is_new = states.iter().all(|state| *state == MigrationState::Pending);
    if missing == Missing::Refuse && states.contains(&MigrationState::Pending) {
        let message =
            "the database's schema is older than this program: run `consentry migrate up`";
        return Err(Refusal::unavailable(message).into());
    }
    let stored = if is_new { None } else { master_key::stored_check(&store).await? };
    let whereabouts = match settings.database {
        Database::Sqlite { .. } => Whereabouts::Here,
        Database::Postgres { .. } => Whereabouts::OtherNodes,
    };
    let keyring = master_key::unlock(&settings.master_key, stored.as_deref(), whereabouts)?;
    store.migrate().await?;
    if stored.is_none() {
        master_key::store_check(&store, &keyring).await?;
    }
    let clock = Clock::system();
    clock.correct(store.clock_offset().await?);
    let mut ctx = Context::new(store, clock, Entropy::Os, keyring);
    ctx.policy.global_client_prefix = settings.global_client_prefix.clone();
    ctx.policy.logout.session_management = settings.session_management;
    ctx.outbound = Outbound::new(settings.allow_outbound.clone());
    ctx.policy.keys.rotation = settings.key_rotation;
    Ok(ctx)
}

/// Opens the database alone.
pub(crate) async fn open_store(settings: &Settings, missing: Missing) -> anyhow::Result<Store> {
    if let Database::Sqlite { path } = &settings.database {
        match missing {
            Missing::Refuse if !path.exists() => {
                return Err(Refusal::unavailable(format!(
                    "there is no database at {}: `consentry serve` makes one, --data-dir or \
                     --database-url names another",
                    path.display()
                ))
                .into());
            }
            Missing::Refuse => {}
            Missing::Make => make_file(path, settings.database_is_given)?,
        }
    }
    Ok(Store::open(&StoreOptions { database: settings.database.clone() }).await?)
}

async fn migration_states(store: &Store) -> anyhow::Result<Vec<MigrationState>> {
    let status = store.migration_status().await?;
    Ok(status.into_iter().map(|migration| migration.state).collect())
}

/// The database is for its owner alone. Only the folder of `data_dir` is made: one that somebody
/// named with the file is there, or its name is wrong.
fn make_file(path: &Path, is_given: bool) -> anyhow::Result<()> {
    if !is_given {
        make_folder(path)?;
    }
    let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    if let Err(error) = made {
        tracing::debug!(%error, "the database's file cannot be made");
    }
    Ok(())
}

/// The folder of the database is for its owner alone.
fn make_folder(database: &Path) -> anyhow::Result<()> {
    let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
        let place = folder.display();
        Refusal::unavailable(format!("the directory {place} cannot be made: {error}")).into()
    })
}
