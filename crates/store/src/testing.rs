//! For tests of the crates above: databases that go away, and looks at everything that is stored.

mod database;

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use domain::{AccountId, UserId};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

pub use self::database::RowChanges;
use crate::engine::Statement;
use crate::{Database, Failure, Fault, Source, Store, StoreOptions, settle};

/// The server on which tests make databases.
const SERVER: Option<&str> = option_env!("CONSENTRY_TEST_POSTGRES");

/// One database of one test: a file in a temporary folder, or a database of its own on the PostgreSQL
/// of `CONSENTRY_TEST_POSTGRES`. It goes away when dropped.
pub struct TestDatabase {
    /// How to open it.
    pub options: StoreOptions,
    home: Home,
}

enum Home {
    Folder { _until_dropped: TempDir },
    Server(String),
}

impl TestDatabase {
    /// A SQLite file.
    ///
    /// # Panics
    /// If there is no temporary folder.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = Database::Sqlite { path: folder.path().join("test.db") };
        Self { options: StoreOptions { database }, home: Home::Folder { _until_dropped: folder } }
    }

    /// A PostgreSQL database.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn postgres() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("consentry_story_{}_{number}", std::process::id());
        let create = format!("CREATE DATABASE {name} ENCODING UTF8 TEMPLATE template0");
        connect().await.batch_execute(&create).await.expect("creates a database");
        let mut url = url::Url::parse(server()).expect("CONSENTRY_TEST_POSTGRES is a URL");
        url.set_path(&name);
        let database = Database::Postgres { url: url.to_string(), max_connections: 32 };
        Self { options: StoreOptions { database }, home: Home::Server(name) }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Home::Server(name) = &self.home else { return };
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime");
            runtime.block_on(async { connect().await.batch_execute(&sql).await })
        };
        // On a thread of its own: this one may be driving the runtime of the test.
        if let Ok(Err(error)) = thread::spawn(work).join() {
            panic!("the database {name} stays behind: {error}");
        }
    }
}

fn server() -> &'static str {
    SERVER.expect("tests that need PostgreSQL are ignored without it")
}

async fn connect() -> Client {
    let (client, connection) =
        tokio_postgres::connect(server(), NoTls).await.expect("PostgreSQL answers");
    tokio::spawn(connection);
    client
}

/// What a busy machine may take for what a quick one does at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// Looks until it is so, and says whether it came to be.
pub async fn eventually(mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let began = Instant::now();
    while !is_so().await {
        if began.elapsed() > PATIENCE {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}

/// Every text of every table that could hold a credential by mistake, as `table: text`.
static TEXTS: [Statement; 14] = [
    Statement::new(
        "texts of users",
        "SELECT email || ' ' || name || ' ' || claims || ' ' || COALESCE(password_hash, '') FROM users",
    ),
    Statement::new(
        "texts of clients",
        "SELECT identifier || ' ' || name || ' ' || COALESCE(company, '') || ' ' || COALESCE(description, '') || ' ' || redirect_uris || ' ' || COALESCE(metadata, '') FROM clients",
    ),
    Statement::new(
        "texts of client_secrets",
        "SELECT hint || ' ' || COALESCE(label, '') FROM client_secrets",
    ),
    Statement::new("texts of grants", "SELECT scopes || ' ' || resources FROM grants"),
    Statement::new(
        "texts of authorization_requests",
        "SELECT parameters FROM authorization_requests",
    ),
    Statement::new(
        "texts of authorization_codes",
        "SELECT redirect_uri || ' ' || COALESCE(code_challenge, '') || ' ' || scopes || ' ' || requested_scopes || ' ' || resources || ' ' || COALESCE(nonce, '') FROM authorization_codes",
    ),
    Statement::new(
        "texts of token_families",
        "SELECT scopes || ' ' || requested_scopes || ' ' || resources FROM token_families",
    ),
    Statement::new(
        "texts of tokens",
        "SELECT scopes || ' ' || resources || ' ' || hint || ' ' || COALESCE(refresh_hint, '') FROM tokens",
    ),
    Statement::new("texts of api_tokens", "SELECT label || ' ' || hint FROM api_tokens"),
    Statement::new(
        "texts of registration_tokens",
        "SELECT label || ' ' || hint FROM registration_tokens",
    ),
    Statement::new("texts of signing_keys", "SELECT kid || ' ' || public_jwk FROM signing_keys"),
    Statement::new("texts of audit_events", "SELECT action || ' ' || details FROM audit_events"),
    Statement::new(
        "texts of global_client_requests",
        "SELECT COALESCE(reason, '') FROM global_client_requests",
    ),
    Statement::new(
        "texts of accounts",
        "SELECT slug || ' ' || name || ' ' || base_urls FROM accounts",
    ),
];

/// Every column of bytes.
static BYTES: [Statement; 12] = [
    Statement::new("bytes of client_secrets", "SELECT hash FROM client_secrets"),
    Statement::new("bytes of client_registrations", "SELECT hash FROM client_registrations"),
    Statement::new("bytes of registration_tokens", "SELECT hash FROM registration_tokens"),
    Statement::new("bytes of authorization_requests", "SELECT hash FROM authorization_requests"),
    Statement::new("bytes of sessions", "SELECT hash FROM sessions"),
    Statement::new("bytes of guesses", "SELECT hash FROM guesses"),
    Statement::new("bytes of authorization_codes", "SELECT hash FROM authorization_codes"),
    Statement::new("bytes of tokens", "SELECT hash FROM tokens"),
    Statement::new(
        "more bytes of tokens",
        "SELECT refresh_hash FROM tokens WHERE refresh_hash IS NOT NULL",
    ),
    Statement::new(
        "sealed bytes of tokens",
        "SELECT successor FROM tokens WHERE successor IS NOT NULL",
    ),
    Statement::new("bytes of signing_keys", "SELECT sealed_private_key FROM signing_keys"),
    Statement::new("bytes of installation", "SELECT value FROM installation"),
];

/// Everything that is stored, text by text and bytes as text, for a search for credentials.
pub async fn contents(store: &Store) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    for statement in &TEXTS {
        found.extend(Source::from(store).all::<String>(statement, &[]).await?);
    }
    for statement in &BYTES {
        let values: Vec<Vec<u8>> = Source::from(store).all(statement, &[]).await?;
        found.extend(values.iter().map(|value| String::from_utf8_lossy(value).into_owned()));
    }
    Ok(found)
}

/// What must have an audit row and has none, by noun and id.
static UNAUDITED: [Statement; 10] = [
    Statement::new(
        "unaudited accounts",
        "SELECT 'account ' || CAST(id AS TEXT) FROM accounts WHERE NOT EXISTS (SELECT 1 FROM audit_events WHERE target_kind = 'account' AND target_id = accounts.id AND action = 'account.created')",
    ),
    Statement::new(
        "unaudited users",
        "SELECT 'user ' || CAST(id AS TEXT) FROM users WHERE NOT EXISTS (SELECT 1 FROM audit_events WHERE target_kind = 'user' AND target_id = users.id AND action = 'user.created')",
    ),
    Statement::new(
        "unaudited clients",
        "SELECT 'client ' || CAST(id AS TEXT) FROM clients WHERE NOT EXISTS (SELECT 1 FROM audit_events WHERE target_kind = 'client' AND target_id = clients.id AND action = 'client.created')",
    ),
    Statement::new(
        "unaudited promotions",
        "SELECT 'promoted client ' || CAST(id AS TEXT) FROM clients WHERE global_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit_events WHERE target_kind = 'client' AND target_id = clients.id AND action = 'client.promoted')",
    ),
    Statement::new(
        "unaudited blocks",
        "SELECT 'blocked client ' || CAST(client_id AS TEXT) FROM client_blocks WHERE NOT EXISTS (SELECT 1 FROM audit_events WHERE account_id = client_blocks.account_id AND target_kind = 'client' AND target_id = client_blocks.client_id AND action = 'client.blocked')",
    ),
    Statement::new(
        "unaudited sessions",
        "SELECT 'session ' || CAST(id AS TEXT) FROM sessions WHERE NOT EXISTS (SELECT 1 FROM audit_events WHERE target_kind = 'session' AND target_id = sessions.id AND action = 'session.created')",
    ),
    Statement::new(
        "unaudited api tokens",
        "SELECT 'api_token ' || CAST(id AS TEXT) FROM api_tokens WHERE NOT EXISTS (SELECT 1 FROM audit_events WHERE target_kind = 'api_token' AND target_id = api_tokens.id AND action = 'api_token.created')",
    ),
    Statement::new(
        "unaudited registration tokens",
        "SELECT 'registration_token ' || CAST(id AS TEXT) FROM registration_tokens WHERE NOT EXISTS (SELECT 1 FROM audit_events WHERE target_kind = 'registration_token' AND target_id = registration_tokens.id AND action = 'registration_token.created')",
    ),
    Statement::new(
        "unaudited grants",
        "SELECT 'grant ' || CAST(id AS TEXT) FROM grants WHERE NOT EXISTS (SELECT 1 FROM audit_events WHERE target_kind = 'client' AND target_id = grants.client_id AND actor_id = grants.user_id AND action = 'grant.created')",
    ),
    Statement::new(
        "unaudited revocations",
        "SELECT 'revoked grant ' || CAST(id AS TEXT) FROM grants WHERE revoked_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit_events WHERE action IN ('grant.revoked', 'grants.revoked') AND actor_id = grants.user_id)",
    ),
];

/// What was changed without an audit row in the same transaction.
pub async fn unaudited(store: &Store) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    for statement in &UNAUDITED {
        found.extend(Source::from(store).all::<String>(statement, &[]).await?);
    }
    Ok(found)
}

static SECRETS_USED_AT: Statement = Statement::new(
    "used_at of client_secrets",
    "SELECT used_at FROM client_secrets WHERE client_id = $1 AND used_at IS NOT NULL ORDER BY id",
);

/// When the secrets of a client were last used, of those that were.
pub async fn secrets_used_at(
    store: &Store,
    client_id: domain::ClientId,
) -> Result<Vec<domain::Timestamp>, Fault> {
    let used_at: Vec<i64> = Source::from(store).all(&SECRETS_USED_AT, &[client_id.into()]).await?;
    Ok(used_at.into_iter().map(domain::Timestamp::from_millis).collect())
}

/// A table that can be made to go missing.
#[derive(Clone, Copy, Debug)]
pub enum Hideable {
    /// Without it no token is found.
    TokenFamilies,
    /// Without it tokens are found, and no change can be stored.
    AuditEvents,
    /// Without it it cannot be written when a grant was used.
    Grants,
    /// Without it no guess is counted.
    Guesses,
}

static HIDE: [Statement; 4] = [
    Statement::new("hide token_families", "ALTER TABLE token_families RENAME TO hidden_families"),
    Statement::new("hide audit_events", "ALTER TABLE audit_events RENAME TO hidden_events"),
    Statement::new("hide grants", "ALTER TABLE grants RENAME TO hidden_grants"),
    Statement::new("hide guesses", "ALTER TABLE guesses RENAME TO hidden_guesses"),
];
static BRING_BACK: [Statement; 4] = [
    Statement::new("return token_families", "ALTER TABLE hidden_families RENAME TO token_families"),
    Statement::new("return audit_events", "ALTER TABLE hidden_events RENAME TO audit_events"),
    Statement::new("return grants", "ALTER TABLE hidden_grants RENAME TO grants"),
    Statement::new("return guesses", "ALTER TABLE hidden_guesses RENAME TO guesses"),
];

/// Breaks the database: whatever needs this table meets a fault.
pub async fn hide(store: &Store, table: Hideable) -> Result<(), Fault> {
    run_alone(store, &HIDE[table as usize]).await
}

/// Mends what [`hide`] broke.
pub async fn bring_back(store: &Store, table: Hideable) -> Result<(), Fault> {
    run_alone(store, &BRING_BACK[table as usize]).await
}

static MIX_UP_KEYS: Statement = Statement::new(
    "mix up signing_keys",
    "UPDATE signing_keys SET sealed_private_key = (SELECT other.sealed_private_key FROM signing_keys AS other WHERE other.id <> signing_keys.id ORDER BY other.id DESC LIMIT 1)",
);

/// Puts the sealed private key of each row into another row, as an intruder in the database could.
pub async fn mix_up_keys(store: &Store) -> Result<(), Fault> {
    run_alone(store, &MIX_UP_KEYS).await
}

static FORGET_KEY_TIMES: Statement = Statement::new(
    "forget times of signing_keys",
    "UPDATE signing_keys SET current_at = NULL, retiring_at = NULL, retired_at = NULL, revoked_at = NULL, due_at = NULL",
);

/// Leaves of the signing keys what a version of before these times writes.
pub async fn forget_key_times(store: &Store) -> Result<(), Fault> {
    run_alone(store, &FORGET_KEY_TIMES).await
}

async fn run_alone(store: &Store, statement: &'static Statement) -> Result<(), Fault> {
    let mut tx = store.begin().await?;
    let done = tx.execute(statement, &[]).await;
    settle::<u64, Infallible>(tx, done.map_err(Into::into)).await.map_err(Failure::into_fault)?;
    Ok(())
}

/// A table whose rows stories count.
#[derive(Clone, Copy, Debug)]
pub enum Counted {
    /// The authorization codes that were issued.
    AuthorizationCodes,
    /// The token families that were begun.
    TokenFamilies,
    /// The grants, live and revoked.
    Grants,
    /// The authorization requests that wait or were decided.
    AuthorizationRequests,
    /// The counts of failed guesses.
    Guesses,
    /// The assertions that were used.
    UsedAssertions,
    /// The sessions, also those that have ended.
    Sessions,
    /// The issues, also those that have ended.
    Tokens,
    /// The identifiers that clients have.
    ClientIdentifiers,
}

static COUNTS: [Statement; 9] = [
    Statement::new("count of authorization_codes", "SELECT COUNT(*) FROM authorization_codes"),
    Statement::new("count of token_families", "SELECT COUNT(*) FROM token_families"),
    Statement::new("count of grants", "SELECT COUNT(*) FROM grants"),
    Statement::new(
        "count of authorization_requests",
        "SELECT COUNT(*) FROM authorization_requests",
    ),
    Statement::new("count of guesses", "SELECT COUNT(*) FROM guesses"),
    Statement::new("count of used_assertions", "SELECT COUNT(*) FROM used_assertions"),
    Statement::new("count of sessions", "SELECT COUNT(*) FROM sessions"),
    Statement::new("count of tokens", "SELECT COUNT(*) FROM tokens"),
    Statement::new("count of client_identifiers", "SELECT COUNT(*) FROM client_identifiers"),
];

/// How many rows a table has.
pub async fn count(store: &Store, counted: Counted) -> Result<i64, Fault> {
    let statement = match counted {
        Counted::AuthorizationCodes => &COUNTS[0],
        Counted::TokenFamilies => &COUNTS[1],
        Counted::Grants => &COUNTS[2],
        Counted::AuthorizationRequests => &COUNTS[3],
        Counted::Guesses => &COUNTS[4],
        Counted::UsedAssertions => &COUNTS[5],
        Counted::Sessions => &COUNTS[6],
        Counted::Tokens => &COUNTS[7],
        Counted::ClientIdentifiers => &COUNTS[8],
    };
    Ok(Source::from(store).optional(statement, &[]).await?.unwrap_or(0))
}

static FILL_WITH_CLIENTS: Statement = Statement::new(
    "fill with clients",
    "INSERT INTO clients (id, account_id, identifier, identifier_folded, name, kind, redirect_uris, post_logout_redirect_uris, authentication_method, user_id, state, created_at, updated_at) WITH RECURSIVE numbers (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < $3) SELECT 1000000000000 + n, CAST($1 AS BIGINT), 'filling-' || CAST(n AS TEXT), 'filling-' || CAST(n AS TEXT), 'Filling ' || CAST(1000000 + n AS TEXT), 'public', '[]', '[]', 'none', CAST($2 AS BIGINT), 'active', 1000000000000 + n, 1000000000000 + n FROM numbers",
);

static KNOW_CLIENTS: Statement = Statement::new("know clients", "ANALYZE clients");

/// Puts this many clients of one user into an account, past every flow: an account that has grown.
pub async fn fill_with_clients(
    store: &Store,
    account_id: AccountId,
    owner: UserId,
    count: i64,
) -> Result<(), Fault> {
    let mut tx = store.begin().await?;
    let values = [account_id.into(), owner.into(), count.into()];
    let done = tx.execute(&FILL_WITH_CLIENTS, &values).await;
    settle::<u64, Infallible>(tx, done.map_err(Into::into)).await.map_err(Failure::into_fault)?;
    // A table that has grown bit by bit is one whose figures the database knows.
    run_alone(store, &KNOW_CLIENTS).await
}
