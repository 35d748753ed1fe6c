//! `bench nodes`: what a request costs a node that is alone, and what it costs beside others on the same PostgreSQL.
//!
//! The node that is looked at has the server's core to itself, as if it had a machine: three on one core would empty one
//! another's caches. The others share the core of the generator, each is asked by as many connections, and PostgreSQL runs
//! wherever there is room.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::ensure;

use crate::affinity;
use crate::arguments::NodesArguments;
use crate::case::Case;
use crate::database::Engine;
use crate::load::ClosedLoop;
use crate::measure::{Load, Measurable, Measured, median};
use crate::people::User;
use crate::procfs::Process;
use crate::product::{Place, Product};
use crate::report::write_page;
use crate::server::Server;
use crate::talk::{print, say};

/// The paths that are asked for. Codes are not among them: all would be of one user, whose session they wait for.
const CASES: [Case; 4] = [Case::Eddsa, Case::Opaque, Case::Introspection, Case::Refresh];

/// How often the generator of the other nodes looks whether it is to go on.
const WATCH: Duration = Duration::from_millis(100);

/// How many times as much CPU time a request may take.
const GOAL: f64 = 1.1;

/// Does what was asked.
pub(crate) fn run(arguments: &NodesArguments) -> anyhow::Result<()> {
    let subject = &arguments.subject;
    ensure!(
        matches!(subject.database, Engine::Postgres(_)),
        "several nodes share a PostgreSQL: name it with --database"
    );
    affinity::pin(Process::own(), affinity::cores().load)?;
    let product = Place::seeded(&subject.database, &subject.server)?.serve()?;
    let others = (1..arguments.nodes).map(|_| product.join()).collect::<Result<Vec<_>, _>>()?;
    let user = User::arrive(&product)?;
    let cluster = Cluster { arguments, product: &product, others: &others, user: &user };
    let mut table = head(arguments);
    print(&table)?;
    let mut bad = 0;
    for case in CASES {
        let line = cluster.line(case, &mut bad)?;
        print(&line)?;
        table.push_str(&line);
    }
    if let Some(page) = &arguments.markdown {
        let engine = subject.database.title();
        write_page(page, &format!("{engine}, nodes"), &subject.command("nodes"), &table)?;
    }
    ensure!(bad == 0, "{bad} replies were not as expected");
    Ok(())
}

fn head(arguments: &NodesArguments) -> String {
    let NodesArguments { nodes, connections, .. } = arguments;
    format!(
        "| CPU time of a request in \u{b5}s, {connections} connections to each node | alone | one of {nodes} | ratio | goal |\n\
         |---|---:|---:|---:|---:|\n"
    )
}

/// The nodes, and who signs in there.
struct Cluster<'c> {
    arguments: &'c NodesArguments,
    product: &'c Product,
    others: &'c [Server],
    user: &'c User,
}

impl Cluster<'_> {
    fn line(&self, case: Case, bad: &mut u64) -> anyhow::Result<String> {
        let mut turns = Vec::new();
        for _ in 0..self.arguments.repeats.max(1) {
            let turn = (self.measure(case)?, self.beside_others(case)?);
            for measured in [&turn.0, &turn.1] {
                *bad += measured.bad;
                measured.first_bad.iter().try_for_each(|said| say(said))?;
            }
            turns.push((cost(&turn.0), cost(&turn.1)));
        }
        let middle = |figure: fn(&(f64, f64)) -> f64| median(turns.iter().map(figure).collect());
        let (alone, beside) = (middle(|turn| turn.0), middle(|turn| turn.1));
        let ratio = middle(|turn| turn.1 / turn.0);
        Ok(format!("| {} | {alone:.1} | {beside:.1} | {ratio:.2} | {GOAL} |\n", case.title()))
    }

    fn measure(&self, case: Case) -> anyhow::Result<Measured> {
        let load = self.load();
        let (mut work, expected) =
            case.work(self.product, self.user, load.connections, load.span)?;
        let node = Measurable { server: &self.product.server, database: None };
        node.measure(load, &mut work, &expected)
    }

    fn load(&self) -> Load {
        Load { connections: self.arguments.connections, span: self.arguments.seconds }
    }

    /// The same while the others are asked for as much.
    fn beside_others(&self, case: Case) -> anyhow::Result<Measured> {
        let connections = self.arguments.connections * self.others.len();
        let (mut work, expected) =
            case.work(self.product, self.user, connections, self.arguments.seconds)?;
        let addresses: Vec<_> = self.others.iter().map(|other| other.address).collect();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let others = scope.spawn(|| {
                let mut ring = ClosedLoop::among(addresses, connections, &mut work, expected)?;
                while !is_over.load(Ordering::Relaxed) {
                    ring.run_for(WATCH)?;
                }
                let tally = ring.take_tally();
                ring.finish().map(|()| tally)
            });
            let measured = self.measure(case);
            is_over.store(true, Ordering::Relaxed);
            let tally = others.join().map_err(|_| anyhow::anyhow!("the others broke off"))??;
            ensure!(tally.bad == 0, "at the others: {:?}", tally.first_bad);
            measured
        })
    }
}

/// CPU time of the node for a request, in microseconds.
fn cost(measured: &Measured) -> f64 {
    1e6 / measured.per_cpu_second
}
