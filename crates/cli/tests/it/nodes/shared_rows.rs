//! Nodes share no row that every request would have to write: they do not wait for each other.

use store::testing::eventually;

use super::caller::Caller;
use super::cluster::{APP, Browser, Cluster, introspection, is_active, own_token, refresh};

/// Tokens of each kind that every node issues.
const TOKENS: usize = 100;
const CHAINS: usize = 15;

/// What has a row for each authorization, so that no two of them meet: the session and the grant are those of the
/// user, the others of the app's tokens.
const OWN_ROWS: [&str; 5] =
    ["authorization_codes", "grants", "sessions", "token_families", "tokens"];

/// So many updates of anything else are no share of the traffic: setting up, last uses that are noted
/// every ten seconds, and blocks of ids.
const FEW: i64 = 25;

/// As many ids as a node takes at once.
const BLOCK: i64 = 10_000;

/// Issues, introspects, redeems and refreshes.
async fn use_tokens(caller: &mut Caller, browser: &mut Browser) {
    for _ in 0..TOKENS {
        let token = caller.send(&own_token(APP, &[])).await.expect(200).text("access_token");
        assert!(is_active(caller.send(&introspection(&token)).await));
    }
    for _ in 0..CHAINS {
        let first = browser.tokens().await.text("refresh_token");
        let second = caller.send(&refresh(&first)).await.expect(200).text("refresh_token");
        caller.send(&refresh(&second)).await.expect(200);
    }
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn token_traffic_updates_no_row_that_nodes_share() {
    let cluster = Cluster::start().await;
    let mut browser = Browser::of_alice(&cluster.nodes[0]).await;
    let before = cluster.database.shared_counters().await;
    for caller in &mut cluster.callers(3) {
        use_tokens(caller, &mut browser).await;
    }
    let database = cluster.stop();
    let after = database.shared_counters().await;
    for (counter, before) in before {
        let most = if counter == "id block" { 3 * BLOCK } else { 0 };
        assert!(after[&counter] - before <= most, "{counter} moves from {before} to {after:?}");
    }
    let issued = i64::try_from(3 * (TOKENS + 3 * CHAINS)).expect("it fits");
    let is_told = eventually(async || database.row_changes().await["tokens"].inserted >= issued);
    assert!(is_told.await, "the statistics never tell of {issued} tokens");
    for (table, changes) in database.row_changes().await {
        let is_shared = !OWN_ROWS.contains(&table.as_str());
        let few = changes.updated + changes.deleted <= FEW;
        assert!(few || !is_shared, "{table} is written by requests: {changes:?}");
    }
}
