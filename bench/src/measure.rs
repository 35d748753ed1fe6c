//! One measurement: what a server answers in a span of time, and whose CPU time that took.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::load::{ClosedLoop, Expected, Tally, Work};
use crate::procfs::{self, Process};
use crate::server::Server;
use crate::{affinity, database::MadeDatabase};

/// What is waited for before anything is counted, as a share of the span and at most this long.
const WARM_UP: Duration = Duration::from_millis(700);

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Measured {
    /// Good replies a second.
    pub(crate) per_second: f64,
    /// Good replies for each second of CPU time of the server's processes.
    pub(crate) per_cpu_second: f64,
    /// The latency that half of the replies kept within, in microseconds.
    pub(crate) p50_us: f64,
    /// The one that 99 of 100 did.
    pub(crate) p99_us: f64,
    /// Replies that were not as expected.
    pub(crate) bad: u64,
    /// What the first of them said.
    pub(crate) first_bad: Option<String>,
    /// The share of the server's core that others used.
    pub(crate) foreign: f64,
    /// The share of its core that the generator used.
    pub(crate) generator: f64,
    /// Cores that PostgreSQL used.
    pub(crate) database: Option<f64>,
}

/// How load is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// At so many connections.
    pub(crate) connections: usize,
    /// For so long.
    pub(crate) span: Duration,
}

/// A server, and the database that it uses if that has processes.
pub(crate) struct Measurable<'s> {
    /// The server.
    pub(crate) server: &'s Server,
    /// Its database.
    pub(crate) database: Option<&'s MadeDatabase>,
}

impl Measurable<'_> {
    /// Measures it in a closed loop.
    pub(crate) fn measure(
        &self,
        load: Load,
        work: &mut Work,
        expected: &Expected,
    ) -> anyhow::Result<Measured> {
        if let Some(database) = self.database {
            database.pin_backends()?;
        }
        let postmaster = self.database.map(MadeDatabase::postmaster).transpose()?.flatten();
        let address = self.server.address;
        let mut ring = ClosedLoop::open(address, load.connections, work, expected.clone())?;
        ring.run_for(WARM_UP.min(load.span))?;
        let before = Reading::take(self.server.process, postmaster)?;
        let warm_up = ring.take_tally();
        ring.run_for(load.span)?;
        let mut tally = ring.take_tally();
        let after = Reading::take(self.server.process, postmaster)?;
        ring.finish()?;
        tally.bad += warm_up.bad;
        tally.first_bad = warm_up.first_bad.or(tally.first_bad);
        Ok(Measured::of(tally, &before, &after))
    }
}

/// The meters at one moment.
struct Reading {
    at: Instant,
    server: Duration,
    core: Duration,
    generator: Duration,
    database: Option<Duration>,
}

impl Reading {
    fn take(server: Process, postmaster: Option<Process>) -> anyhow::Result<Self> {
        Ok(Self {
            at: Instant::now(),
            server: server.cpu_of_tree(),
            core: procfs::busy(affinity::cores().server)?,
            generator: Process::own().cpu(),
            database: postmaster.map(Process::cpu_of_tree),
        })
    }
}

impl Measured {
    #[expect(clippy::cast_precision_loss, reason = "a count of requests is far below 2^52")]
    fn of(tally: Tally, before: &Reading, after: &Reading) -> Self {
        let span = (after.at - before.at).as_secs_f64();
        let server = after.server.saturating_sub(before.server).as_secs_f64();
        let core = after.core.saturating_sub(before.core).as_secs_f64();
        let generator = after.generator.saturating_sub(before.generator).as_secs_f64();
        let database = after.database.zip(before.database);
        Self {
            per_second: tally.per_second(),
            per_cpu_second: tally.good.total() as f64 / server.max(0.01),
            p50_us: micros(tally.good.quantile(0.5)),
            p99_us: micros(tally.good.quantile(0.99)),
            bad: tally.bad,
            first_bad: tally.first_bad,
            foreign: ((core - server) / span).max(0.0),
            generator: generator / span,
            database: database.map(|(then, since)| then.saturating_sub(since).as_secs_f64() / span),
        }
    }

    /// A figure without a server.
    pub(crate) fn bare(per_second: f64, per_cpu_second: f64) -> Self {
        Self {
            per_second,
            per_cpu_second,
            p50_us: 1e6 / per_second,
            p99_us: 1e6 / per_second,
            bad: 0,
            first_bad: None,
            foreign: 0.0,
            generator: 0.0,
            database: None,
        }
    }

    /// The middle of each figure.
    pub(crate) fn median(all: &[Self]) -> Self {
        let middle = |figure: fn(&Self) -> f64| median(all.iter().map(figure).collect());
        Self {
            per_second: middle(|it| it.per_second),
            per_cpu_second: middle(|it| it.per_cpu_second),
            p50_us: middle(|it| it.p50_us),
            p99_us: middle(|it| it.p99_us),
            bad: all.iter().map(|it| it.bad).sum(),
            first_bad: all.iter().find_map(|it| it.first_bad.clone()),
            foreign: middle(|it| it.foreign),
            generator: middle(|it| it.generator),
            database: all
                .iter()
                .all(|it| it.database.is_some())
                .then(|| middle(|it| it.database.unwrap_or_default())),
        }
    }
}

/// The middle one; of an even number, the mean of both.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let upper = figures.len() / 2;
    match figures.len() {
        0 => 0.0,
        count if count % 2 == 1 => figures[upper],
        _ => f64::midpoint(figures[upper - 1], figures[upper]),
    }
}

/// In microseconds.
pub(crate) fn micros(span: Duration) -> f64 {
    span.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        for (figures, middle) in [(vec![3.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0], 2.5), (vec![], 0.0)]
        {
            assert!((median(figures) - middle).abs() < f64::EPSILON);
        }
    }
}
