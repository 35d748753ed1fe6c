//! What happens once happens once, however many ask at however many nodes.

use tokio::task::JoinSet;

use super::caller::{Caller, Reply, Request};
use super::cluster::{Browser, Cluster, introspection, is_active, redemption, refresh};

/// How many ask at the same moment.
const CALLERS: usize = 50;

/// Codes live for a minute: so many are made before they are redeemed.
const BATCH: usize = 20;

/// How often a repeated refresh is answered with the same pair.
const GRACE: usize = 3;

/// All callers ask the same at the same moment.
async fn all_send(callers: &mut Vec<Caller>, request: &Request) -> Vec<Reply> {
    let mut asking = JoinSet::new();
    for mut caller in callers.drain(..) {
        let request = request.clone();
        asking.spawn(async move {
            let reply = caller.ask(&request).await;
            (caller, reply)
        });
    }
    let (again, replies) = asking.join_all().await.into_iter().unzip();
    *callers = again;
    replies
}

/// The replies of those who got tokens; everybody else was told that the grant is invalid.
fn successes(replies: Vec<Reply>) -> Vec<Reply> {
    let (successes, refusals): (Vec<_>, Vec<_>) =
        replies.into_iter().partition(|reply| reply.status == 200);
    for refusal in refusals {
        assert_eq!(refusal.expect(400).text("error"), "invalid_grant");
    }
    successes
}

/// Has so many codes redeemed by fifty callers each, and counts the successes.
async fn redeem_by_fifty(codes: usize) -> usize {
    let cluster = Cluster::start().await;
    let mut browser = Browser::of_alice(&cluster.nodes[0]).await;
    let mut callers = cluster.callers(CALLERS);
    let mut count = 0;
    for begun in (0..codes).step_by(BATCH) {
        let mut batch = Vec::new();
        for _ in begun..codes.min(begun + BATCH) {
            batch.push(browser.code().await);
        }
        for code in batch {
            let winners = successes(all_send(&mut callers, &redemption(&code)).await);
            assert_eq!(winners.len(), 1, "{winners:?}");
            count += winners.len();
        }
    }
    assert_eq!(cluster.stop().deadlocks().await, 0);
    count
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn a_code_is_redeemed_once_on_three_nodes() {
    assert_eq!(redeem_by_fifty(20).await, 20);
}

#[tokio::test]
#[ignore = "on request: takes minutes with a debug build, and needs PostgreSQL"]
async fn a_thousand_codes_are_redeemed_once_each_on_three_nodes() {
    assert_eq!(redeem_by_fifty(1000).await, 1000);
}

/// The pair in a reply, if all of these replies have the same one.
fn the_one_pair(replies: &[Reply]) -> (String, String) {
    let pair = |reply: &Reply| (reply.text("access_token"), reply.text("refresh_token"));
    let first = pair(&replies[0]);
    for reply in replies {
        assert_eq!(pair(reply), first, "a second successor");
    }
    first
}

/// On every node, right now.
async fn is_active_somewhere(cluster: &Cluster, token: &str) -> bool {
    let mut found = Vec::new();
    for node in &cluster.nodes {
        found.push(is_active(node.caller().send(&introspection(token)).await));
    }
    assert!(found.iter().all(|active| *active == found[0]), "the nodes disagree: {found:?}");
    found[0]
}

// RT-02
#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn a_refresh_token_has_one_successor_on_three_nodes() {
    let cluster = Cluster::start().await;
    let mut browser = Browser::of_alice(&cluster.nodes[0]).await;
    let (mut few, mut many) = (cluster.callers(1 + GRACE), cluster.callers(CALLERS));
    for _ in 0..8 {
        let token = browser.tokens().await.text("refresh_token");
        let replies = successes(all_send(&mut few, &refresh(&token)).await);
        assert_eq!(replies.len(), 1 + GRACE, "within the grace everybody gets the pair");
        let (access_token, _) = the_one_pair(&replies);
        assert!(is_active_somewhere(&cluster, &access_token).await, "and the family lives");

        let token = browser.tokens().await.text("refresh_token");
        let replies = successes(all_send(&mut many, &refresh(&token)).await);
        assert!((1..=1 + GRACE).contains(&replies.len()), "{} got tokens", replies.len());
        let (access_token, _) = the_one_pair(&replies);
        assert!(!is_active_somewhere(&cluster, &access_token).await, "reuse ends the family");
    }
    assert_eq!(cluster.stop().deadlocks().await, 0);
}
