//! Whether a node says that it is ready: a balancer sends nobody to one that is not.

use store::testing::{TestDatabase, eventually};

use super::caller::{Caller, Reply, Request};
use super::cluster::{Cluster, Node};

/// What the operators' listener of a node says.
pub(crate) async fn readiness(node: &Node) -> Reply {
    let mut caller = Caller::of(node.management, node.management);
    caller.send(&Request::get("/readyz")).await
}

pub(crate) async fn is_ready(node: &Node) -> bool {
    readiness(node).await.status == 200
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn a_node_whose_clock_differs_from_the_database_s_is_not_ready() {
    let database = TestDatabase::postgres().await;
    database.skew_clock(40).await;
    let [right, wrong] = [database.url().to_owned(), database.skewed_url()];
    let cluster = Cluster::start_on(database, &[&right, &wrong]).await;
    let [good, bad] = &cluster.nodes[..] else { panic!("two nodes") };
    let told = readiness(bad).await;
    let expected = "the clock differs from the database's\n";
    assert_eq!((told.status, told.body.as_str()), (503, expected));
    assert!(is_ready(good).await, "the others go on");
    cluster.database.skew_clock(20).await;
    assert!(eventually(async || is_ready(bad).await).await, "that is near enough");
}
