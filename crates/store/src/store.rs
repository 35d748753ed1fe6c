//! The store: opens a database, begins units of work, and says how it is.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use domain::Id;

use crate::batches::Batches;
use crate::cache::{Cache, Memory};
use crate::engine::postgres::Postgres;
use crate::engine::sqlite::Sqlite;
use crate::engine::{Engine, Purpose, Row, Statement, Value};
use crate::generation::Generation;
use crate::ids::Ids;
use crate::migrations::{self, Migration, MigrationReport, MigrationStatus};
use crate::watch::Watch;
use crate::{Fault, Transaction, clients};

/// Where everything is remembered.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The database.
    pub database: Database,
}

/// A database of either engine.
#[derive(Clone)]
pub enum Database {
    /// One SQLite file; it is created, its folder is not.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// A PostgreSQL server, or several of which one takes writes.
    Postgres {
        /// A URL or `key=value` settings, with `sslmode`, `sslrootcert`, several hosts and `target_session_attrs`.
        url: String,
        /// How many units of work may be open at once.
        max_connections: usize,
    },
}

impl std::fmt::Debug for Database {
    /// The URL may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite { path } => f.debug_struct("Sqlite").field("path", path).finish(),
            Self::Postgres { max_connections, .. } => f
                .debug_struct("Postgres")
                .field("max_connections", max_connections)
                .finish_non_exhaustive(),
        }
    }
}

/// An open database; clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

pub(crate) struct Inner {
    engine: Engine,
    ids: Ids,
    generation: Arc<Generation>,
    memory: Memory,
    batches: Batches,
    statements: AtomicU64,
    commits: AtomicU64,
}

impl Store {
    /// Opens the database. It does not migrate; a SQLite file is created.
    pub async fn open(options: &StoreOptions) -> Result<Self, Fault> {
        let generation = Arc::new(Generation::new());
        let engine = match &options.database {
            Database::Sqlite { path } => {
                Engine::Sqlite(Sqlite::open(path, Arc::clone(&generation)).await?)
            }
            Database::Postgres { url, max_connections } => Engine::Postgres(Box::new(
                Postgres::open(url, *max_connections, Arc::clone(&generation)).await?,
            )),
        };
        Ok(Self(Arc::new_cyclic(|inner| Inner {
            engine,
            ids: Ids::new(),
            generation,
            memory: Memory::new(),
            batches: Batches::start(inner),
            statements: AtomicU64::new(0),
            commits: AtomicU64::new(0),
        })))
    }

    /// The store, if anybody else still has it open.
    pub(crate) fn upgrade(inner: &Weak<Inner>) -> Option<Self> {
        inner.upgrade().map(Self)
    }

    /// Applies every migration that is missing, and fills in what SQL alone cannot.
    pub async fn migrate(&self) -> Result<MigrationReport, Fault> {
        let report = self.migrate_with(migrations::ALL).await?;
        clients::fill_origins(self).await?;
        Ok(report)
    }

    /// Which migrations are applied, and which are not.
    pub async fn migration_status(&self) -> Result<Vec<MigrationStatus>, Fault> {
        self.migration_status_with(migrations::ALL).await
    }

    /// Begins a unit of work; it has ids in hand. Where too many wait to begin one, it is refused at once.
    pub async fn begin(&self) -> Result<Transaction, Fault> {
        self.0.engine.require_room(Purpose::Other)?;
        self.begin_flush().await
    }

    /// Begins a unit of work that revokes, also where nothing else finds room to wait.
    pub async fn begin_revocation(&self) -> Result<Transaction, Fault> {
        self.0.engine.require_room(Purpose::Revocation)?;
        self.begin_flush().await
    }

    /// Begins the unit of work of a flush, whose writes have waited for their turn already.
    pub(crate) async fn begin_flush(&self) -> Result<Transaction, Fault> {
        self.0.ids.ensure(&self.0.engine).await?;
        Ok(Transaction::new(self.0.engine.begin().await?, self.clone()))
    }

    /// An id for something whose name must be known before its unit of work begins.
    pub async fn reserve_id<T>(&self) -> Result<Id<T>, Fault> {
        self.0.ids.ensure(&self.0.engine).await?;
        self.0.ids.take().map(Id::new)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Fault> {
        static PING: Statement = Statement::new("ping", "SELECT 1");
        self.0.engine.read(&PING, &[], |_| Ok(())).await
    }

    /// The database's clock minus ours, in milliseconds. SQLite has no clock of its own.
    pub async fn clock_offset(&self) -> Result<i64, Fault> {
        match &self.0.engine {
            Engine::Sqlite(_) => Ok(0),
            Engine::Postgres(postgres) => postgres.clock_offset().await,
        }
    }

    /// Starts to watch for changes made by other processes; until then caches are not trusted.
    #[must_use = "dropping it ends the watch"]
    pub fn watch(&self) -> Watch {
        Watch::start(self)
    }

    /// What changes seldom, read through this node's memory.
    pub fn cache(&self) -> Cache<'_> {
        Cache::of(self, &self.0.memory)
    }

    /// How many statements have been run so far.
    pub fn statement_count(&self) -> u64 {
        self.0.statements.load(Ordering::Relaxed)
    }

    /// How many units of work have been sent to be committed so far. Those that share a statement count as one.
    pub fn commit_count(&self) -> u64 {
        self.0.commits.load(Ordering::Relaxed)
    }

    /// Applies the given migrations instead of our own. For tests of the engine.
    #[doc(hidden)]
    pub async fn migrate_with(&self, list: &'static [Migration]) -> Result<MigrationReport, Fault> {
        migrations::up(&self.0.engine, list).await
    }

    /// The status of the given migrations instead of our own. For tests of the engine.
    #[doc(hidden)]
    pub async fn migration_status_with(
        &self,
        list: &'static [Migration],
    ) -> Result<Vec<MigrationStatus>, Fault> {
        migrations::status(&self.0.engine, list).await
    }

    pub(crate) async fn read<F>(
        &self,
        statement: &Statement,
        values: &[Value<'_>],
        each: F,
    ) -> Result<(), Fault>
    where
        F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
    {
        self.note(statement);
        self.0.engine.read(statement, values, each).await
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn generation(&self) -> &Generation {
        &self.0.generation
    }

    pub(crate) fn batches(&self) -> &Batches {
        &self.0.batches
    }

    pub(crate) fn next_id(&self) -> Result<i64, Fault> {
        self.0.ids.take()
    }

    /// Counts a statement that is about to run, and names it to whoever traces.
    pub(crate) fn note(&self, statement: &Statement) {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
        tracing::trace!(target: "store::statement", name = statement.name());
    }

    /// Counts a unit of work that is about to be committed.
    pub(crate) fn note_commit(&self) {
        self.0.commits.fetch_add(1, Ordering::Relaxed);
    }
}
