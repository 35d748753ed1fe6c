//! Rows and vitals as tables of Markdown.

use std::fmt::Write as _;

use serde::Serialize;

use super::Row;
use crate::storm::Storm;

/// How many times as long introspection may take while people sign in.
const STORM_GOAL: f64 = 3.0;

/// What is measured besides load.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Vitals {
    /// From the start of the process to its first 200 on an existing database, in milliseconds.
    pub(crate) start_ms: f64,
    /// Memory before any load (proportional set size), in MiB.
    pub(crate) idle_mib: f64,
    /// The same after all of it.
    pub(crate) loaded_mib: f64,
    /// The binary as it is, in MB.
    pub(crate) binary_mb: f64,
    /// Introspection while people sign in, if that was measured.
    pub(crate) storm: Option<Storm>,
}

/// The table of an engine.
pub(crate) fn table(engine: &str, rows: &[Row], vitals: &Vitals) -> String {
    let mut text = format!(
        "| {engine} | connections | req/s | req per CPU s | p50 µs | p99 µs | foreign | limit req/s | ratio | ratio by CPU | goal | |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n"
    );
    for row in rows {
        line(&mut text, row);
    }
    text.push('\n');
    text.push_str(&vitals.table(engine));
    text
}

fn line(text: &mut String, row: &Row) {
    let product = &row.product;
    let limit = row.limit.as_ref().map(|limit| format!("{:.0}", limit.per_second));
    let two = |figure: Option<f64>| figure.map(|it| format!("{it:.2}")).unwrap_or_default();
    let verdict = match row.is_reached {
        Some(true) => "reached",
        Some(false) => "not reached",
        None => "",
    };
    let cells = [
        row.case.title().to_owned(),
        row.connections.to_string(),
        format!("{:.0}", product.per_second),
        format!("{:.0}", product.per_cpu_second),
        format!("{:.0}", product.p50_us),
        format!("{:.0}", product.p99_us),
        format!("{:.2}", product.foreign),
        limit.unwrap_or_default(),
        two(row.ratio),
        two(row.cpu_ratio),
        two(row.goal),
        verdict.to_owned(),
    ];
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

impl Vitals {
    fn table(&self, engine: &str) -> String {
        let mut text = format!("| {engine} | measured | goal | |\n|---|---:|---:|---|\n");
        let figures = [
            ("start to the first 200, existing database", self.start_ms, 100.0, "ms"),
            ("memory, idle (PSS)", self.idle_mib, 33.0, "MiB"),
            ("memory after load (PSS)", self.loaded_mib, 80.0, "MiB"),
            ("binary", self.binary_mb, 30.0, "MB"),
        ];
        for (name, figure, goal, unit) in figures {
            let verdict = if figure <= goal { "reached" } else { "not reached" };
            let _ =
                writeln!(text, "| {name} | {figure:.1} {unit} | {goal:.0} {unit} | {verdict} |");
        }
        if let Some(Storm { idle_p99_us, p99_us, ratio, sign_ins, .. }) = &self.storm {
            let verdict = if *ratio <= STORM_GOAL { "reached" } else { "not reached" };
            let _ = writeln!(
                text,
                "| introspection p99 while {sign_ins:.0} people sign in a second: {p99_us:.0} µs, \
                 otherwise {idle_p99_us:.0} µs | {ratio:.2} | {STORM_GOAL:.0} | {verdict} |"
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;
    use crate::measure::Measured;

    #[test]
    fn a_row_says_ratio_goal_and_verdict() {
        let (product, limit) = (Measured::bare(900.0, 950.0), Measured::bare(1_000.0, 1_000.0));
        let goal = Case::Jwks.goal(&crate::database::Engine::Sqlite);
        let row = Row::new(Case::Jwks, 16, &[product], &[limit]).with_goal(goal);
        let vitals = Vitals {
            start_ms: 20.0,
            idle_mib: 34.0,
            loaded_mib: 50.0,
            binary_mb: 29.0,
            storm: None,
        };
        let text = table("SQLite", &[row], &vitals);
        let expected = "| JWKS | 16 | 900 | 950 | 1111 | 1111 | 0.00 | 1000 | 0.90 | 0.95 | 0.80 | reached |\n";
        assert!(text.contains(expected), "{text}");
        assert!(
            text.contains("| memory, idle (PSS) | 34.0 MiB | 33 MiB | not reached |\n"),
            "{text}"
        );
    }
}
