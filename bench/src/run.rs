//! `bench run`: every path beside its limit, and the vitals.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;

use crate::arguments::{RunArguments, Subject};
use crate::case::Case;
use crate::contest::{self, Programme};
use crate::measure::median;
use crate::people::User;
use crate::product::{Place, Product};
use crate::report::{Row, Vitals, json, table, write_page};
use crate::server::pause;
use crate::talk::{print, say};
use crate::{affinity, procfs::Process, storm};

/// How often the start is measured.
const STARTS: usize = 5;

/// How long a server is left alone before its memory is looked at.
const REST: Duration = Duration::from_secs(2);

/// Does what was asked.
pub(crate) fn run(arguments: &RunArguments) -> anyhow::Result<()> {
    affinity::pin(Process::own(), affinity::cores().load)?;
    let programme = programme(arguments);
    let (product, mut vitals) = vitals(&arguments.subject)?;
    say(&format!(
        "start {:.1} ms, idle {:.1} MiB, binary {:.1} MB",
        vitals.start_ms, vitals.idle_mib, vitals.binary_mb
    ))?;
    let user = User::arrive(&product)?;
    let rows = contest::hold(&programme, &product, &user)?;
    if programme.cases.contains(&Case::SignIn) {
        vitals.storm = Some(storm::measure(&product, &user, programme.span, programme.repeats)?);
    }
    vitals.loaded_mib = mib(product.server.process.pss());
    tell(arguments, &programme, &rows, &vitals)?;
    let stormy = vitals.storm.map_or(0, |storm| storm.bad);
    let bad = rows.iter().map(|row| row.product.bad + row.limit_bad()).sum::<u64>() + stormy;
    ensure!(bad == 0, "{bad} replies were not as expected");
    Ok(())
}

fn programme(arguments: &RunArguments) -> Programme {
    let named = &arguments.scenarios;
    Programme {
        engine: arguments.subject.database.clone(),
        cases: if named.is_empty() { Case::ALL.to_vec() } else { named.clone() },
        connections: arguments.connections.clone(),
        span: arguments.seconds,
        repeats: arguments.repeats.max(1),
        probe: arguments.probe.clone(),
    }
}

/// Starts the product a few times on the same database; the last one goes on.
fn vitals(subject: &Subject) -> anyhow::Result<(Product, Vitals)> {
    let mut product = Place::seeded(&subject.database, &subject.server)?.serve()?;
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        product = product.stop()?.serve()?;
        starts.push(product.server.started_in.as_secs_f64() * 1e3);
    }
    pause(REST);
    let idle_mib = mib(product.server.process.pss());
    let binary_mb = megabytes(&subject.server)?;
    let start_ms = median(starts);
    Ok((product, Vitals { start_ms, idle_mib, loaded_mib: idle_mib, binary_mb, storm: None }))
}

fn tell(
    arguments: &RunArguments,
    programme: &Programme,
    rows: &[Row],
    vitals: &Vitals,
) -> anyhow::Result<()> {
    let engine = programme.engine.title();
    let tables = table(engine, rows, vitals);
    print(&tables)?;
    if let Some(file) = &arguments.json {
        std::fs::write(file, json(engine, rows, vitals))?;
    }
    if let Some(page) = &arguments.markdown {
        let command = arguments.subject.command("run");
        write_page(page, engine, &shaped(&command, programme), &tables)?;
    }
    Ok(())
}

/// The command with the shape of the load.
fn shaped(command: &str, programme: &Programme) -> String {
    let connections: Vec<_> = programme.connections.iter().map(ToString::to_string).collect();
    format!(
        "{command} --connections {} --seconds {} --repeats {}",
        connections.join(","),
        programme.span.as_secs_f64(),
        programme.repeats
    )
}

#[expect(clippy::cast_precision_loss, reason = "a process has less than 2^52 bytes")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[expect(clippy::cast_precision_loss, reason = "a file has less than 2^52 bytes")]
fn megabytes(file: &Path) -> anyhow::Result<f64> {
    Ok(std::fs::metadata(file)?.len() as f64 / 1e6)
}
