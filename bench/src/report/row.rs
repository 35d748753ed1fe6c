//! One path at one number of connections: what was measured, what the limit was, and whether that is enough.

use std::fmt;

use serde::Serialize;

use crate::case::{Case, Goal};
use crate::measure::{Measured, median};

/// A row of the table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    /// The path.
    #[serde(serialize_with = "title")]
    pub(crate) case: Case,
    /// At so many connections.
    pub(crate) connections: usize,
    /// What the product did.
    pub(crate) product: Measured,
    /// What the limit was, if the path has one.
    pub(crate) limit: Option<Measured>,
    /// The middle of the ratios of each turn: requests a second.
    pub(crate) ratio: Option<f64>,
    /// The same for a second of CPU time.
    pub(crate) cpu_ratio: Option<f64>,
    /// What is to be reached here, and by CPU time too if it says so.
    pub(crate) goal: Option<f64>,
    /// Whether it is.
    pub(crate) is_reached: Option<bool>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn title<S: serde::Serializer>(case: &Case, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(case.title())
}

impl Row {
    /// The row of these turns; each product was measured right after its limit.
    pub(crate) fn new(
        case: Case,
        connections: usize,
        products: &[Measured],
        limits: &[Measured],
    ) -> Self {
        let ratio = |figure: fn(&Measured) -> f64| {
            let pairs = products.iter().zip(limits);
            let ratios = pairs.map(|(product, limit)| figure(product) / figure(limit)).collect();
            (!limits.is_empty()).then(|| median(ratios))
        };
        Self {
            case,
            connections,
            product: Measured::median(products),
            limit: (!limits.is_empty()).then(|| Measured::median(limits)),
            ratio: ratio(|it| it.per_second),
            cpu_ratio: ratio(|it| it.per_cpu_second),
            goal: None,
            is_reached: None,
        }
    }

    /// Replies of the limit that were not as expected.
    pub(crate) fn limit_bad(&self) -> u64 {
        self.limit.as_ref().map_or(0, |limit| limit.bad)
    }

    /// The same held to a goal, if the goal is for this number of connections.
    pub(crate) fn with_goal(mut self, goal: Option<Goal>) -> Self {
        let here = |goal: &Goal| goal.connections.is_none_or(|it| it == self.connections);
        let (Some(goal), Some(ratio)) = (goal.filter(here), self.ratio) else { return self };
        let cpu_ratio = self.cpu_ratio.filter(|_| goal.counts_cpu).unwrap_or(ratio);
        self.goal = Some(goal.ratio);
        self.is_reached =
            Some(ratio.min(cpu_ratio) >= goal.ratio && self.product.bad + self.limit_bad() == 0);
        self
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let product = &self.product;
        write!(
            f,
            "{:<27} {:>3}  {:>8.0}/s  {:>8.0}/CPU s  p50 {:>6.0} µs  p99 {:>7.0} µs",
            self.case.title(),
            self.connections,
            product.per_second,
            product.per_cpu_second,
            product.p50_us,
            product.p99_us,
        )?;
        if let (Some(ratio), Some(cpu_ratio)) = (self.ratio, self.cpu_ratio) {
            write!(f, "  ratio {ratio:.2}, {cpu_ratio:.2} by CPU")?;
        }
        if let (Some(goal), Some(is_reached)) = (self.goal, self.is_reached) {
            write!(f, ", {} {goal:.2}", if is_reached { "reaches" } else { "short of" })?;
        }
        for measured in std::iter::once(product).chain(&self.limit) {
            if let Some(said) = &measured.first_bad {
                write!(f, "\n{} bad replies; the first one: {said}", measured.bad)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ratios: &[(f64, f64)], case: Case, connections: usize) -> Row {
        let measured = |figure| Measured::bare(figure, figure);
        let products: Vec<_> = ratios.iter().map(|(product, _)| measured(*product)).collect();
        let limits: Vec<_> = ratios.iter().map(|(_, limit)| measured(*limit)).collect();
        let goal = case.goal(&crate::database::Engine::Sqlite);
        Row::new(case, connections, &products, &limits).with_goal(goal)
    }

    #[test]
    fn the_ratio_is_the_middle_of_the_turns() {
        let row = row(&[(50.0, 100.0), (90.0, 100.0), (60.0, 100.0)], Case::Eddsa, 16);
        assert_eq!((row.ratio, row.goal, row.is_reached), (Some(0.6), Some(0.65), Some(false)));
    }

    #[test]
    fn a_goal_counts_at_its_own_number_of_connections() {
        let turns = [(70.0, 100.0)];
        assert_eq!(row(&turns, Case::Opaque, 16).is_reached, None);
        assert_eq!(row(&turns, Case::Opaque, 64).is_reached, Some(true));
    }

    #[test]
    fn bad_replies_reach_nothing() {
        let mut product = Measured::bare(90.0, 90.0);
        product.bad = 1;
        let goal = Case::Jwks.goal(&crate::database::Engine::Sqlite);
        let row = Row::new(Case::Jwks, 16, &[product], &[Measured::bare(100.0, 100.0)]);
        assert_eq!(row.with_goal(goal).is_reached, Some(false));
    }
}
