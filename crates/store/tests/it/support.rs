//! Databases for tests: a file in a temporary folder, or a database of its own on the PostgreSQL of
//! `CONSENTRY_TEST_POSTGRES`. Both go away when dropped.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use store::{Database, Fault, Migration, Store, StoreOptions, Transaction};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// The server on which tests make databases; the build script looks at the same variable.
const POSTGRES: Option<&str> = option_env!("CONSENTRY_TEST_POSTGRES");

/// Runs each test on SQLite and on PostgreSQL.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($database:ident) $body:block)+) => {
        $(
            $(#[$meta])*
            async fn $name($database: $crate::support::TestDatabase) $body

            mod $name {
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn sqlite() {
                    super::$name($crate::support::TestDatabase::sqlite()).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                #[cfg_attr(
                    not(postgres_available),
                    ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES"
                )]
                async fn postgres() {
                    super::$name($crate::support::TestDatabase::postgres().await).await;
                }
            }
        )+
    };
}
pub(crate) use on_both_engines;

/// What a busy machine may take for what a quick one does at once. A test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Looks until it is so, and says whether it came to be.
pub(crate) async fn eventually(mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let began = Instant::now();
    while !is_so().await {
        if began.elapsed() > PATIENCE {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}

/// Begins a unit of work beside many rivals: a busy machine may not lend a connection at once.
pub(crate) async fn begin(store: &Store) -> Transaction {
    let began = Instant::now();
    loop {
        match store.begin().await {
            Ok(tx) => return tx,
            Err(Fault::Unavailable(_)) if began.elapsed() < PATIENCE => {}
            Err(fault) => panic!("no unit of work begins: {fault:?}"),
        }
    }
}

/// A small schema for the tests of the engine.
pub(crate) static SCHEMA: &[Migration] = &[Migration {
    name: "0001_tests",
    sql: "
CREATE TABLE epochs (
  name {text} NOT NULL PRIMARY KEY, value BIGINT NOT NULL
){clustered};
CREATE TABLE id_blocks (
  name {text} NOT NULL PRIMARY KEY, next_id BIGINT NOT NULL
){clustered};
CREATE TABLE things (
  id BIGINT NOT NULL,
  name {text} NOT NULL,
  hash {bytes},
  taken_at BIGINT,
  CONSTRAINT things_pkey PRIMARY KEY (id),
  CONSTRAINT things_name_key UNIQUE (name)
);
CREATE TABLE entries (
  bucket BIGINT NOT NULL, hash {bytes} NOT NULL, name {text},
  CONSTRAINT entries_pkey PRIMARY KEY (bucket, hash)
){by_bucket};
{default_partition:entries}
",
}];

/// One database of one test.
pub(crate) struct TestDatabase {
    pub(crate) options: StoreOptions,
    home: Home,
}

enum Home {
    Folder { _until_dropped: TempDir },
    Server(String),
}

impl TestDatabase {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = Database::Sqlite { path: folder.path().join("test.db") };
        Self { options: StoreOptions { database }, home: Home::Folder { _until_dropped: folder } }
    }

    pub(crate) async fn postgres() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("consentry_test_{}_{number}", std::process::id());
        let create = format!("CREATE DATABASE {name} ENCODING UTF8 TEMPLATE template0");
        connect(server()).await.batch_execute(&create).await.expect("creates a database");
        let mut url = url::Url::parse(server()).expect("CONSENTRY_TEST_POSTGRES is a URL");
        url.set_path(&name);
        let database = Database::Postgres { url: url.to_string(), max_connections: 32 };
        Self { options: StoreOptions { database }, home: Home::Server(name) }
    }

    /// A store on it, with the tests' small schema.
    pub(crate) async fn store(&self) -> Store {
        let store = self.open().await;
        store.migrate_with(SCHEMA).await.expect("migrates");
        store
    }

    /// A store on it, with the product's schema.
    pub(crate) async fn migrated(&self) -> Store {
        let store = self.open().await;
        store.migrate().await.expect("migrates");
        store
    }

    /// A store on it as it is.
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.options).await.expect("opens")
    }

    /// The PostgreSQL URL.
    pub(crate) fn url(&self) -> &str {
        match &self.options.database {
            Database::Postgres { url, .. } => url,
            Database::Sqlite { .. } => panic!("a SQLite file has no URL"),
        }
    }

    /// The SQLite file.
    pub(crate) fn path(&self) -> &std::path::Path {
        match &self.options.database {
            Database::Sqlite { path } => path,
            Database::Postgres { .. } => panic!("a PostgreSQL database has no file"),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.options.database, Database::Postgres { .. })
    }

    /// A connection past the store.
    pub(crate) async fn client(&self) -> Client {
        connect(self.url()).await
    }

    /// Changes something behind the store's back.
    pub(crate) async fn behind_the_back(&self, sql: &str) {
        if self.is_postgres() {
            self.client().await.batch_execute(sql).await.expect("runs");
        } else {
            let connection = rusqlite::Connection::open(self.path()).expect("opens");
            connection.execute_batch(sql).expect("runs");
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Home::Server(name) = &self.home else { return };
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime");
            runtime.block_on(async { connect(server()).await.batch_execute(&sql).await })
        };
        // On a thread of its own: this one may be driving the runtime of the test.
        if let Ok(Err(error)) = thread::spawn(work).join() {
            panic!("the database {name} stays behind: {error}");
        }
    }
}

fn server() -> &'static str {
    POSTGRES.expect("tests that need PostgreSQL are ignored without it")
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connects");
    tokio::spawn(connection);
    client
}
