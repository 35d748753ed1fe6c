//! Who hangs up harms nobody: not the neighbours in the batch, not the connection, not the next unit.

use std::collections::HashSet;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use store::engine::Value;
use store::{Decision, Failure, Fault, Store, settle};
use tokio::time::timeout;

use crate::engine_units::{count, create};
use crate::support::{PATIENCE, on_both_engines};

store::statements! {
    CREATE: "INSERT INTO things (id, name, hash) VALUES ($1, $2, $3)";
    IDS: "SELECT id FROM things ORDER BY id";
    COMPLETE: "SELECT id FROM things AS t WHERE id % 2 = 0
               AND NOT EXISTS (SELECT 1 FROM things WHERE id = t.id + 1)";
}

/// How many tasks write at once.
const TASKS: i64 = 64;
const UNITS_OF_A_TASK: i64 = 50;

on_both_engines! {
    async fn every_acknowledged_row_is_there_and_no_unit_is_half(database) {
        let store = database.store().await;
        let tasks = (0..TASKS).map(|task| tokio::spawn(write_units(store.clone(), task)));
        let mut acknowledged = HashSet::new();
        let mut refused = HashSet::new();
        for task in tasks.collect::<Vec<_>>() {
            let (done, undone) = task.await.expect("no panic");
            acknowledged.extend(done);
            refused.extend(undone);
        }
        drop(store);
        let store = database.open().await;
        let stored: Vec<i64> = store::Source::from(&store).all(&IDS, &[]).await.expect("reads");
        let stored: HashSet<i64> = stored.into_iter().collect();
        assert!(acknowledged.len() > 2_000, "only {} were acknowledged", acknowledged.len());
        assert_eq!(acknowledged.difference(&stored).count(), 0, "acknowledged rows are missing");
        assert_eq!(refused.intersection(&stored).count(), 0, "faults left rows");
        let half: Vec<i64> = store::Source::from(&store).all(&COMPLETE, &[]).await.expect("reads");
        assert!(half.is_empty(), "{half:?} are half written");
    }

    async fn a_unit_may_be_dropped_at_every_await(database) {
        let store = database.store().await;
        for polls in 0..40 {
            let finished = poll_some(pin!(write_pair(&store, polls * 2)), polls).await;
            // Whatever became of it, the next unit works, and the dropped one is whole or gone.
            let neighbour = timeout(PATIENCE, write_pair(&store, 1_000 + polls * 2));
            assert_eq!(neighbour.await.expect("nobody holds the database"), Ok(()));
            let half: Vec<i64> =
                store::Source::from(&store).all(&COMPLETE, &[]).await.expect("reads");
            assert!(half.is_empty(), "half written after {polls} polls");
            if finished && polls > 20 {
                break;
            }
        }
    }

    async fn a_batch_is_flushed_when_the_last_waiter_goes_away(database) {
        let store = database.store().await;
        for round in 0..20 {
            let mut tx = store.begin().await.expect("begins");
            create(&mut tx, round, &round.to_string()).await.expect("creates");
            // Waits for its turn behind the open unit, and gives up just when it would get it.
            let waiter = tokio::spawn({
                let store = store.clone();
                async move { store.begin().await.map(drop) }
            });
            tokio::task::yield_now().await;
            let settled = tokio::spawn(async move {
                let decision: Decision<(), ()> = settle(tx, Ok(())).await;
                decision
            });
            waiter.abort();
            let settled = timeout(PATIENCE, settled).await;
            assert_eq!(settled.expect("the batch was flushed").expect("no panic"), Ok(()));
        }
        assert_eq!(count(&store).await, 20);
    }
}

/// Writes pairs of rows; one unit in fifty is cancelled, one in fifty ends with a fault.
async fn write_units(store: Store, task: i64) -> (Vec<i64>, Vec<i64>) {
    let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
    for unit in 0..UNITS_OF_A_TASK {
        let id = (task * UNITS_OF_A_TASK + unit) * 2;
        let polls = match scrambled(id) % 50 {
            0 => {
                let fault = fail_pair(&store, id).await;
                assert!(matches!(fault, Err(Failure::Fault(_))), "{fault:?}");
                refused.extend([id, id + 1]);
                continue;
            }
            1 => scrambled(id) / 50 % 6,
            _ => i64::MAX,
        };
        if poll_some(pin!(write_pair(&store, id)), polls).await {
            acknowledged.extend([id, id + 1]);
        }
    }
    (acknowledged, refused)
}

async fn write_pair(store: &Store, id: i64) -> Decision<(), ()> {
    let mut tx = store.begin().await?;
    for id in [id, id + 1] {
        tx.write(&CREATE, &[id.into(), (&id.to_string()).into(), Value::Null]).await?;
        tokio::task::yield_now().await;
    }
    settle(tx, Ok(())).await
}

async fn fail_pair(store: &Store, id: i64) -> Decision<(), ()> {
    let mut tx = store.begin().await?;
    create(&mut tx, id, &id.to_string()).await?;
    settle(tx, Err(Failure::Fault(Fault::Corrupt("on purpose".into())))).await
}

/// Polls a unit so many times at most, and says whether it has ended well.
async fn poll_some<F>(mut unit: Pin<&mut F>, polls: i64) -> bool
where
    F: Future<Output = Decision<(), ()>>,
{
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        unit.as_mut().poll(cx).map(Some)
    })
    .await
    .is_some_and(|decision| match decision {
        Ok(()) => true,
        // A stalled disk: the unit was not acknowledged.
        Err(Failure::Fault(Fault::Unavailable(_))) => false,
        Err(other) => panic!("a unit that nobody cancels does not end so: {other:?}"),
    })
}

/// A number that looks random and is the same on each run.
fn scrambled(number: i64) -> i64 {
    let mixed = (number + 1).wrapping_mul(0x09e3_779b_97f4_a7c1);
    (mixed ^ (mixed >> 29)).unsigned_abs().cast_signed() & i64::from(i32::MAX)
}
