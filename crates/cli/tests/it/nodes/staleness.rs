//! How long nodes go on as before after a change was acknowledged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::caller::{Caller, Reply, Request};
use super::cluster::Cluster;

/// What is promised: no request that begins later sees what was before.
pub(crate) const LIMIT: Duration = Duration::from_secs(1);

/// What 99 looks of 100 keep within.
const USUAL: Duration = Duration::from_millis(100);
/// With fewer looks the 99th of 100 is the longest one, which a busy machine may decide.
const FEWEST_LOOKS: usize = 100;

/// A change, and how one sees that it has come.
pub(crate) struct Change {
    /// What changes it, and what the answer's status is.
    pub(crate) request: Request,
    pub(crate) status: u16,
    /// What is asked of each node.
    pub(crate) probe: Request,
    /// Whether the reply is one of after the change.
    pub(crate) is_new: Arc<dyn Fn(&Reply) -> bool + Send + Sync>,
}

/// The callers of a test: one that changes, and one at each node that looks.
pub(crate) struct Watchers {
    pub(crate) admin: Caller,
    pub(crate) at_nodes: Vec<Caller>,
}

impl Watchers {
    /// One at the first node who changes, and one at each who looks.
    pub(crate) fn of(cluster: &Cluster) -> Self {
        Self { admin: cluster.nodes[0].caller(), at_nodes: cluster.callers(3) }
    }
}

/// How stale nodes were, from shortest to longest.
#[derive(Default)]
pub(crate) struct Staleness(Vec<Duration>);

impl Staleness {
    /// Makes a change, and looks at every node until it is there.
    ///
    /// What counts is when the last request *began* that saw what was before, after the change was
    /// acknowledged: a slow machine makes that no longer.
    pub(crate) async fn note(&mut self, watchers: &mut Watchers, change: &Change) {
        watchers.admin.send(&change.request).await.expect(change.status);
        let acknowledged_at = Instant::now();
        let mut looking = JoinSet::new();
        for mut caller in watchers.at_nodes.drain(..) {
            let (probe, is_new) = (change.probe.clone(), Arc::clone(&change.is_new));
            looking.spawn(async move {
                let mut stale = Duration::ZERO;
                loop {
                    let since = acknowledged_at.elapsed();
                    if is_new(&caller.send(&probe).await) {
                        return (caller, stale);
                    }
                    assert!(since <= LIMIT, "{since:?} after the change it is not seen");
                    stale = since;
                }
            });
        }
        for (caller, stale) in looking.join_all().await {
            watchers.at_nodes.push(caller);
            self.0.push(stale);
        }
        self.0.sort_unstable();
    }

    /// Prints the figures, and holds the 99th of 100 looks to what is usual, where there are enough.
    #[expect(clippy::print_stdout, reason = "figures are what this is run for")]
    pub(crate) fn tell(&self, of: &str) {
        let at = |share: usize| self.0[(self.0.len() - 1) * share / 100];
        let [p50, p90, p99, max] = [50, 90, 99, 100].map(|share| at(share).as_secs_f64() * 1e3);
        let count = self.0.len();
        println!("{of}: {count} looks, p50 {p50:.1} p90 {p90:.1} p99 {p99:.1} max {max:.1} ms");
        assert!(count < FEWEST_LOOKS || at(99) <= USUAL, "{of}: 1 of 100 looks took {p99:.1} ms");
    }
}
