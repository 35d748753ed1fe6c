//! What a page costs in an account of a hundred thousand clients: the same at both ends and in the
//! middle, in every order.

use rusqlite::{StatementStatus, params_from_iter, types::Value};
use store::engine::Statement;

use crate::support::TestDatabase;

const CLIENTS: i64 = 100_000;

/// As the API asks for a page of a hundred: one more tells whether the list goes on.
const LIMIT: i64 = 101;

/// Clients of account 1, whose ids, times and names rise together. Account 2 has as many between
/// them.
const FILL: &str = "
INSERT INTO clients
  (id, account_id, identifier, identifier_folded, name, kind, redirect_uris,
   post_logout_redirect_uris, authentication_method, user_id, state, created_at, updated_at)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200000)
SELECT n, 1 + n % 2, 'client-' || CAST(n AS TEXT), 'client-' || CAST(n AS TEXT),
  'Client ' || CAST(1000000 + n AS TEXT), 'public', '[]', '[]', 'none', 7, 'active', n, n
FROM numbers;
INSERT INTO client_secrets (id, account_id, client_id, hash, hint, created_at)
SELECT id, account_id, id, identifier_bytes, 'cstcs_abc', created_at
FROM (SELECT id, account_id, created_at, CAST(identifier AS {bytes}) AS identifier_bytes FROM clients)
AS made;
ANALYZE clients;
ANALYZE client_secrets";

fn fill(bytes: &str) -> String {
    FILL.replace("{bytes}", bytes)
}

/// The statements of pages by key, and the place of the client with this number in their orders.
fn pages() -> impl Iterator<Item = (&'static Statement, Vec<Value>)> {
    let pages = store::statements::all().filter(|it| it.name().contains("::clients::pages::"));
    pages.flat_map(|statement| {
        [2, CLIENTS, 2 * CLIENTS - 300].map(|number| (statement, place(statement.name(), number)))
    })
}

fn place(name: &str, number: i64) -> Vec<Value> {
    // At the other end a page of the other direction would be short.
    let number = if name.contains("BEFORE") { 2 * CLIENTS + 2 - number } else { number };
    let mut values = vec![Value::Integer(1)];
    if name.ends_with("_OF_OWNER") {
        values.push(Value::Integer(7));
    }
    if name.contains("_NAME") {
        values.push(Value::Text(format!("Client {}", 1_000_000 + number)));
    } else if name.contains("_AT") {
        values.push(Value::Integer(number));
    }
    values.extend([Value::Integer(number), Value::Integer(LIMIT)]);
    values
}

/// An owner's clients have an index in the order of their making; other orders sort what he owns.
fn is_indexed(statement: &Statement) -> bool {
    !statement.name().ends_with("_OF_OWNER") || statement.name().contains("_CREATED_AT")
}

/// The costs of one statement's pages differ by less than a tenth.
fn assert_constant(costs: &[(&'static str, i64)]) {
    for of_statement in costs.chunks(3) {
        let figures = of_statement.iter().map(|(_, cost)| *cost);
        let (least, most) = (figures.clone().min(), figures.max());
        let (least, most) = least.zip(most).expect("three pages");
        assert!(least >= LIMIT, "a whole page was read: {of_statement:?}");
        assert!(most * 10 <= least * 11, "the depth of a page costs: {of_statement:?}");
    }
}

/// Counted in steps of SQLite's own machine.
#[tokio::test]
async fn a_page_costs_the_same_everywhere_on_sqlite() {
    let database = TestDatabase::sqlite();
    drop(database.migrated().await);
    database.behind_the_back(&fill("BLOB")).await;
    let connection = rusqlite::Connection::open(database.path()).expect("it opens");
    let mut costs = Vec::new();
    for (statement, values) in pages().filter(|(statement, _)| is_indexed(statement)) {
        let mut prepared = connection.prepare(statement.sqlite_sql()).expect("it is prepared");
        let mut rows = prepared.query(params_from_iter(values)).expect("it runs");
        let mut found = 0;
        while rows.next().expect("a row").is_some() {
            found += 1;
        }
        drop(rows);
        assert_eq!(found, LIMIT, "{}", statement.name());
        costs.push((statement.name(), prepared.get_status(StatementStatus::VmStep).into()));
    }
    assert_constant(&costs);
}

/// Counted in rows that the steps of the plan have read or thrown away.
#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn a_page_costs_the_same_everywhere_on_postgres() {
    let database = TestDatabase::postgres().await;
    drop(database.migrated().await);
    database.behind_the_back(&fill("BYTEA")).await;
    let client = database.client().await;
    client.batch_execute("SET plan_cache_mode = force_generic_plan").await.expect("it is set");
    let mut costs = Vec::new();
    for (statement, values) in pages().filter(|(statement, _)| is_indexed(statement)) {
        let explain = format!(
            "PREPARE tried AS {}; EXPLAIN (ANALYZE) EXECUTE tried({}); DEALLOCATE tried",
            statement.sql(),
            values.iter().map(literal).collect::<Vec<_>>().join(", ")
        );
        let plan = client.simple_query(&explain).await.expect("it is explained");
        let steps = plan.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        costs.push((statement.name(), steps.map(rows_of).sum()));
    }
    assert_constant(&costs);
}

fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("'{text}'"),
        Value::Integer(number) => number.to_string(),
        _ => unreachable!("places are texts and numbers"),
    }
}

/// The rows of one step of a plan, in all its rounds.
fn rows_of(step: &str) -> i64 {
    let number = |text: &str, name: &str| {
        let (_, after) = text.split_once(name)?;
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<i64>().ok()
    };
    let read = step
        .split_once("(actual ")
        .and_then(|(_, actual)| Some(number(actual, "rows=")? * number(actual, "loops=")?));
    read.or_else(|| number(step, "Rows Removed by Filter: ")).unwrap_or(0)
}
