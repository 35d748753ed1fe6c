//! `bench limits`: what this machine can do at best, without the product.

use crate::arguments::RunArguments;
use crate::limit::{ASKS, Limit};
use crate::measure::{Load, Measured};
use crate::procfs::Process;
use crate::talk::print;
use crate::{affinity, hashing};

/// Does what was asked.
pub(crate) fn run(arguments: &RunArguments) -> anyhow::Result<()> {
    affinity::pin(Process::own(), affinity::cores().load)?;
    let engine = &arguments.subject.database;
    let mut limit = Limit::start(engine, arguments.probe.as_ref())?;
    print(&format!(
        "| {} | connections | req/s | req per CPU s | p50 µs | p99 µs |\n|---|---:|---:|---:|---:|---:|\n",
        engine.title()
    ))?;
    for (ask, title) in ASKS {
        for connections in &arguments.connections {
            let load = Load { connections: *connections, span: arguments.seconds };
            let measured = (0..arguments.repeats.max(1)).map(|_| {
                let (mut work, expected) = limit.work(ask, load.connections)?;
                limit.measurable().measure(load, &mut work, &expected)
            });
            let measured = measured.collect::<anyhow::Result<Vec<_>>>()?;
            print(&line(title, &connections.to_string(), &Measured::median(&measured)))?;
        }
    }
    print(&line("an Argon2id hash", "", &hashing::measure(arguments.seconds)?))
}

fn line(title: &str, connections: &str, measured: &Measured) -> String {
    format!(
        "| {title} | {connections} | {:.0} | {:.0} | {:.0} | {:.0} |\n",
        measured.per_second, measured.per_cpu_second, measured.p50_us, measured.p99_us
    )
}
