//! Suspending a client, a user or an account, and retiring a key, reach all nodes within a second.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::caller::{Reply, Request};
use super::cluster::{APP, Cluster, by_admin, id_of, introspection, own_token};
use super::staleness::{Change, Staleness, Watchers};
use super::suspension::{JWT_API, Suspension};

/// How often each thing changes; on request, often enough for figures.
const TIMES: usize = 15;
const MANY_TIMES: usize = 300;

/// So many keys are retired twice before they fill a page of the list.
const PAGE_OF_KEYS: usize = 45;

/// Has everything changed so many times; nodes that are stale for too long end the test.
pub(crate) async fn change_everything(cluster: &Cluster, times: usize, how: &str) {
    let mut watchers = Watchers::of(cluster);
    for (noun, suspension) in [
        ("clients", Suspension::of_client(cluster).await),
        ("users", Suspension::of_user(cluster).await),
        ("accounts", Suspension::of_account(cluster).await),
    ] {
        let staleness = suspension.alternate(&mut watchers, times).await;
        staleness.tell(&format!("{how}, {noun}"));
    }
    let staleness = retire_keys(cluster, &mut watchers, times.min(PAGE_OF_KEYS)).await;
    staleness.tell(&format!("{how}, keys"));
}

/// Retires the key that signs, so many times: what it signed is no token any more.
async fn retire_keys(cluster: &Cluster, watchers: &mut Watchers, times: usize) -> Staleness {
    let mut staleness = Staleness::default();
    for _ in 0..times {
        let token = watchers.admin.send(&own_token(APP, &JWT_API)).await.text("access_token");
        let id = id_of(&cluster.nodes[0], "keys", ("kid", &key_of(&token))).await;
        let request = by_admin(Request::new("DELETE", &format!("/api/v1/keys/{id}")));
        let is_new = |reply: &Reply| reply.json()["active"] == false;
        let probe = introspection(&token);
        let change = Change { request, status: 204, probe, is_new: Arc::new(is_new) };
        staleness.note(watchers, &change).await;
    }
    staleness
}

/// The name of the key that signed it.
fn key_of(jwt: &str) -> String {
    let header = jwt.split('.').next().expect("a header");
    let header = URL_SAFE_NO_PAD.decode(header).expect("base64url");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("a name").to_owned()
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn a_change_is_effective_on_all_nodes_within_a_second() {
    change_everything(&Cluster::start().await, TIMES, "announced").await;
}

#[tokio::test]
#[ignore = "on request: for its figures, and needs PostgreSQL"]
async fn many_changes_are_effective_on_all_nodes_within_a_second() {
    change_everything(&Cluster::start().await, MANY_TIMES, "announced").await;
}
