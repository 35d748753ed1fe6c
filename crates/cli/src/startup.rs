//! The start that every command shares: the database opened, its master key proven, its schema
//! brought up to date, and the context made.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use protocol::{Clock, Context, Entropy};
use store::{Database, MigrationState, Store, StoreOptions};

use crate::exit::Refusal;
use crate::master_key;
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
    let store = open_store(&settings.database, missing).await?;
    let states = migration_states(&store).await?;
    let is_new = states.iter().all(|state| *state == MigrationState::Pending);
    if missing == Missing::Refuse && states.contains(&MigrationState::Pending) {
        let message =
            "the database's schema is older than this program: run `consentry migrate up`";
        return Err(Refusal::unavailable(message).into());
    }
    let stored = if is_new { None } else { master_key::stored_check(&store).await? };
    let keyring = master_key::unlock(&settings.master_key, stored.as_deref())?;
    store.migrate().await?;
    if stored.is_none() {
        master_key::store_check(&store, &keyring).await?;
    }
    let clock = Clock::system();
    clock.correct(store.clock_offset().await?);
    Ok(Context::new(store, clock, Entropy::Os, keyring))
}

/// Opens the database alone.
pub(crate) async fn open_store(database: &Database, missing: Missing) -> anyhow::Result<Store> {
    if let Database::Sqlite { path } = database {
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
            Missing::Make => make_folder(path)?,
        }
    }
    Ok(Store::open(&StoreOptions { database: database.clone() }).await?)
}

async fn migration_states(store: &Store) -> anyhow::Result<Vec<MigrationState>> {
    let status = store.migration_status().await?;
    Ok(status.into_iter().map(|migration| migration.state).collect())
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
