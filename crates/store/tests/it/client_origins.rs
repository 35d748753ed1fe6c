//! The origins of clients that were there before their table was, and what a look at one costs.

use std::ops::Range;
use std::time::Duration;

use domain::{Account, WebOrigin};
use store::{Store, clients};
use tokio::time::sleep;

use crate::conformance_origins::client;
use crate::conformance_samples::{an_account, fresh_id, unit};
use crate::support::{TestDatabase, on_both_engines};

/// Between two looks at whether something has become known.
const A_MOMENT: Duration = Duration::from_millis(50);

/// More than two pages of the filling.
const MANY: i64 = 450;

/// The database as the migration leaves it: clients, and no origin of any.
const UNFILLED: &str = "DELETE FROM client_origins; UPDATE clients SET origins_at = NULL";

/// A hundred thousand clients' origins in one account.
const CROWD: &str = "
INSERT INTO client_origins (account_id, origin, client_id)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
SELECT {account}, 'https://app-' || CAST(n AS TEXT) || '.example', 1000000 + n FROM numbers";

async fn many_clients(store: &Store) -> Account {
    let account = an_account(store).await;
    let mut tx = store.begin().await.expect("begins");
    for number in 0..MANY {
        let id = tx.id::<domain::Client>().expect("ids are in hand").get();
        let uris = [origin(number) + "/cb", "com.example.app:/cb".to_owned()];
        let made = client(id, &account, &[uris[0].as_str(), uris[1].as_str()]);
        assert!(clients::create(&mut tx, &made).await.expect("creates"));
    }
    let settled: store::Decision<(), ()> = store::settle(tx, Ok(())).await;
    settled.expect("commits");
    account
}

fn origin(number: i64) -> String {
    format!("https://app-{number}.example")
}

async fn known(store: &Store, account: &Account) -> i64 {
    let mut known = 0;
    for number in 0..MANY {
        let found = clients::has_origin(store, account.id, &origin(number)).await;
        known += i64::from(found.expect("reads"));
    }
    known
}

/// The next port; the last one is reached after half a minute only.
fn port(ports: &mut Range<u16>) -> u16 {
    ports.next().expect("all ports are one entry")
}

/// How many statements an uncached look at an origin takes.
async fn cost(store: &Store, account: &Account, origin: &str, expected: bool) -> u64 {
    let origin = WebOrigin::parse(origin).expect("an origin");
    let before = store.statement_count();
    let found = store.cache().has_origin(account.id, &origin).await;
    assert_eq!(found, Ok(expected), "{origin:?}");
    store.statement_count() - before
}

/// A database of an earlier version, with clients.
async fn unfilled(database: &TestDatabase) -> (Store, Account) {
    let store = database.migrated().await;
    let account = many_clients(&store).await;
    database.behind_the_back(UNFILLED).await;
    assert_eq!(known(&store, &account).await, 0);
    (store, account)
}

on_both_engines! {
    async fn an_existing_database_is_filled_when_it_is_migrated(database) {
        let (store, account) = unfilled(&database).await;
        store.migrate().await.expect("fills");
        assert_eq!(known(&store, &account).await, MANY);
        // Nothing is left to do: one look tells.
        let before = store.statement_count();
        store.migrate().await.expect("nothing to fill");
        assert_eq!(store.statement_count() - before, 1);
    }

    async fn filling_goes_on_where_it_was_cut_off(database) {
        let (store, account) = unfilled(&database).await;
        let done = "UPDATE clients SET origins_at = updated_at
          WHERE id IN (SELECT id FROM clients ORDER BY id LIMIT 200)";
        database.behind_the_back(done).await;
        store.migrate().await.expect("fills the rest");
        assert_eq!(known(&store, &account).await, MANY - 200);
    }

    async fn nodes_that_start_together_fill_once(database) {
        let (store, account) = unfilled(&database).await;
        let nodes = [database.open().await, database.open().await, database.open().await];
        let tasks = nodes.map(|node| tokio::spawn(async move { node.migrate().await }));
        for task in tasks {
            task.await.expect("no panic").expect("fills");
        }
        assert_eq!(known(&store, &account).await, MANY);
    }

    /// What an earlier version changed while nodes were replaced one by one.
    async fn changes_of_an_earlier_version_are_made_up_for(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let id = fresh_id::<domain::Client>(&store).await.get();
        let old = client(id, &account, &["https://old.example/cb"]);
        assert!(unit!(store, |tx| clients::create(tx, &old)));
        let change = "UPDATE clients SET redirect_uris = '[\"https://new.example/cb\"]',
          updated_at = updated_at + 1";
        database.behind_the_back(change).await;
        store.migrate().await.expect("fills");
        for (origin, is_known) in [("https://old.example", false), ("https://new.example", true)] {
            assert_eq!(clients::has_origin(&store, account.id, origin).await, Ok(is_known));
        }
    }

    // HT-02
    async fn a_look_costs_one_statement_however_many_clients_there_are(database) {
        let store = database.migrated().await;
        let (account, elsewhere) = (an_account(&store).await, an_account(&store).await);
        let crowd = CROWD.replace("{account}", &account.id.to_string());
        database.behind_the_back(&crowd).await;
        for number in [1, 50_000, 100_000] {
            assert_eq!(cost(&store, &account, &origin(number), true).await, 1);
            assert_eq!(cost(&store, &elsewhere, &origin(number), false).await, 1);
        }
        assert_eq!(cost(&store, &account, "https://stranger.example", false).await, 1);
    }

    /// Absence is not remembered, so strangers make nothing grow; presence is.
    // HT-02
    async fn presence_is_remembered_and_absence_is_not(database) {
        let store = database.migrated().await;
        let account = an_account(&store).await;
        let _watch = store.watch();
        let id = fresh_id::<domain::Client>(&store).await.get();
        let made = client(id, &account, &["http://localhost:3000/cb"]);
        assert!(unit!(store, |tx| clients::create(tx, &made)));
        // Memory counts once the watch has polled; each look is at another port.
        let mut ports = 3000..3600;
        while cost(&store, &account, &format!("http://localhost:{}", port(&mut ports)), true).await > 0 {
            sleep(A_MOMENT).await;
        }
        for _ in 0..5 {
            assert_eq!(cost(&store, &account, "https://stranger.example", false).await, 1);
        }
    }
}
