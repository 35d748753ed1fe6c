//! `bench overload`: more requests than the server can answer, for a while, and how it gets over that.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::affinity;
use crate::arguments::OverloadArguments;
use crate::case::Case;
use crate::load::{ClosedLoop, Expected, OpenLoop, Work};
use crate::people::User;
use crate::procfs::Process;
use crate::product::{Place, Product};
use crate::report::{Overload, write_page};
use crate::talk::{print, say};
use crate::witness::Witness;

/// Connections that find the capacity, and whether it is there again.
const CONNECTIONS: usize = 64;

/// How long the capacity is measured.
const CAPACITY_SPAN: Duration = Duration::from_secs(5);

/// How often the server is looked at while it recovers, and how long it may take.
const RECOVERY_WINDOW: Duration = Duration::from_millis(250);
const RECOVERY_LIMIT: Duration = Duration::from_mins(1);

/// The share of the capacity at which it has recovered.
const RECOVERED: f64 = 0.9;

/// Does what was asked.
pub(crate) fn run(arguments: &OverloadArguments) -> anyhow::Result<()> {
    ensure!(
        !matches!(arguments.scenario, Case::Code | Case::Refresh),
        "a request of this path needs the answer to the one before: it comes at no rate"
    );
    affinity::pin(Process::own(), affinity::cores().load)?;
    let subject = &arguments.subject;
    let product = Place::seeded(&subject.database, &subject.server)?.serve()?;
    let user = User::arrive(&product)?;
    let (mut work, expected) =
        arguments.scenario.work(&product, &user, CONNECTIONS, arguments.seconds)?;
    let span = CAPACITY_SPAN.min(arguments.seconds);
    let peak = capacity(&product, &mut work, &expected, span)?;
    let rate = peak * arguments.factor;
    say(&format!("capacity {peak:.0}/s; now {rate:.0}/s for {:?}", arguments.seconds))?;

    let mut witness = Witness::new(&product, arguments.seconds)?;
    let before = product.server.process.pss();
    let load =
        OpenLoop::open(product.server.address, arguments.connections, &mut work, expected.clone())?;
    let is_over = AtomicBool::new(false);
    let (tally, witnessed) = std::thread::scope(|scope| {
        let watching = scope.spawn(|| witness.watch(&is_over));
        let tally = load.run(rate, arguments.seconds);
        is_over.store(true, Ordering::Relaxed);
        let witnessed = watching.join().map_err(|_| anyhow::anyhow!("the witness broke off"))?;
        anyhow::Ok((tally?, witnessed))
    })?;
    let recovery = recovery(&product, &mut work, &expected, peak)?;
    let after = product.server.process.pss();
    let peak_after = capacity(&product, &mut work, &expected, span)?;
    let report = Overload {
        case: arguments.scenario,
        peak,
        peak_after,
        rate,
        tally,
        witnessed,
        before,
        after,
        recovery,
    };
    let engine = subject.database.title();
    let table = report.table(engine);
    print(&table)?;
    if let Some(page) = &arguments.markdown {
        write_page(page, &format!("{engine}, overload"), &subject.command("overload"), &table)?;
    }
    ensure!(
        report.tally.bad == 0,
        "{} bad replies: {:?}",
        report.tally.bad,
        report.tally.first_bad
    );
    Ok(())
}

fn capacity(
    product: &Product,
    work: &mut Work,
    expected: &Expected,
    span: Duration,
) -> anyhow::Result<f64> {
    let mut ring = ClosedLoop::open(product.server.address, CONNECTIONS, work, expected.clone())?;
    ring.run_for(span / 5)?;
    ring.take_tally();
    ring.run_for(span)?;
    let tally = ring.take_tally();
    ring.finish()?;
    ensure!(tally.bad == 0, "{} bad replies: {:?}", tally.bad, tally.first_bad);
    Ok(tally.per_second())
}

/// How long it takes until the server does again what it did before; none: longer than anybody waits.
fn recovery(
    product: &Product,
    work: &mut Work,
    expected: &Expected,
    peak: f64,
) -> anyhow::Result<Option<Duration>> {
    let began = Instant::now();
    let mut ring = ClosedLoop::open(product.server.address, CONNECTIONS, work, expected.clone())?;
    while began.elapsed() < RECOVERY_LIMIT {
        ring.run_for(RECOVERY_WINDOW)?;
        if ring.take_tally().per_second() >= peak * RECOVERED {
            ring.finish()?;
            return Ok(Some(began.elapsed()));
        }
    }
    Ok(None)
}
