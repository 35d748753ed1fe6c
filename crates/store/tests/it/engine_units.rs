//! Units of work, the same on both engines: refusals commit, faults roll back, "once" is decided by the database.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::{Id, SecretHash, Timestamp};
use store::engine::Value;
use store::{Decision, Failure, Fault, Store, Transaction, retry, settle};

use crate::support::on_both_engines;

store::statements! {
    CREATE: "INSERT INTO things (id, name, hash) VALUES ($1, $2, $3)";
    CREATE_ONCE: "INSERT INTO things (id, name) VALUES ($1, $2)
                  ON CONFLICT (name) DO NOTHING RETURNING id";
    NAME: "SELECT name FROM things WHERE id = $1";
    COUNT: "SELECT COUNT(*) FROM things";
    TAKE: "UPDATE things SET taken_at = $2 WHERE id = $1 AND taken_at IS NULL";
    OUT_OF_ORDER: "SELECT CAST($3 AS TEXT), CAST($1 AS BIGINT), name FROM things
                   WHERE name = $2 AND id = $1";
    EVERYTHING: "SELECT id, name, hash FROM things ORDER BY id";
    TAKEN: "SELECT taken_at, hash FROM things WHERE id = $1";
}

type Units = Decision<(), &'static str>;

/// Writes one row.
pub(crate) async fn create(tx: &mut Transaction, id: i64, name: &str) -> Result<(), Fault> {
    tx.execute(&CREATE, &[id.into(), name.into(), Value::Null]).await.map(|_| ())
}

/// How many rows are committed.
pub(crate) async fn count(store: &Store) -> i64 {
    let count: Option<i64> =
        store::Source::from(store).optional(&COUNT, &[]).await.expect("counts");
    count.expect("a count")
}

async fn name(store: &Store, id: i64) -> Option<String> {
    store::Source::from(store).optional(&NAME, &[id.into()]).await.expect("reads")
}

on_both_engines! {
    async fn what_is_decided_is_committed(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        create(&mut tx, 1, "one").await.expect("creates");
        let decision: Units = settle(tx, Ok(())).await;
        assert_eq!(decision, Ok(()));
        assert_eq!(name(&store, 1).await.as_deref(), Some("one"));
    }

    async fn a_refusal_commits(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        create(&mut tx, 1, "one").await.expect("creates");
        let decision: Units = settle(tx, Err(Failure::Refused("reused"))).await;
        assert_eq!(decision, Err(Failure::Refused("reused")));
        assert_eq!(count(&store).await, 1);
    }

    async fn a_fault_rolls_back(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        create(&mut tx, 1, "one").await.expect("creates");
        tx.write(&CREATE, &[2.into(), "two".into(), Value::Null]).await.expect("queued");
        let fault = Fault::Unavailable("a disk".into());
        let decision: Units = settle(tx, Err(Failure::Fault(fault.clone()))).await;
        assert_eq!(decision, Err(Failure::Fault(fault)));
        assert_eq!(count(&store).await, 0);
    }

    async fn a_dropped_unit_leaves_no_trace(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        create(&mut tx, 1, "one").await.expect("creates");
        drop(tx);
        assert_eq!(count(&store).await, 0);
        let mut tx = store.begin().await.expect("begins again");
        create(&mut tx, 1, "one").await.expect("nothing of it is left");
        let _: Units = settle(tx, Ok(())).await;
        assert_eq!(count(&store).await, 1);
    }

    async fn a_statement_error_poisons_the_unit(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        create(&mut tx, 1, "one").await.expect("creates");
        let fault = create(&mut tx, 2, "one").await.expect_err("the name is taken");
        assert!(matches!(fault, Fault::Conflict(_)), "{fault:?}");
        assert_eq!(create(&mut tx, 3, "three").await, Err(Fault::Poisoned));
        let decision: Units = settle(tx, Ok(())).await;
        assert_eq!(decision, Err(Failure::Fault(Fault::Poisoned)));
        assert_eq!(count(&store).await, 0);
    }

    async fn a_queued_write_that_fails_is_a_fault_of_the_unit(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        create(&mut tx, 1, "one").await.expect("creates");
        let queued = tx.write(&CREATE, &[2.into(), "one".into(), Value::Null]).await;
        let decision: Units = settle(tx, queued.map_err(Failure::from)).await;
        assert!(matches!(decision, Err(Failure::Fault(Fault::Conflict(_)))), "{decision:?}");
        assert_eq!(count(&store).await, 0);
    }

    async fn a_value_that_cannot_be_read_poisons_the_unit(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        create(&mut tx, 1, "one").await.expect("creates");
        let wrong = tx.optional::<i64>(&NAME, &[1.into()]).await;
        assert!(matches!(wrong, Err(Fault::Corrupt(_))), "{wrong:?}");
        let decision: Units = settle(tx, Ok(())).await;
        assert_eq!(decision, Err(Failure::Fault(Fault::Poisoned)));
    }

    async fn an_expected_conflict_is_a_row_count(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        let first = tx.execute(&CREATE_ONCE, &[1.into(), "one".into()]).await;
        assert_eq!(first, Ok(1));
        let second = tx.execute(&CREATE_ONCE, &[2.into(), "one".into()]).await;
        assert_eq!(second, Ok(0));
        let decision: Units = settle(tx, Ok(())).await;
        assert_eq!(decision, Ok(()));
        assert_eq!(count(&store).await, 1);
    }

    async fn a_unit_sees_its_own_writes_and_nobody_else_does(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        tx.write(&CREATE, &[1.into(), "one".into(), Value::Null]).await.expect("queued");
        let seen: Option<String> = tx.optional(&NAME, &[1.into()]).await.expect("reads");
        assert_eq!(seen.as_deref(), Some("one"));
        assert_eq!(name(&store, 1).await, None);
        let _: Units = settle(tx, Ok(())).await;
        assert_eq!(name(&store, 1).await.as_deref(), Some("one"));
    }

    async fn placeholders_may_stand_out_of_order(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        create(&mut tx, 7, "seven").await.expect("creates");
        let row: Option<(String, i64, String)> =
            tx.optional(&OUT_OF_ORDER, &[7.into(), "seven".into(), "third".into()]).await.expect("reads");
        assert_eq!(row, Some(("third".into(), 7, "seven".into())));
    }

    async fn every_type_comes_back_as_it_went(database) {
        let store = database.store().await;
        let hash = SecretHash::from_bytes([0xa5; 32]);
        let mut tx = store.begin().await.expect("begins");
        tx.execute(&CREATE, &[i64::MAX.into(), "Ä \u{1f511} %_".into(), (&hash).into()]).await.expect("creates");
        tx.execute(&TAKE, &[i64::MAX.into(), Timestamp::from_millis(-1).into()]).await.expect("updates");
        create(&mut tx, 2, "").await.expect("creates");
        let rows: Vec<(Id<()>, String, Option<SecretHash>)> =
            tx.all(&EVERYTHING, &[]).await.expect("reads");
        assert_eq!(rows[0], (Id::new(2), String::new(), None));
        assert_eq!(rows[1], (Id::new(i64::MAX), "Ä \u{1f511} %_".to_owned(), Some(hash)));
        let taken: Option<(Option<Timestamp>, Vec<u8>)> =
            tx.optional(&TAKEN, &[i64::MAX.into()]).await.expect("reads");
        assert_eq!(taken, Some((Some(Timestamp::from_millis(-1)), vec![0xa5; 32])));
    }

    async fn a_wrong_number_of_values_is_told(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        let fault = tx.execute(&CREATE, &[1.into()]).await.expect_err("refused").to_string();
        assert!(fault.ends_with("::CREATE: 1 values for 3 placeholders"), "{fault}");
    }

    async fn one_of_fifty_tasks_wins(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        create(&mut tx, 1, "code").await.expect("creates");
        let _: Units = settle(tx, Ok(())).await;
        let tasks = (0..50).map(|task| tokio::spawn(take(store.clone(), task)));
        let mut winners = 0;
        for task in tasks.collect::<Vec<_>>() {
            winners += task.await.expect("no panic").expect("decides");
        }
        assert_eq!(winners, 1);
    }

    async fn statements_are_counted(database) {
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        let before = store.statement_count();
        create(&mut tx, 1, "one").await.expect("creates");
        tx.write(&CREATE, &[2.into(), "two".into(), Value::Null]).await.expect("queued");
        let _: Units = settle(tx, Ok(())).await;
        name(&store, 1).await;
        assert_eq!(store.statement_count() - before, 3);
    }
}

/// Takes the one code, and says whether it did.
async fn take(store: Store, at: i64) -> Decision<u64, ()> {
    retry(|| async {
        let mut tx = store.begin().await?;
        let taken = tx.execute(&TAKE, &[1.into(), at.into()]).await;
        settle(tx, taken.map_err(Failure::from)).await
    })
    .await
}

#[tokio::test]
async fn a_retryable_fault_runs_the_flow_twice_again_then_it_is_unavailable() {
    let runs = AtomicU32::new(0);
    let decision: Units = retry(|| async {
        runs.fetch_add(1, Ordering::Relaxed);
        Err(Fault::Retryable("deadlock".into()).into())
    })
    .await;
    assert_eq!(decision, Err(Failure::Fault(Fault::Unavailable("deadlock".into()))));
    assert_eq!(runs.into_inner(), 3);
}

#[tokio::test]
async fn a_flow_that_succeeds_the_second_time_has_succeeded() {
    let runs = AtomicU32::new(0);
    let decision: Units = retry(|| async {
        match runs.fetch_add(1, Ordering::Relaxed) {
            0 => Err(Fault::Retryable("deadlock".into()).into()),
            _ => Err(Failure::Refused("no")),
        }
    })
    .await;
    assert_eq!(decision, Err(Failure::Refused("no")));
    assert_eq!(runs.into_inner(), 2);
}
