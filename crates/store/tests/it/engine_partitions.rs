//! Partitions on PostgreSQL: made ahead, dropped when they are over, and in nobody's way.

use domain::{ExpiryBucket, Token};
use store::{Bucketed, Housekeeping, Store, tokens};

use crate::conformance_samples::{a_family, family_token, fresh_id, unit};
use crate::support::TestDatabase;

/// A week in hours, and the first bucket of one.
const WEEK: i64 = 7 * 24;
const FIRST: i64 = 2_900 * WEEK;

const fn bucket(number: i64) -> ExpiryBucket {
    ExpiryBucket::from_stored(number)
}

async fn house(store: &Store) -> Housekeeping {
    store.keep_house().await.expect("it answers").expect("nobody else is at it")
}

/// A token of this bucket, stored.
async fn issue(store: &Store, number: i64) -> Token {
    let (_, family, _) = a_family(store).await;
    let id = fresh_id::<Token>(store).await.get();
    let token = Token { bucket: bucket(number), ..family_token(id, &family, 2) };
    unit!(store, |tx| tokens::create(tx, &token));
    token
}

async fn is_there(store: &Store, token: &Token) -> bool {
    let found = tokens::by_access(store, token.account_id, token.bucket, &token.hash).await;
    found.expect("a look-up").is_some()
}

/// The partition that a token lies in.
async fn place_of(database: &TestDatabase, token: &Token) -> String {
    let sql = "SELECT tableoid::regclass::text FROM tokens WHERE bucket = $1 AND hash = $2";
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 2] =
        [&token.bucket.get(), &&token.hash.as_bytes()[..]];
    database.client().await.query_one(sql, &values).await.expect("it is there").get(0)
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn weeks_are_made_once_and_dropped_when_they_are_over() {
    let database = TestDatabase::postgres().await;
    let store = database.migrated().await;
    let house = house(&store).await;
    let weeks = bucket(FIRST)..bucket(FIRST + 2 * WEEK);
    assert_eq!(house.make_room(Bucketed::Tokens, weeks.clone()).await, Ok(3));
    assert_eq!(house.make_room(Bucketed::Tokens, weeks).await, Ok(0));
    let (early, late) = (issue(&store, FIRST + WEEK - 1).await, issue(&store, FIRST + WEEK).await);
    let never = issue(&store, ExpiryBucket::NEVER.get()).await;
    assert_eq!(place_of(&database, &early).await, format!("tokens_b{FIRST}"));
    assert_eq!(place_of(&database, &late).await, format!("tokens_b{}", FIRST + WEEK));
    assert_eq!(place_of(&database, &never).await, "tokens_never");

    // Not before its last hour is over.
    let over = async |before| house.ended_partitions(Bucketed::Tokens, bucket(before)).await;
    assert!(over(FIRST + WEEK - 1).await.expect("it answers").is_none());
    let ended = over(FIRST + WEEK).await.expect("it answers").expect("the first week is over");
    house.drop_partitions(&ended).await.expect("it is dropped");
    for (token, stays) in [(&early, false), (&late, true), (&never, true)] {
        assert_eq!(is_there(&store, token).await, stays, "{:?}", token.bucket);
    }
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn rows_without_a_week_keep_theirs_from_being_made_and_leave_by_themselves() {
    let database = TestDatabase::postgres().await;
    let store = database.migrated().await;
    // As a version writes that knows of no weeks.
    let old = issue(&store, FIRST + 1).await;
    let house = house(&store).await;
    let weeks = bucket(FIRST)..bucket(FIRST + 2 * WEEK);
    assert_eq!(house.make_room(Bucketed::Tokens, weeks.clone()).await, Ok(2));
    let new = issue(&store, FIRST + 2).await;
    for token in [&old, &new] {
        assert_eq!(place_of(&database, token).await, "tokens_default");
    }
    assert_eq!(house.deleted_before(bucket(FIRST + WEEK + 5)), bucket(FIRST + WEEK));
    let before = house.deleted_before(bucket(FIRST + WEEK + 5));
    assert_eq!(unit!(store, |tx| tokens::delete_before(tx, before, 9)), 2);
    assert_eq!(house.make_room(Bucketed::Tokens, weeks).await, Ok(1));
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn who_cannot_have_the_table_at_once_goes_away() {
    let database = TestDatabase::postgres().await;
    let store = database.migrated().await;
    let token = issue(&store, FIRST + WEEK).await;
    let house = house(&store).await;
    let busy = database.client().await;
    busy.batch_execute("BEGIN; LOCK TABLE tokens IN ROW EXCLUSIVE MODE").await.expect("it is held");
    let weeks = bucket(FIRST)..bucket(FIRST + 1);
    let made = house.make_room(Bucketed::Tokens, weeks.clone()).await;
    assert!(
        made.as_ref().is_err_and(|fault| fault.to_string().contains("lock timeout")),
        "{made:?}"
    );
    // Nothing is left waiting, and nobody waits.
    assert!(is_there(&store, &token).await);
    busy.batch_execute("COMMIT").await.expect("it is let go");
    assert_eq!(house.make_room(Bucketed::Tokens, weeks).await, Ok(2));
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn one_node_keeps_house_at_a_time() {
    let database = TestDatabase::postgres().await;
    let (here, there) = (database.migrated().await, database.open().await);
    let first = house(&here).await;
    assert!(there.keep_house().await.expect("it answers").is_none());
    drop(first);
    // The server notices a moment later that the connection is closed.
    let is_free = async || there.keep_house().await.expect("it answers").is_some();
    assert!(crate::support::eventually(is_free).await);
}
