//! How a server got over more requests than it can answer.

use std::fmt::Write as _;
use std::time::Duration;

use crate::case::Case;
use crate::histogram::Histogram;
use crate::load::Tally;
use crate::witness::Witnessed;

/// An overload and its end.
pub(crate) struct Overload {
    /// The path.
    pub(crate) case: Case,
    /// What it answers a second when nobody asks too much.
    pub(crate) peak: f64,
    /// The same when all is over, in a database that has grown meanwhile.
    pub(crate) peak_after: f64,
    /// What it was asked a second.
    pub(crate) rate: f64,
    /// What came back.
    pub(crate) tally: Tally,
    /// What was seen meanwhile.
    pub(crate) witnessed: Witnessed,
    /// Memory before, in bytes.
    pub(crate) before: u64,
    /// The same after.
    pub(crate) after: u64,
    /// How long the first good quarter of a second took afterwards.
    pub(crate) recovery: Option<Duration>,
}

impl Overload {
    /// A table of Markdown.
    pub(crate) fn table(&self, engine: &str) -> String {
        let mut text =
            format!("| {engine}, {} | measured | goal |\n|---|---:|---:|\n", self.case.title());
        for [name, figure, goal] in self.lines() {
            let _ = writeln!(text, "| {name} | {figure} | {goal} |");
        }
        text
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of requests is far below 2^52")]
    fn lines(&self) -> Vec<[String; 3]> {
        let Tally { good, shed, shed_since_sent, unsent, span, bad, .. } = &self.tally;
        let sent = (good.total() + shed.total() + bad) as f64 / span.as_secs_f64();
        let goodput = self.tally.per_second();
        let shed_rate = shed.total() as f64 / span.as_secs_f64();
        let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
        let line =
            |name: &str, figure: String, goal: &str| [name.to_owned(), figure, goal.to_owned()];
        let witnessed = |tally: &Tally| {
            format!(
                "{} good, {} bad, p99 {}",
                tally.good.total(),
                tally.bad,
                millis(tally.good.quantile(0.99))
            )
        };
        let recovery =
            self.recovery.map_or("never".to_owned(), |it| format!("{:.2} s", it.as_secs_f64()));
        vec![
            line(
                "capacity before and after",
                format!("{:.0}/s, {:.0}/s", self.peak, self.peak_after),
                "",
            ),
            line("asked for", format!("{:.0}/s for {:.0} s", self.rate, span.as_secs_f64()), ""),
            line(
                "answered, well or not",
                format!("{sent:.0}/s; {:.0}/s found no connection", unsent / span.as_secs_f64()),
                "",
            ),
            line(
                "goodput, share of either",
                format!("{:.2}, {:.2}", goodput / self.peak, goodput / self.peak_after),
                "≥ 0.90",
            ),
            line("latency of good replies, p50 and p99", latency(good), ""),
            line("503 replies", format!("{shed_rate:.0}/s"), ""),
            line("their latency since they were due, p50 and p99", latency(shed), "≤ 50 ms"),
            line("the same since they were sent", latency(shed_since_sent), ""),
            line("other replies", bad.to_string(), "0"),
            line("health, operators' listener", witnessed(&self.witnessed.health), "answers"),
            line("revocation", witnessed(&self.witnessed.revocation), "answers"),
            line(
                "memory before, at most, after (PSS)",
                format!(
                    "{}, {}, {}",
                    mib(self.before),
                    mib(self.witnessed.most_memory),
                    mib(self.after)
                ),
                "flat",
            ),
            line("until it does 90 % of its capacity again", recovery, "≤ 5 s"),
        ]
    }
}

fn latency(of: &Histogram) -> String {
    if of.total() == 0 {
        return "there were none".to_owned();
    }
    format!("{}, {}", millis(of.quantile(0.5)), millis(of.quantile(0.99)))
}

fn millis(span: Duration) -> String {
    format!("{:.1} ms", span.as_secs_f64() * 1e3)
}
