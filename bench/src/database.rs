//! Which database is measured, and databases on PostgreSQL that last as long as a measurement.

use std::future::Future;

use anyhow::Context as _;
use tokio_postgres::{Client, NoTls};

use crate::affinity;
use crate::procfs::Process;

const BACKENDS: &str = include_str!("../sql/postgres_backends.sql");

/// Where tokens are.
#[derive(Debug, Clone)]
pub(crate) enum Engine {
    /// A file beside the server.
    Sqlite,
    /// A server on this machine, by the URL of a database in which others can be made.
    Postgres(String),
}

impl Engine {
    /// `sqlite`, or the URL.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "sqlite" => Ok(Self::Sqlite),
            url if url.starts_with("postgres://") => Ok(Self::Postgres(url.to_owned())),
            _ => Err("expected `sqlite` or `postgres://user@host/database`".to_owned()),
        }
    }

    /// As people call it.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// As the reference's paths call it.
    pub(crate) fn place(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "pg",
        }
    }

    /// An empty database on PostgreSQL; none on SQLite, which needs a file only.
    pub(crate) fn make(&self, purpose: &str) -> anyhow::Result<Option<MadeDatabase>> {
        let Self::Postgres(admin) = self else { return Ok(None) };
        let name = format!("bench_{purpose}_{}", std::process::id());
        MadeDatabase::make(admin, &name).map(Some)
    }
}

/// A database that is dropped at the end.
pub(crate) struct MadeDatabase {
    /// Its URL.
    pub(crate) url: String,
    admin: String,
    name: String,
}

impl MadeDatabase {
    fn make(admin: &str, name: &str) -> anyhow::Result<Self> {
        execute(admin, &format!("CREATE DATABASE {name}"))?;
        let (server, _) = admin.rsplit_once('/').context("the URL names a database")?;
        let url = format!("{server}/{name}");
        Ok(Self { url, admin: admin.to_owned(), name: name.to_owned() })
    }

    /// The process that all of PostgreSQL descends from; none: it runs elsewhere.
    pub(crate) fn postmaster(&self) -> anyhow::Result<Option<Process>> {
        Ok(self.backends()?.first().and_then(|backend| backend.parent()).filter(|it| it.0 > 1))
    }

    /// Moves the processes that serve this database away from the server's core.
    pub(crate) fn pin_backends(&self) -> anyhow::Result<()> {
        for backend in self.backends()? {
            // One that has ended meanwhile needs no place.
            let _ = affinity::pin(backend, affinity::cores().load);
        }
        Ok(())
    }

    fn backends(&self) -> anyhow::Result<Vec<Process>> {
        on(&self.url, async |client| {
            let rows = client.query(BACKENDS, &[]).await?;
            Ok(rows.iter().map(|row| row.get(0)).collect::<Vec<i32>>())
        })?
        .into_iter()
        .map(|pid| Ok(Process(u32::try_from(pid)?)))
        .collect()
    }
}

impl Drop for MadeDatabase {
    fn drop(&mut self) {
        let _ = execute(&self.admin, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// Runs statements.
pub(crate) fn execute(url: &str, statements: &str) -> anyhow::Result<()> {
    on(url, async |client| client.batch_execute(statements).await)
}

/// Does something with a connection of its own.
pub(crate) fn on<T, F>(url: &str, work: impl FnOnce(Client) -> F) -> anyhow::Result<T>
where
    F: Future<Output = Result<T, tokio_postgres::Error>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(work(client).await?)
    })
}
