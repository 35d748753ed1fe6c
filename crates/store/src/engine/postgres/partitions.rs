//! Partitions by week of expiry: made ahead of time, dropped whole when everything in them has ended.
//!
//! A week is a compromise: a look-up with a prepared plan takes a fifth longer with fifteen partitions than with none,
//! and twice as long with a hundred, one for each day.
//!
//! Making and dropping one lock the whole table for a moment. Who cannot have the lock at once goes away and comes back
//! later: meanwhile rows go to the default partition, and leave that a few at a time.

use std::ops::Range;

use deadpool_postgres::ClientWrapper;
use domain::ExpiryBucket;

use super::{Postgres, fault};
use crate::Fault;

/// Buckets are hours.
const WEEK: i64 = 7 * 24;

/// A connection that keeps house alone; the lock ends with it. Waiting for a table holds up everybody who comes later,
/// so it is short.
const BEGIN: &str = "SET statement_timeout = '5s'; SET lock_timeout = '100ms'";

/// Any number that nobody else uses on this database.
const LOCK: &str = "SELECT pg_try_advisory_lock(6017364212)";

const UNLOCK: &str = "SELECT pg_advisory_unlock(6017364212)";

/// Making a partition reads the default one, while everybody waits: a few milliseconds for so many bytes.
const LARGEST_DEFAULT: i64 = 64 << 20;

/// The partitions of a table, by name.
const LIST: &str = "
SELECT c.relname
FROM pg_catalog.pg_inherits AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass($1)";

/// The right to make and drop partitions, which one node at a time has.
pub(crate) struct Partitions {
    client: ClientWrapper,
}

impl Postgres {
    /// Takes the right to keep house; none: another node has it.
    pub(crate) async fn partitions(&self) -> Result<Option<Partitions>, Fault> {
        let client = self.connect_alone().await?;
        client.batch_execute(BEGIN).await.map_err(failed)?;
        let row = client.query_one(LOCK, &[]).await.map_err(failed)?;
        let is_alone: bool = row.try_get(0).map_err(failed)?;
        Ok(is_alone.then_some(Partitions { client }))
    }
}

/// The first bucket of the week that this one lies in.
pub(crate) const fn week_of(bucket: ExpiryBucket) -> ExpiryBucket {
    ExpiryBucket::from_stored(bucket.get().div_euclid(WEEK) * WEEK)
}

impl Partitions {
    /// Makes the partitions for the weeks of these buckets, and the one for what never ends, as far as they are missing
    /// and can be made now. Returns how many were made.
    pub(crate) async fn make(
        &self,
        table: &'static str,
        buckets: Range<ExpiryBucket>,
    ) -> Result<usize, Fault> {
        let known = self.list(table).await?;
        let mut made = 0;
        for part in parts(table, &buckets).filter(|part| !known.contains(&part.name)) {
            if !self.has_room(&part).await? {
                continue;
            }
            self.client.batch_execute(&part.create()).await.map_err(failed)?;
            made += 1;
        }
        Ok(made)
    }

    /// The partitions that hold nothing but buckets before this one.
    pub(crate) async fn ended(
        &self,
        table: &'static str,
        before: ExpiryBucket,
    ) -> Result<Vec<String>, Fault> {
        let mut names = self.list(table).await?;
        let week = |name: &str| name.strip_prefix(table)?.strip_prefix("_b")?.parse::<i64>().ok();
        names.retain(|name| week(name).is_some_and(|week| week + WEEK <= before.get()));
        names.sort_unstable();
        Ok(names)
    }

    /// Drops partitions, with everything in them.
    pub(crate) async fn drop(&self, names: &[String]) -> Result<(), Fault> {
        for name in names {
            self.client.batch_execute(&format!("DROP TABLE {name}")).await.map_err(failed)?;
        }
        Ok(())
    }

    /// Gives the right back.
    pub(crate) async fn leave(self) -> Result<(), Fault> {
        self.client.batch_execute(UNLOCK).await.map_err(failed)
    }

    async fn list(&self, table: &'static str) -> Result<Vec<String>, Fault> {
        let rows = self.client.query(LIST, &[&table]).await.map_err(failed)?;
        rows.iter().map(|row| row.try_get(0).map_err(failed)).collect()
    }

    /// Whether the default partition has no row that belongs to this one, and is read in no time.
    async fn has_room(&self, part: &Part) -> Result<bool, Fault> {
        let row = self.client.query_one(&part.ask_default(), &[]).await.map_err(failed)?;
        let (size, is_free): (i64, bool) =
            (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
        Ok(is_free && size <= LARGEST_DEFAULT)
    }
}

/// A partition as it is to be.
struct Part {
    table: &'static str,
    name: String,
    from: i64,
    to: i64,
}

/// The partition for what never ends, and those for the weeks of these buckets.
fn parts(table: &'static str, buckets: &Range<ExpiryBucket>) -> impl Iterator<Item = Part> {
    let never = ExpiryBucket::NEVER.get();
    let never = Part { table, name: format!("{table}_never"), from: never, to: never + 1 };
    let (first, end) = (week_of(buckets.start).get(), buckets.end.get());
    let starts = (0..).map(move |number| first + number * WEEK).take_while(move |from| *from < end);
    let weeks = starts.map(move |from| Part {
        table,
        name: format!("{table}_b{from}"),
        from,
        to: from + WEEK,
    });
    [never].into_iter().chain(weeks)
}

impl Part {
    fn create(&self) -> String {
        let Self { table, name, from, to } = self;
        format!("CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ({from}) TO ({to})")
    }

    fn ask_default(&self) -> String {
        let Self { table, from, to, .. } = self;
        format!(
            "SELECT pg_relation_size('{table}_default'), NOT EXISTS (
               SELECT 1 FROM {table}_default WHERE bucket >= {from} AND bucket < {to})"
        )
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn failed(error: tokio_postgres::Error) -> Fault {
    fault("partitions", &error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_follow_one_another_without_a_gap() {
        let bucket = ExpiryBucket::from_stored;
        let parts: Vec<_> = parts("tokens", &(bucket(1000)..bucket(1000 + 2 * WEEK))).collect();
        let ranges: Vec<_> =
            parts.iter().map(|part| (part.name.as_str(), part.from, part.to)).collect();
        assert_eq!(
            ranges,
            [
                ("tokens_never", 1 << 40, (1 << 40) + 1),
                ("tokens_b840", 840, 1008),
                ("tokens_b1008", 1008, 1176),
                ("tokens_b1176", 1176, 1344),
            ]
        );
    }
}
