//! Every statement finds what it looks for by an index, on both engines, with partitions and without. The hot ones use a
//! certain one: by these columns.

use domain::ExpiryBucket;
use store::engine::Statement;
use store::{Bucketed, Store};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::conformance::is_one_of;
use crate::support::TestDatabase;

/// Statements that look at every row, and may: what they count or lay out is all they touch.
const WITHOUT_INDEX: [&str; 1] = ["accounts::COUNT"];

/// The statements of requests and of the deletion of ended rows, and the columns of the index by which each looks.
const HOT: [(&str, &[&str]); 24] = [
    ("tokens::BY_ACCESS", &["bucket", "hash"]),
    ("tokens::BY_ACCESS", &["id"]),
    ("tokens::BY_REFRESH", &["bucket", "refresh_hash"]),
    ("tokens::BY_REFRESH", &["id"]),
    ("tokens::ROTATED", &["bucket", "hash"]),
    ("tokens::GRACE", &["bucket", "hash"]),
    ("tokens::USED", &["bucket", "hash"]),
    ("tokens::REVOKE", &["bucket", "hash"]),
    ("tokens::ended::DELETE_BEFORE", &["bucket"]),
    ("tokens::endless::PLACE", &["bucket", "hash"]),
    ("token_families::SHOW", &["id"]),
    ("token_families::REVOKE", &["id"]),
    ("token_families::DELETE_ENDED", &["expires_at"]),
    ("authorization_codes::SHOW", &["bucket", "hash"]),
    ("authorization_codes::FAILED", &["bucket", "hash"]),
    ("authorization_codes::DELETE_BEFORE", &["bucket"]),
    ("authorization_requests::SHOW", &["account_id", "hash"]),
    ("sessions::BY_HASH", &["account_id", "hash"]),
    ("sessions::SEEN", &["id"]),
    ("grants::LIVE", &["id"]),
    ("grants::DELETE_REVOKED", &["revoked_at"]),
    ("denied_jtis::EXISTS", &["account_id", "jti_hash"]),
    ("denied_jtis::DELETE_EXPIRED", &["expires_at"]),
    ("guesses::SHOW", &["account_id", "hash"]),
];

/// What looks by a bucket, and so has to do with one partition.
const OF_ONE_BUCKET: [&str; 9] = [
    "tokens::BY_ACCESS",
    "tokens::BY_REFRESH",
    "tokens::ROTATED",
    "tokens::GRACE",
    "tokens::USED",
    "tokens::REVOKE",
    "authorization_codes::SHOW",
    "authorization_codes::REDEEM",
    "authorization_codes::FAILED",
];

/// A week in hours, and some hour.
const WEEK: i64 = 7 * 24;
const SOME_BUCKET: i64 = 2_900 * WEEK + 50;

/// Partitions for fifteen weeks of tokens, as a running server has them.
async fn partitioned(store: &Store) {
    let house = store.keep_house().await.expect("it answers").expect("nobody else is at it");
    let bucket = ExpiryBucket::from_stored;
    let weeks = bucket(SOME_BUCKET)..bucket(SOME_BUCKET + 14 * WEEK);
    for table in [Bucketed::Tokens, Bucketed::AuthorizationCodes] {
        assert_eq!(house.make_room(table, weeks.clone()).await, Ok(16));
    }
}

/// So many rows that reading one by an index is cheaper than reading all by another.
const FILL: &str = "
INSERT INTO grants (id, account_id, user_id, client_id, scopes, resources, created_at, updated_at)
SELECT n, 1, n % 20, n, '', '', 1, 1 FROM generate_series(1, 2000) AS n;
INSERT INTO token_families
  (id, account_id, client_id, user_id, grant_id, possession, scopes, requested_scopes, resources,
   generation, used_generation, auth_time, created_at, expires_at)
SELECT n, 1, 1, n, n, 'client_secret', '', '', '', 1, 0, 1, 1, n FROM generate_series(1, 2000) AS n;
INSERT INTO tokens
  (id, bucket, hash, refresh_hash, account_id, client_id, user_id, family_id, generation, scopes,
   resources, hint, created_at, grace_count)
SELECT n, 487200 + n, CAST(CAST(n AS TEXT) AS BYTEA), CAST(CAST(n AS TEXT) AS BYTEA), 1, 1, n, n, 1,
  '', '', '', 1, 0
FROM generate_series(1, 2000) AS n;
INSERT INTO authorization_codes
  (id, bucket, hash, account_id, client_id, user_id, grant_id, session_id, redirect_uri, scopes,
   requested_scopes, resources, auth_time, created_at, expires_at, failed_attempts)
SELECT n, 487200 + n, CAST(CAST(n AS TEXT) AS BYTEA), 1, 1, n, n, n, '', '', '', '', 1, 1, n, 0
FROM generate_series(1, 2000) AS n;
INSERT INTO sessions
  (id, hash, account_id, user_id, auth_time, created_at, last_seen_at, expires_at)
SELECT n, CAST(CAST(n AS TEXT) AS BYTEA), 1, n, 1, 1, 1, n FROM generate_series(1, 2000) AS n;
ANALYZE";

/// The steps of a plan, a line each.
type Plan = Vec<String>;

#[tokio::test]
async fn every_statement_has_an_index_on_sqlite() {
    let database = TestDatabase::sqlite();
    drop(database.migrated().await);
    let connection = rusqlite::Connection::open(database.path()).expect("it opens");
    for statement in searching() {
        let scan = sqlite_plan(&connection, statement).into_iter().find(|step| is_scan(step));
        assert_eq!(scan, None, "{} scans a table", statement.name());
    }
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn every_statement_has_an_index_on_postgres() {
    let database = TestDatabase::postgres().await;
    let store = database.migrated().await;
    let client = planning_once(&database).await;
    no_statement_scans(&client).await;
    partitioned(&store).await;
    no_statement_scans(&client).await;
}

async fn no_statement_scans(client: &Client) {
    for statement in searching() {
        let plan = postgres_plan(client, "EXPLAIN", statement).await;
        let scan = plan.into_iter().find(|step| step.contains("Seq Scan"));
        assert_eq!(scan, None, "{} scans a table", statement.name());
    }
}

#[tokio::test]
async fn hot_statements_look_by_their_index_on_sqlite() {
    let database = TestDatabase::sqlite();
    drop(database.migrated().await);
    let connection = rusqlite::Connection::open(database.path()).expect("it opens");
    let missed = || -> Vec<_> {
        let plan = |name| sqlite_plan(&connection, named(name));
        HOT.into_iter().filter(|(name, columns)| !is_used_by_sqlite(&plan(name), columns)).collect()
    };
    let none: Vec<(&str, &[&str])> = Vec::new();
    assert_eq!(missed(), none);
    connection.execute_batch(DROP_AN_INDEX).expect("it is dropped");
    assert_eq!(missed(), MISSED_WITHOUT);
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn hot_statements_look_by_their_index_on_postgres() {
    let database = TestDatabase::postgres().await;
    partitioned(&database.migrated().await).await;
    let client = database.client().await;
    client.batch_execute(FILL).await.expect("it is filled");
    client.batch_execute("SET enable_seqscan = off").await.expect("it is set");
    assert_eq!(missed_on_postgres(&client).await, []);
    client.batch_execute(DROP_AN_INDEX).await.expect("it is dropped");
    assert_eq!(missed_on_postgres(&client).await, MISSED_WITHOUT);
}

/// An index, and what is noticed without it.
const DROP_AN_INDEX: &str = "DROP INDEX tokens_refresh_hash_key; DROP INDEX grants_revoked";
const MISSED_WITHOUT: [(&str, &[&str]); 2] = [
    ("tokens::BY_REFRESH", &["bucket", "refresh_hash"]),
    ("grants::DELETE_REVOKED", &["revoked_at"]),
];

async fn missed_on_postgres(client: &Client) -> Vec<(&'static str, &'static [&'static str])> {
    let mut missed = Vec::new();
    for (name, columns) in HOT {
        if !is_used_by_postgres(&postgres_plan(client, "EXPLAIN", named(name)).await, columns) {
            missed.push((name, columns));
        }
    }
    missed
}

/// Planned once for all, as a server does, a look-up by bucket reads one partition of sixteen.
#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn what_looks_by_a_bucket_reads_one_partition() {
    let database = TestDatabase::postgres().await;
    partitioned(&database.migrated().await).await;
    let client = planning_once(&database).await;
    for name in OF_ONE_BUCKET {
        let plan = postgres_plan(&client, "EXPLAIN (ANALYZE)", named(name)).await;
        let of_partition = |step: &&String| {
            step.contains(" on tokens_") || step.contains(" on authorization_codes_")
        };
        let read = plan.iter().filter(of_partition).filter(|step| step.contains("Index Scan"));
        let others = plan.iter().find(|step| step.contains("Subplans Removed: 16"));
        assert_eq!((read.count(), others.is_some()), (1, true), "{name}: {plan:#?}");
    }
}

/// A connection past the store that plans as the store's do. Tables are empty, so a scan would be the
/// cheapest; it stays only where nothing else is possible.
async fn planning_once(database: &TestDatabase) -> Client {
    let client = database.client().await;
    let settings = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";
    client.batch_execute(settings).await.expect("it is set");
    client
}

/// The statements that look for something.
fn searching() -> impl Iterator<Item = &'static Statement> {
    store::statements::all().filter(|it| !is_one_of(&WITHOUT_INDEX, it.name()))
}

fn named(name: &str) -> &'static Statement {
    let found = store::statements::all().find(|statement| is_one_of(&[name], statement.name()));
    found.unwrap_or_else(|| panic!("there is no statement {name}"))
}

fn sqlite_plan(connection: &rusqlite::Connection, statement: &Statement) -> Plan {
    let sql = format!("EXPLAIN QUERY PLAN {}", statement.sqlite_sql());
    let mut explain = connection.prepare(&sql).expect("it is prepared");
    let plan = explain.raw_query().mapped(|row| row.get(3));
    plan.map(|step| step.expect("a step")).collect()
}

/// Rows that the statement itself spells out are no table's.
fn is_scan(step: &str) -> bool {
    let is_of_constants = step.contains("CONSTANT ROW") || step.starts_with("SCAN given");
    step.starts_with("SCAN") && !is_of_constants
}

/// Whether one step of a plan searches by all these columns and no other.
fn is_used_by_sqlite(plan: &Plan, columns: &[&str]) -> bool {
    plan.iter().any(|step| {
        let by =
            step.strip_prefix("SEARCH").and_then(|step| step.split_once('(')?.1.split_once(')'));
        let Some((by, _)) = by else { return false };
        let by: Vec<_> = by.split(" AND ").collect();
        let names = |by: &&str, column: &str| by.trim_end_matches(['=', '<', '>', '?']) == column;
        by.len() == columns.len()
            && columns.iter().all(|column| by.iter().any(|by| names(by, column)))
    })
}

/// Whether one condition of a plan is about all these columns, and as many of them.
fn is_used_by_postgres(plan: &Plan, columns: &[&str]) -> bool {
    plan.iter().filter_map(|step| step.split_once("Index Cond: ")).any(|(_, condition)| {
        let words: Vec<_> = condition.split(['(', ')', ' ', '.', ',']).collect();
        columns.iter().all(|column| words.contains(column))
            && condition.matches(" AND ").count() + 1 == columns.len()
    })
}

/// How a statement runs for some values.
async fn postgres_plan(client: &Client, explain: &str, statement: &Statement) -> Plan {
    let prepared = client.prepare(statement.sql()).await.expect("it is prepared");
    let values = prepared.params().iter().map(|of_type| match of_type.name() {
        "int8" => SOME_BUCKET.to_string(),
        "bytea" => "'\\x00'".to_owned(),
        _ => "NULL".to_owned(),
    });
    let values = values.collect::<Vec<_>>().join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    let sql = format!(
        "PREPARE tried AS {}; {explain} EXECUTE tried{values}; DEALLOCATE tried",
        statement.sql()
    );
    let messages = client.simple_query(&sql).await.expect("it is explained");
    let steps = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    steps.collect()
}
