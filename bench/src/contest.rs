//! Product and limit by turns, in the same minutes: a shared machine is as slow for one as for the other.

use std::path::PathBuf;
use std::time::Duration;

use crate::case::{Against, Case};
use crate::database::Engine;
use crate::hashing;
use crate::limit::Limit;
use crate::measure::{Load, Measured};
use crate::people::User;
use crate::product::Product;
use crate::report::Row;
use crate::talk::say;

/// What is done.
#[derive(Debug, Clone)]
pub(crate) struct Programme {
    /// On this database.
    pub(crate) engine: Engine,
    /// The paths.
    pub(crate) cases: Vec<Case>,
    /// At each of these numbers of connections.
    pub(crate) connections: Vec<usize>,
    /// For so long.
    pub(crate) span: Duration,
    /// So often.
    pub(crate) repeats: usize,
    /// A program in the place of the reference.
    pub(crate) probe: Option<PathBuf>,
}

/// Measures every path of the programme.
pub(crate) fn hold(
    programme: &Programme,
    product: &Product,
    user: &User,
) -> anyhow::Result<Vec<Row>> {
    let mut limit = Limit::start(&programme.engine, programme.probe.as_ref())?;
    let mut rows: Vec<Row> = Vec::new();
    for case in &programme.cases {
        for asked in &programme.connections {
            let connections = case.connections(*asked);
            if rows.iter().any(|row| row.case == *case && row.connections == connections) {
                continue;
            }
            let load = Load { connections, span: programme.span };
            let mut round = Round { product, user, limit: &mut limit, load };
            let row = round.row(*case, programme)?;
            say(&row.to_string())?;
            rows.push(row);
        }
    }
    Ok(rows)
}

/// One path at one number of connections.
struct Round<'r> {
    product: &'r Product,
    user: &'r User,
    limit: &'r mut Limit,
    load: Load,
}

impl Round<'_> {
    fn row(&mut self, case: Case, programme: &Programme) -> anyhow::Result<Row> {
        let (mut products, mut limits) = (Vec::new(), Vec::new());
        for _ in 0..programme.repeats {
            limits.extend(self.limit(case.against())?);
            products.push(self.product(case)?);
        }
        let goal = case.goal(&programme.engine);
        Ok(Row::new(case, self.load.connections, &products, &limits).with_goal(goal))
    }

    fn limit(&mut self, against: Against) -> anyhow::Result<Option<Measured>> {
        match against {
            Against::Nothing => Ok(None),
            Against::Argon2 => hashing::measure(self.load.span).map(Some),
            Against::Reference(ask) => {
                let (mut work, expected) = self.limit.work(ask, self.load.connections)?;
                self.limit.measurable().measure(self.load, &mut work, &expected).map(Some)
            }
        }
    }

    fn product(&mut self, case: Case) -> anyhow::Result<Measured> {
        let Load { connections, span } = self.load;
        let (mut work, expected) = case.work(self.product, self.user, connections, span)?;
        self.product.measurable().measure(self.load, &mut work, &expected)
    }
}
