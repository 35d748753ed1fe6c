//! A storm of sign-ins: do those who ask about tokens notice?

use std::time::Duration;

use serde::Serialize;

use crate::case::Case;
use crate::load::{ClosedLoop, Expected, OpenLoop, Work};
use crate::measure::{median, micros};
use crate::people::{self, User};
use crate::product::Product;

/// Introspections a second: far below capacity, so that latency says how long one waits for its turn.
const RATE: f64 = 500.0;

/// Connections that ask.
const RESOURCE_SERVERS: usize = 8;

/// People who sign in at the same time, again and again.
const PEOPLE: usize = 16;

/// Introspection with and without sign-ins beside it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Storm {
    /// p99 with nobody signing in, in microseconds.
    pub(crate) idle_p99_us: f64,
    /// p99 in the storm.
    pub(crate) p99_us: f64,
    /// The middle of the ratios of each turn.
    pub(crate) ratio: f64,
    /// Sign-ins a second meanwhile.
    pub(crate) sign_ins: f64,
    /// Replies of either kind that were not as expected.
    pub(crate) bad: u64,
}

/// Measures calm and storm by turns.
pub(crate) fn measure(
    product: &Product,
    user: &User,
    span: Duration,
    repeats: usize,
) -> anyhow::Result<Storm> {
    let (mut work, expected) = Case::Introspection.work(product, user, RESOURCE_SERVERS, span)?;
    let mut turns = Vec::new();
    for _ in 0..repeats {
        let calm = introspect(product, &mut work, &expected, span)?;
        let storm = in_storm(product, span, || introspect(product, &mut work, &expected, span))?;
        turns.push((calm, storm));
    }
    let middle = |figure: fn(&(Asked, Stormy)) -> f64| median(turns.iter().map(figure).collect());
    Ok(Storm {
        idle_p99_us: middle(|(calm, _)| calm.p99_us),
        p99_us: middle(|(_, storm)| storm.asked.p99_us),
        ratio: middle(|(calm, storm)| storm.asked.p99_us / calm.p99_us),
        sign_ins: middle(|(_, storm)| storm.sign_ins),
        bad: turns.iter().map(|(calm, storm)| calm.bad + storm.asked.bad + storm.bad).sum(),
    })
}

struct Asked {
    p99_us: f64,
    bad: u64,
}

struct Stormy {
    asked: Asked,
    sign_ins: f64,
    bad: u64,
}

fn introspect(
    product: &Product,
    work: &mut Work,
    expected: &Expected,
    span: Duration,
) -> anyhow::Result<Asked> {
    let address = product.server.address;
    let ring = OpenLoop::open(address, RESOURCE_SERVERS, work, expected.clone())?;
    let tally = ring.run(RATE, span)?;
    let bad = tally.bad + tally.shed.total();
    Ok(Asked { p99_us: micros(tally.good.quantile(0.99)), bad })
}

fn in_storm(
    product: &Product,
    span: Duration,
    ask: impl FnOnce() -> anyhow::Result<Asked>,
) -> anyhow::Result<Stormy> {
    let request = people::sign_in(product)?;
    let address = product.server.address;
    std::thread::scope(|scope| {
        let storm = scope.spawn(move || {
            let mut work = Work::same(&request);
            let mut ring = ClosedLoop::open(address, PEOPLE, &mut work, Expected::status(303))?;
            ring.run_for(span)?;
            let tally = ring.take_tally();
            ring.finish().map(|()| tally)
        });
        let asked = ask()?;
        let tally = storm.join().map_err(|_| anyhow::anyhow!("the storm broke off"))??;
        Ok(Stormy { asked, sign_ins: tally.per_second(), bad: tally.bad })
    })
}
