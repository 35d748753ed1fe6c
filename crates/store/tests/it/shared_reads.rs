//! Look-ups that share a flush on PostgreSQL: each is told what the plain text tells, and all of a batch cost one
//! statement.

use futures_util::future::{join_all, poll_immediate};

use domain::{ExpiryBucket, Id, Token};
use store::tokens::{self, LiveToken};
use store::{Fault, Store, grants, token_families};

use crate::conformance_samples::{
    after, bare_account, bare_family, bare_grant, bare_token, family_token, hash_of, unit,
};
use crate::support::TestDatabase;

/// Those of families: one is asked for twice more, one by a wrong access token only.
const FOUND_BY_REFRESH: usize = 8;

/// Tokens of and outside families, whose grants live, were revoked or are gone.
async fn some_tokens(store: &Store) -> Vec<Token> {
    unit!(store, |tx| store::accounts::create(tx, &bare_account(Id::new(1))));
    let mut given = Vec::new();
    for number in 1..=5_i64 {
        let mut grant = bare_grant(100 + number, Id::new(1));
        grant.revoked_at = (number == 2).then(|| after(1));
        if number != 3 {
            unit!(store, |tx| grants::create(tx, &grant));
        }
        let mut family = bare_family(300 + number, &grant);
        family.revoked_at = (number == 4).then(|| after(2));
        unit!(store, |tx| token_families::create(tx, &family));
        let of_family = Token {
            bucket: ExpiryBucket::for_expiry(after(0), Some(after(60))),
            ..family_token(10 + number, &family, 1)
        };
        let bare = bare_token(20 + number, Id::new(1));
        for token in [of_family, bare] {
            unit!(store, |tx| tokens::create(tx, &token));
            given.push(token);
        }
    }
    given
}

/// What is asked for: each token, some twice, one of another account, one of another bucket, and one that nobody made.
fn questions(given: &[Token]) -> Vec<Token> {
    let mut asked = given.to_vec();
    asked.extend_from_slice(&given[..3]);
    asked.push(Token { account_id: Id::new(2), ..given[0].clone() });
    asked.push(Token { bucket: ExpiryBucket::NEVER, ..given[0].clone() });
    asked.push(Token { hash: hash_of(99), ..given[0].clone() });
    asked
}

async fn plainly(store: &Store, asked: &Token) -> Result<Option<LiveToken>, Fault> {
    tokens::by_access(store, asked.account_id, asked.bucket, &asked.hash).await
}

async fn beside_others(store: &Store, asked: &Token) -> Result<Option<LiveToken>, Fault> {
    tokens::by_access_together(store, asked.account_id, asked.bucket, &asked.hash).await
}

async fn each_is_told_what_the_plain_text_tells(database: &TestDatabase) {
    let store = database.migrated().await;
    let asked = questions(&some_tokens(&store).await);
    let told = join_all(asked.iter().map(|asked| beside_others(&store, asked))).await;
    for (asked, told) in asked.iter().zip(told) {
        assert_eq!(told, plainly(&store, asked).await);
    }
    let hash = |asked: &Token| asked.refresh_hash.unwrap_or(asked.hash);
    let told = asked.iter().map(async |asked| {
        tokens::by_refresh_together(&store, asked.account_id, asked.bucket, &hash(asked)).await
    });
    let told = join_all(told).await;
    assert_eq!(told.iter().filter(|told| matches!(told, Ok(Some(_)))).count(), FOUND_BY_REFRESH);
    for (asked, told) in asked.iter().zip(told) {
        let (account, bucket) = (asked.account_id, asked.bucket);
        assert_eq!(told, tokens::by_refresh(&store, account, bucket, &hash(asked)).await);
    }
}

#[tokio::test]
async fn each_is_told_what_the_plain_text_tells_sqlite() {
    each_is_told_what_the_plain_text_tells(&TestDatabase::sqlite()).await;
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn each_is_told_what_the_plain_text_tells_postgres() {
    each_is_told_what_the_plain_text_tells(&TestDatabase::postgres().await).await;
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn those_who_wait_together_are_one_statement() {
    let database = TestDatabase::postgres().await;
    let store = database.migrated().await;
    let asked = questions(&some_tokens(&store).await);
    let before = store.statement_count();
    let told = join_all(asked.iter().map(|asked| beside_others(&store, asked))).await;
    assert_eq!(store.statement_count() - before, 1);
    assert_eq!(told.iter().filter(|told| matches!(told, Ok(Some(_)))).count(), 13);
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn who_finds_too_many_waiting_is_told_at_once() {
    let database = TestDatabase::postgres().await;
    let store = database.migrated().await;
    let asked = some_tokens(&store).await.remove(0);
    let mut waiting: Vec<_> = (0..4_097).map(|_| Box::pin(beside_others(&store, &asked))).collect();
    for waiting in &mut waiting[..4_096] {
        assert_eq!(poll_immediate(waiting).await, None);
    }
    let busy = Fault::Busy("too many of its kind wait for a flush");
    assert_eq!(poll_immediate(&mut waiting[4_096]).await, Some(Err(busy)));
    assert!(plainly(&store, &asked).await.is_ok_and(|found| found.is_some()), "who revokes");
    waiting.truncate(4_096);
    for told in join_all(waiting).await {
        assert!(told.is_ok_and(|found| found.is_some()));
    }
}
