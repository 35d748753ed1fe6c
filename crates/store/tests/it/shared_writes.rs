//! Writes that share a flush: who is answered what, however they are collected. One thread drives each test, so
//! that what is asked for in one breath is one batch.

use std::time::{Duration, Instant};

use futures_util::future::{join_all, poll_immediate};

use domain::{Id, Token};
use store::{Fault, HotWrite, Store, tokens};

use crate::conformance_samples::{an_account, bare_token, hash_of};
use crate::support::TestDatabase;

/// Makes each fact a test on both engines.
macro_rules! facts {
    ($($fact:ident,)+) => {
        $(
            mod $fact {
                use crate::support::TestDatabase;

                #[tokio::test]
                async fn sqlite() {
                    super::$fact(&TestDatabase::sqlite()).await;
                }

                #[tokio::test]
                #[cfg_attr(
                    not(postgres_available),
                    ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES"
                )]
                async fn postgres() {
                    super::$fact(&TestDatabase::postgres().await).await;
                }
            }
        )+
    };
}

facts! {
    what_is_issued_together_is_one_commit,
    one_that_cannot_be_stored_spoils_nobody,
    who_goes_away_harms_nobody,
    a_full_queue_is_told_at_once,
    a_store_that_is_closed_writes_nothing_for_who_has_gone,
    who_cannot_even_wait_is_told_at_once,
}

/// So many that need two batches.
const MANY: i64 = 300;

async fn some_tokens(store: &Store, count: i64) -> Vec<Token> {
    let account = an_account(store).await;
    (1..=count).map(|id| bare_token(id, account.id)).collect()
}

async fn is_stored(store: &Store, token: &Token) -> bool {
    let found = tokens::by_access(store, token.account_id, token.bucket, &token.hash).await;
    found.expect("a look-up").is_some_and(|found| found.token == *token)
}

async fn what_is_issued_together_is_one_commit(database: &TestDatabase) {
    let store = database.migrated().await;
    let given = some_tokens(&store, MANY).await;
    let before = store.commit_count();
    let issued = join_all(given.iter().map(|token| tokens::issue(&store, token.clone()))).await;
    assert_eq!(issued, vec![Ok(()); given.len()]);
    assert_eq!(store.commit_count() - before, 2, "256 at most share a flush");
    for token in &given {
        assert!(is_stored(&store, token).await);
    }
}

async fn one_that_cannot_be_stored_spoils_nobody(database: &TestDatabase) {
    let store = database.migrated().await;
    let mut given = some_tokens(&store, 5).await;
    given[4].hash = hash_of(2);
    let mut issued = join_all(given.iter().map(|token| tokens::issue(&store, token.clone()))).await;
    let twins = (issued.remove(4), issued.remove(1));
    assert!(
        matches!(&twins, (Ok(()), Err(Fault::Conflict(_))) | (Err(Fault::Conflict(_)), Ok(()))),
        "{twins:?}"
    );
    assert_eq!(issued, vec![Ok(()); 3]);
    for index in [0, 2, 3] {
        assert!(is_stored(&store, &given[index]).await);
    }
}

async fn who_goes_away_harms_nobody(database: &TestDatabase) {
    let store = database.migrated().await;
    let given = some_tokens(&store, 3).await;
    let mut waiting: Vec<_> =
        given.iter().map(|token| Box::pin(tokens::issue(&store, token.clone()))).collect();
    for waiting in &mut waiting {
        assert_eq!(poll_immediate(waiting).await, None);
    }
    drop(waiting.remove(1));
    assert_eq!(join_all(waiting).await, vec![Ok(()); 2]);
    assert!(!is_stored(&store, &given[1]).await, "nothing is done for who has gone");
    assert_eq!(tokens::issue(&store, given[1].clone()).await, Ok(()));
}

async fn a_full_queue_is_told_at_once(database: &TestDatabase) {
    let store = database.migrated().await;
    let given = some_tokens(&store, 4_100).await;
    let before = store.statement_count();
    let issued = join_all(given.iter().map(|token| tokens::issue(&store, token.clone()))).await;
    let busy = Fault::Busy("too many of its kind wait for a flush");
    assert!(issued[..4_096].iter().all(Result::is_ok));
    assert!(issued[4_096..].iter().all(|told| *told == Err(busy.clone())));
    assert!(store.statement_count() > before);
    assert!(!is_stored(&store, &given[4_096]).await);
    assert_eq!(tokens::issue(&store, given[4_096].clone()).await, Ok(()));
}

async fn a_store_that_is_closed_writes_nothing_for_who_has_gone(database: &TestDatabase) {
    let store = database.migrated().await;
    let token = some_tokens(&store, 1).await.remove(0);
    let token = Token { id: Id::new(7), ..token };
    let mut waiting = Box::pin(tokens::issue(&store, token.clone()));
    assert_eq!(poll_immediate(&mut waiting).await, None);
    drop(waiting);
    drop(store);
    let store = database.open().await;
    assert!(!is_stored(&store, &token).await);
}

/// Also where nobody lets go; and writes that are collected are no part of that queue.
async fn who_cannot_even_wait_is_told_at_once(database: &TestDatabase) {
    let store = database.migrated().await;
    let token = some_tokens(&store, 1).await.remove(0);
    let mut held = Vec::new();
    for _ in 0..if database.is_postgres() { 32 } else { 1 } {
        held.push(store.begin().await.expect("begins"));
    }
    let mut waiting: Vec<_> = (0..256).map(|_| Box::pin(store.begin())).collect();
    for waiting in &mut waiting {
        assert!(poll_immediate(waiting).await.is_none());
    }
    let busy = Fault::Busy("too many units of work wait to begin");
    assert_eq!(poll_immediate(store.begin()).await.map(|told| told.map(drop)), Some(Err(busy)));
    assert!(poll_immediate(Box::pin(store.begin_revocation())).await.is_none(), "it may wait");
    assert!(store.require_room(HotWrite::Rotation).is_ok());
    let issued = tokio::spawn({
        let store = store.clone();
        async move { tokens::issue(&store, token).await }
    });
    drop((waiting, held));
    assert_eq!(issued.await.expect("no panic"), Ok(()));
}

/// The server ends a statement after so long.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(2);

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn one_that_waits_for_a_row_holds_up_no_later_batch() {
    let database = TestDatabase::postgres().await;
    let store = database.migrated().await;
    let given = some_tokens(&store, 3).await;
    assert_eq!(tokens::issue(&store, given[0].clone()).await, Ok(()));
    let client = database.client().await;
    // Whoever inserts it again waits to hear whether it is gone.
    client.batch_execute("BEGIN; DELETE FROM tokens").await.expect("it is deleted");
    let began = Instant::now();
    let held = tokio::spawn({
        let (store, token) = (store.clone(), given[0].clone());
        async move { tokens::issue(&store, token).await }
    });
    tokio::task::yield_now().await;
    for token in &given[1..] {
        assert_eq!(tokens::issue(&store, token.clone()).await, Ok(()));
        assert!(!held.is_finished() || began.elapsed() > STATEMENT_TIMEOUT);
    }
    client.batch_execute("COMMIT").await.expect("it is committed");
    let held = held.await.expect("no panic");
    assert!(held.is_ok() || began.elapsed() > STATEMENT_TIMEOUT, "{held:?}");
}
