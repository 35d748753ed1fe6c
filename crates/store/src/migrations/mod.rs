//! Migrations: one text for both engines, applied once each, in order, each in one transaction.
//!
//! An applied migration never changes: its checksum is kept beside its name.

mod dialect;
mod postgres;
mod sqlite;

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};

use crate::Fault;
use crate::engine::Engine;
use dialect::Dialect;

/// Every migration of this version, in order. A new one is a file and a line.
pub(crate) static ALL: &[Migration] = &[
    Migration { name: "0001_initial", sql: include_str!("../../migrations/0001_initial.sql") },
    Migration { name: "0003_guesses", sql: include_str!("../../migrations/0003_guesses.sql") },
    Migration {
        name: "0002_token_pages",
        sql: include_str!("../../migrations/0002_token_pages.sql"),
    },
    Migration {
        name: "0004_account_settings",
        sql: include_str!("../../migrations/0004_account_settings.sql"),
    },
    Migration {
        name: "0005_global_clients",
        sql: include_str!("../../migrations/0005_global_clients.sql"),
    },
    Migration {
        name: "0006_audit_and_users",
        sql: include_str!("../../migrations/0006_audit_and_users.sql"),
    },
    Migration {
        name: "0007_client_secrets",
        sql: include_str!("../../migrations/0007_client_secrets.sql"),
    },
    Migration {
        name: "0008_client_origins",
        sql: include_str!("../../migrations/0008_client_origins.sql"),
    },
    Migration {
        name: "0009_client_logos",
        sql: include_str!("../../migrations/0009_client_logos.sql"),
    },
    Migration {
        name: "0010_client_pages",
        sql: include_str!("../../migrations/0010_client_pages.sql"),
    },
    Migration {
        name: "0011_client_metadata",
        sql: include_str!("../../migrations/0011_client_metadata.sql"),
    },
    Migration {
        name: "0012_signing_key_states",
        sql: include_str!("../../migrations/0012_signing_key_states.sql"),
    },
    Migration {
        name: "0013_requested_claims",
        sql: include_str!("../../migrations/0013_requested_claims.sql"),
    },
    Migration {
        name: "0014_client_registrations",
        sql: include_str!("../../migrations/0014_client_registrations.sql"),
    },
    Migration {
        name: "0015_used_assertions",
        sql: include_str!("../../migrations/0015_used_assertions.sql"),
    },
    Migration { name: "0016_logout", sql: include_str!("../../migrations/0016_logout.sql") },
    Migration { name: "0017_growth", sql: include_str!("../../migrations/0017_growth.sql") },
];

/// A step of the schema: SQL of the common subset, with a few words in braces for what the engines spell differently.
#[derive(Debug)]
pub struct Migration {
    /// Its number and name; the order of names is the order of application.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
}

/// What `migrate up` did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationReport {
    /// The names of what was applied now.
    pub applied: Vec<String>,
    /// How many were applied before.
    pub already_applied: usize,
}

/// One migration and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: MigrationState,
}

/// Where a migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    /// Applied, as it is written.
    Applied,
    /// Not applied yet.
    Pending,
    /// Applied, but its text is another one now.
    Changed,
    /// Applied by a newer version of this program.
    Newer,
}

/// Name and checksum of each applied migration.
type Applied = BTreeMap<String, Vec<u8>>;

/// Applies what is missing.
pub(crate) async fn up(
    engine: &Engine,
    list: &'static [Migration],
) -> Result<MigrationReport, Fault> {
    match engine {
        Engine::Sqlite(engine) => sqlite::up(engine, list).await,
        Engine::Postgres(engine) => postgres::up(engine, list).await,
    }
}

/// Says where each migration stands.
pub(crate) async fn status(
    engine: &Engine,
    list: &'static [Migration],
) -> Result<Vec<MigrationStatus>, Fault> {
    let applied = match engine {
        Engine::Sqlite(engine) => sqlite::applied(engine).await?,
        Engine::Postgres(engine) => postgres::applied(engine).await?,
    };
    let ours = list.iter().map(|migration| MigrationStatus {
        name: migration.name.to_owned(),
        state: migration.state(&applied),
    });
    let newer = applied.keys().filter(|name| list.iter().all(|migration| migration.name != *name));
    let newer =
        newer.map(|name| MigrationStatus { name: name.clone(), state: MigrationState::Newer });
    Ok(ours.chain(newer).collect())
}

/// The first migration that is missing; refuses when an applied one has changed.
fn next<'a>(list: &'a [Migration], applied: &Applied) -> Result<Option<&'a Migration>, Fault> {
    for migration in list {
        match migration.state(applied) {
            MigrationState::Changed => {
                return Err(Fault::Migration(format!(
                    "migration {} was changed after it had been applied: run the version that \
                     applied it, or restore its text",
                    migration.name
                )));
            }
            MigrationState::Pending => return Ok(Some(migration)),
            MigrationState::Applied | MigrationState::Newer => {}
        }
    }
    Ok(None)
}

impl Migration {
    fn state(&self, applied: &Applied) -> MigrationState {
        match applied.get(self.name) {
            None => MigrationState::Pending,
            Some(checksum) if *checksum == self.checksum() => MigrationState::Applied,
            Some(_) => MigrationState::Changed,
        }
    }

    fn checksum(&self) -> Vec<u8> {
        digest(&SHA256, self.sql.as_bytes()).as_ref().to_vec()
    }

    /// The statements for one engine.
    fn statements(&self, dialect: Dialect) -> Result<Vec<String>, Fault> {
        dialect.statements(self.sql).map_err(|problem| self.refused(&problem))
    }

    fn refused(&self, problem: &str) -> Fault {
        Fault::Migration(format!("migration {}: {problem}", self.name))
    }
}
