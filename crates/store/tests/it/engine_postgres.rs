//! Rules of PostgreSQL alone: connections, plans, locks and announcements.

use std::time::{Duration, Instant};

use store::engine::Value;
use store::{Database, Decision, Failure, Fault, Store, StoreOptions, retry, settle};
use tokio::sync::Barrier;

use crate::engine_units::{count, create};
use crate::engine_watch::{believes, cached, create_account, remembers};
use crate::support::{PATIENCE, TestDatabase, eventually};

store::statements! {
    PID: "SELECT CAST(pg_backend_pid() AS BIGINT)";
    TOUCH: "UPDATE things SET taken_at = $2 WHERE id = $1";
    BOTH: "SELECT taken_at, id FROM things WHERE id = $1";
    CREATE: "INSERT INTO things (id, name, hash) VALUES ($1, $2, $3)";
    DEMOTE: "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY";
    NO_TIMEOUT: "SET LOCAL statement_timeout = 0";
    SLEEP: "SELECT pg_sleep(120)";
    ISOLATION: "SELECT current_setting('transaction_isolation')";
}

/// A test that needs PostgreSQL.
macro_rules! on_postgres {
    ($($(#[$meta:meta])* async fn $name:ident($database:ident) $body:block)+) => {
        $(
            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            #[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
            async fn $name() {
                let $database = TestDatabase::postgres().await;
                $body
            }
        )+
    };
}

type Unit = Decision<(), ()>;

fn with_url(url: String, max_connections: usize) -> StoreOptions {
    StoreOptions { database: Database::Postgres { url, max_connections } }
}

async fn two_things(store: &Store) {
    let mut tx = store.begin().await.expect("begins");
    create(&mut tx, 1, "one").await.expect("creates");
    create(&mut tx, 2, "two").await.expect("creates");
    let _: Unit = settle(tx, Ok(())).await;
}

/// Waited at least so long, and no longer than a busy machine may be late.
fn waited(started: Instant, at_least: Duration) {
    let waited = started.elapsed();
    assert!(waited >= at_least && waited < at_least + PATIENCE, "{waited:?}");
}

/// Whether both kinds of connections work: four reads on the shared ones, and a unit of work.
async fn serves(store: &Store) -> bool {
    for _ in 0..4 {
        if store.ping().await.is_err() {
            return false;
        }
    }
    let Ok(mut tx) = store.begin().await else { return false };
    let touched = tx.execute(&TOUCH, &[1.into(), 1.into()]).await;
    let decision: Decision<u64, ()> = settle(tx, touched.map_err(Failure::from)).await;
    decision == Ok(1)
}

async fn pid(store: &Store) -> i64 {
    let mut tx = store.begin().await.expect("begins");
    let pid = tx.optional(&PID, &[]).await.expect("reads").expect("a process");
    let _: Unit = settle(tx, Ok(())).await;
    pid
}

on_postgres! {
    async fn an_unsettled_drop_discards_the_connection(database) {
        let store = Store::open(&with_url(database.url().to_owned(), 1)).await.expect("opens");
        store.migrate_with(crate::support::SCHEMA).await.expect("migrates");
        two_things(&store).await;
        let before = pid(&store).await;
        assert_eq!(pid(&store).await, before, "a settled unit gives its connection back");
        let mut tx = store.begin().await.expect("begins");
        tx.execute(&TOUCH, &[1.into(), 5.into()]).await.expect("updates");
        drop(tx);
        assert_ne!(pid(&store).await, before, "an unsettled one does not");
        let mut tx = store.begin().await.expect("begins");
        assert_eq!(tx.execute(&TOUCH, &[1.into(), 6.into()]).await, Ok(1), "its lock is gone");
    }

    async fn a_unit_that_sent_nothing_gives_its_connection_back(database) {
        let store = Store::open(&with_url(database.url().to_owned(), 1)).await.expect("opens");
        store.migrate_with(crate::support::SCHEMA).await.expect("migrates");
        let before = pid(&store).await;
        drop(store.begin().await.expect("begins"));
        assert_eq!(pid(&store).await, before);
    }

    async fn who_waits_for_a_connection_is_told_after_half_a_second(database) {
        let store = Store::open(&with_url(database.url().to_owned(), 1)).await.expect("opens");
        store.migrate_with(crate::support::SCHEMA).await.expect("migrates");
        let _tx = store.begin().await.expect("begins");
        let started = Instant::now();
        let Err(fault) = store.begin().await else { panic!("there is one connection") };
        assert_eq!(fault, Fault::Unavailable("every connection is busy".into()));
        waited(started, Duration::from_millis(500));
    }

    async fn a_unit_runs_in_read_committed(database) {
        let client = database.client().await;
        let sql = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable', current_database()); END $$";
        client.batch_execute(sql).await.expect("sets");
        let store = database.store().await;
        let mut tx = store.begin().await.expect("begins");
        let isolation: Option<String> = tx.optional(&ISOLATION, &[]).await.expect("reads");
        assert_eq!(isolation.as_deref(), Some("read committed"));
    }

    async fn a_deadlock_is_retried(database) {
        let store = database.store().await;
        two_things(&store).await;
        let barrier = Barrier::new(2);
        let unit = |first: i64, second: i64| {
            let (store, barrier) = (&store, &barrier);
            let mut runs = 0;
            retry(move || {
                runs += 1;
                async move {
                    let mut tx = store.begin().await?;
                    tx.execute(&TOUCH, &[first.into(), 1.into()]).await?;
                    if runs == 1 {
                        barrier.wait().await;
                    }
                    tx.execute(&TOUCH, &[second.into(), 1.into()]).await?;
                    settle::<u32, ()>(tx, Ok(runs)).await
                }
            })
        };
        let (one, other) = tokio::join!(unit(1, 2), unit(2, 1));
        let runs = [one.expect("succeeds"), other.expect("succeeds")];
        assert!(runs.contains(&2), "one of both was the victim: {runs:?}");
    }

    async fn a_changed_plan_is_prepared_once_more(database) {
        let store = database.store().await;
        two_things(&store).await;
        let read = async || {
            store::Source::from(&store).optional::<(Option<i64>, i64)>(&BOTH, &[1.into()]).await
        };
        assert_eq!(read().await, Ok(Some((None, 1))));
        assert_eq!(read().await, Ok(Some((None, 1))), "on the other shared connection too");
        let unit = async || -> Decision<Option<(Option<i64>, i64)>, ()> {
            let mut tx = store.begin().await?;
            let row = tx.optional(&BOTH, &[1.into()]).await;
            settle(tx, row.map_err(Failure::from)).await
        };
        assert_eq!(unit().await, Ok(Some((None, 1))));
        database.behind_the_back("ALTER TABLE things ALTER COLUMN taken_at TYPE INTEGER").await;
        assert_eq!(read().await, Ok(Some((None, 1))));
        assert_eq!(read().await, Ok(Some((None, 1))));
        let once = unit().await;
        assert!(matches!(&once, Err(Failure::Fault(fault)) if fault.is_retryable()), "{once:?}");
        assert_eq!(retry(unit).await, Ok(Some((None, 1))));
    }

    async fn the_commit_of_an_aborted_transaction_is_a_fault(database) {
        let store = database.store().await;
        two_things(&store).await;
        let mut tx = store.begin().await.expect("begins");
        create(&mut tx, 3, "three").await.expect("creates");
        for id in [4, 5] {
            tx.write(&CREATE, &[id.into(), "one".into(), Value::Null]).await.expect("is queued");
        }
        let decision: Unit = settle(tx, Ok(())).await;
        let expected = Fault::Conflict("things_name_key".into());
        assert_eq!(decision, Err(Failure::Fault(expected)));
        assert_eq!(count(&store).await, 2);
    }

    async fn a_single_write_that_fails_is_a_fault_too(database) {
        let store = database.store().await;
        two_things(&store).await;
        let mut tx = store.begin().await.expect("begins");
        tx.write(&CREATE, &[4.into(), "one".into(), Value::Null]).await.expect("is queued");
        let decision: Unit = settle(tx, Ok(())).await;
        assert!(matches!(decision, Err(Failure::Fault(Fault::Conflict(_)))), "{decision:?}");
    }

    async fn many_queued_writes_keep_their_order(database) {
        let store = database.store().await;
        two_things(&store).await;
        let mut tx = store.begin().await.expect("begins");
        for at in 0..100 {
            tx.write(&TOUCH, &[1.into(), at.into()]).await.expect("is queued");
        }
        let last: Option<(Option<i64>, i64)> = tx.optional(&BOTH, &[1.into()]).await.expect("reads");
        assert_eq!(last, Some((Some(99), 1)));
        tx.write(&TOUCH, &[1.into(), 100.into()]).await.expect("is queued");
        let decision: Unit = settle(tx, Ok(())).await;
        assert_eq!(decision, Ok(()));
        let last = store::Source::from(&store).optional::<(Option<i64>, i64)>(&BOTH, &[1.into()]).await;
        assert_eq!(last, Ok(Some((Some(100), 1))));
    }

    async fn a_server_that_takes_no_writes_any_more_is_left(database) {
        let store = Store::open(&with_url(database.url().to_owned(), 1)).await.expect("opens");
        store.migrate_with(crate::support::SCHEMA).await.expect("migrates");
        two_things(&store).await;
        let before = pid(&store).await;
        let mut tx = store.begin().await.expect("begins");
        tx.execute(&DEMOTE, &[]).await.expect("sets");
        let _: Unit = settle(tx, Ok(())).await;
        let decision: Decision<u64, ()> = retry(|| async {
            let mut tx = store.begin().await?;
            let touched = tx.execute(&TOUCH, &[1.into(), 7.into()]).await;
            settle(tx, touched.map_err(Failure::from)).await
        })
        .await;
        assert_eq!(decision, Ok(1));
        assert_ne!(pid(&store).await, before);
    }

    async fn a_lock_is_waited_for_two_seconds(database) {
        let store = database.store().await;
        two_things(&store).await;
        let mut holder = store.begin().await.expect("begins");
        holder.execute(&TOUCH, &[1.into(), 1.into()]).await.expect("updates");
        let started = Instant::now();
        let mut waiter = store.begin().await.expect("begins");
        let fault = waiter.execute(&TOUCH, &[1.into(), 2.into()]).await.expect_err("too long");
        assert!(matches!(fault, Fault::Unavailable(_)), "{fault:?}");
        waited(started, Duration::from_millis(1_900));
    }

    async fn a_server_that_is_stuck_is_not_waited_for_and_its_connection_goes(database) {
        let store = Store::open(&with_url(database.url().to_owned(), 1)).await.expect("opens");
        store.migrate_with(crate::support::SCHEMA).await.expect("migrates");
        let before = pid(&store).await;
        let mut tx = store.begin().await.expect("begins");
        tx.execute(&NO_TIMEOUT, &[]).await.expect("sets");
        let started = Instant::now();
        let fault = tx.execute(&SLEEP, &[]).await.expect_err("sleeps too long");
        assert_eq!(fault, Fault::Unavailable("PostgreSQL does not answer".into()));
        let _: Unit = settle(tx, Err(fault.into())).await;
        waited(started, Duration::from_secs(4));
        assert_ne!(pid(&store).await, before);
    }

    async fn closed_connections_are_replaced(database) {
        let store = database.store().await;
        two_things(&store).await;
        for _ in 0..2 {
            assert_eq!(count(&store).await, 2);
        }
        let client = database.client().await;
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        client.batch_execute(kill).await.expect("kills");
        assert!(eventually(async || serves(&store).await).await);
        assert_eq!(count(&store).await, 2);
    }

    async fn on_reconnect_of_the_listener_all_caches_are_dropped(database) {
        let store = database.migrated().await;
        create_account(&store).await;
        let _watch = store.watch();
        let client = database.client().await;
        let listeners = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
                         AND query LIKE 'LISTEN%' AND state = 'idle'";
        let listens = async || client.query(listeners, &[]).await.expect("counts").len() == 1;
        assert!(eventually(listens).await, "there is one listener");
        let remembers = async || remembers(&store, &database).await;
        assert!(eventually(remembers).await, "nothing was announced");
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        let killed = client.query(kill, &[]).await.expect("kills");
        assert_eq!(killed.len(), 1);
        assert!(eventually(async || cached(&store).await == "unannounced").await);
    }

    /// The epoch does not move here, so that no poll would notice.
    async fn an_announcement_is_heard_without_a_poll(database) {
        let store = database.migrated().await;
        create_account(&store).await;
        let _watch = store.watch();
        for name in ["one", "two", "three", "four"] {
            assert!(eventually(async || believes(&store).await).await);
            let sql = format!("UPDATE accounts SET name = '{name}' WHERE id = 1; NOTIFY consentry");
            database.behind_the_back(&sql).await;
            assert!(eventually(async || cached(&store).await == name).await, "{name}");
        }
    }

    async fn a_server_that_forgets_is_refused(database) {
        let client = database.client().await;
        let sql = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$";
        client.batch_execute(sql).await.expect("sets");
        let Err(fault) = Store::open(&database.options).await else { panic!("opened") };
        assert!(matches!(fault, Fault::Setting(_)), "{fault:?}");
        assert!(fault.to_string().contains("synchronous_commit = off"), "{fault}");
    }

    async fn the_host_that_answers_is_taken(database) {
        let url = database.url().replace('@', "@127.0.0.1:1,");
        let store = Store::open(&with_url(url, 2)).await.expect("the second host answers");
        store.ping().await.expect("answers");
    }

    async fn the_clocks_of_one_machine_agree(database) {
        let store = database.open().await;
        // A reply that was long under way says little: one of several is quick.
        let agree = async || store.clock_offset().await.expect("measures").abs() < 100;
        assert!(eventually(agree).await);
    }

    async fn a_server_without_tls_is_told(database) {
        let url = format!("{}?sslmode=verify-full", database.url());
        match Store::open(&with_url(url, 2)).await {
            Ok(_) => panic!("verified a server without a known authority"),
            Err(fault) => assert!(matches!(fault, Fault::Unavailable(_)), "{fault:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told() {
    let url = "postgres://postgres@127.0.0.1:1/postgres".to_owned();
    let Err(fault) = Store::open(&with_url(url, 2)).await else { panic!("opened") };
    assert!(matches!(fault, Fault::Unavailable(_)), "{fault:?}");
    assert!(fault.to_string().contains("PostgreSQL"), "{fault}");
}
