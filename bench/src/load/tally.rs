//! What came back.

use std::time::Duration;

use crate::histogram::Histogram;

/// Replies of a span of time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// Latencies of good replies.
    pub(crate) good: Histogram,
    /// Latencies of replies that said 503: the server sent the request away.
    pub(crate) shed: Histogram,
    /// The same, from when it was really sent.
    pub(crate) shed_since_sent: Histogram,
    /// Requests that were due, while no connection was free.
    pub(crate) unsent: f64,
    /// All other replies, and connections that broke.
    pub(crate) bad: u64,
    /// What the first bad one said.
    pub(crate) first_bad: Option<String>,
    /// How long it was counted.
    pub(crate) span: Duration,
}

/// The characters of a bad reply that are kept.
const SHOWN: usize = 600;

impl Tally {
    /// Notes a bad reply.
    pub(crate) fn note_bad(&mut self, said: impl FnOnce() -> String) {
        self.bad += 1;
        self.first_bad.get_or_insert_with(|| said().chars().take(SHOWN).collect());
    }

    /// Good replies a second.
    #[expect(clippy::cast_precision_loss, reason = "a count of requests is far below 2^52")]
    pub(crate) fn per_second(&self) -> f64 {
        self.good.total() as f64 / self.span.as_secs_f64()
    }
}
