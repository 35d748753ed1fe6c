//! The same when announcements are not heard, and when the database is not.

use std::time::{Duration, Instant};

use store::testing::{TestDatabase, eventually};
use tokio::task::JoinSet;

use super::caller::Request;
use super::changes::change_everything;
use super::cluster::{Cluster, Node};
use super::proxy::{Network, Proxy};
use super::readiness::is_ready;
use super::staleness::LIMIT;
use super::suspension::Suspension;

/// How often each thing changes.
const TIMES: usize = 10;
const MANY_TIMES: usize = 100;

/// Three nodes with a proxy before each.
async fn behind_proxies() -> (Cluster, [Proxy; 3]) {
    let database = TestDatabase::postgres().await;
    let direct = database.url().to_owned();
    let proxies = [Proxy::to(&direct).await, Proxy::to(&direct).await, Proxy::to(&direct).await];
    let urls = proxies.each_ref().map(|proxy| proxy.url(&direct));
    let cluster = Cluster::start_on(database, &urls.each_ref().map(String::as_str)).await;
    (cluster, proxies)
}

/// Everything changes while announcements are not heard; the nodes are ready all the time.
async fn change_everything_unheard(times: usize) {
    let (cluster, proxies) = behind_proxies().await;
    for (network, how) in [(Network::ChannelDeaf, "unheard"), (Network::ChannelCut, "cut")] {
        for proxy in &proxies {
            proxy.becomes(network);
        }
        change_everything(&cluster, times, how).await;
        for (node, proxy) in cluster.nodes.iter().zip(&proxies) {
            assert_ne!(proxy.harmed(), 0, "{network:?}: an announcement was not heard");
            assert!(is_ready(node).await, "{network:?}: polling is enough");
            proxy.becomes(Network::Well);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn a_change_is_effective_within_a_second_although_it_is_not_heard() {
    change_everything_unheard(TIMES).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "on request: for its figures, and needs PostgreSQL"]
async fn many_changes_are_effective_within_a_second_although_they_are_not_heard() {
    change_everything_unheard(MANY_TIMES).await;
}

/// What a node said to requests that began so long after a change.
async fn ask_meanwhile(
    node: &Node,
    probe: &Request,
    acknowledged_at: Instant,
) -> Vec<(Duration, u16)> {
    let mut asking = JoinSet::new();
    for _ in 0..4 {
        let (mut caller, probe) = (node.caller(), probe.clone());
        asking.spawn(async move {
            let mut said = Vec::new();
            loop {
                let since = acknowledged_at.elapsed();
                if since > 2 * LIMIT {
                    return said;
                }
                said.push((since, caller.send(&probe).await.status));
            }
        });
    }
    asking.join_all().await.concat()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn a_node_that_does_not_reach_the_database_never_says_a_stale_yes() {
    let (cluster, proxies) = behind_proxies().await;
    let (node, proxy) = (&cluster.nodes[2], &proxies[2]);
    let suspension = Suspension::of_client(&cluster).await;
    node.caller().send(&suspension.probe).await.expect(200);
    proxy.becomes(Network::Stalled);
    cluster.nodes[0].caller().send(&suspension.suspend().request).await.expect(200);
    let acknowledged_at = Instant::now();
    let said = ask_meanwhile(node, &suspension.probe, acknowledged_at).await;
    for (since, status) in &said {
        let is_right = *status == 503 || (*status == 200 && *since <= LIMIT);
        assert!(is_right, "{status} to a request that began {since:?} after the change");
    }
    assert!(said.iter().any(|(_, status)| *status == 503), "{said:?}");
    assert!(!is_ready(node).await, "a balancer takes it out");
    assert!(is_ready(&cluster.nodes[1]).await, "and no other one");

    proxy.becomes(Network::Well);
    assert!(eventually(async || is_ready(node).await).await, "it comes back");
    let status = node.caller().send(&suspension.probe).await.status;
    assert!((400..500).contains(&status), "{status}: and knows what it missed");
}
