//! Keeping house: what only one node does at a time, and what the engines do in their own ways so that ended rows leave.
//!
//! On SQLite rows leave one range of keys after another. On PostgreSQL tables with an expiry bucket are partitioned by
//! week: a week leaves at once, and only what lies in no week of its own leaves row by row.

use std::ops::Range;

use domain::ExpiryBucket;

use crate::engine::Engine;
use crate::engine::postgres::{Partitions, week_of};
use crate::{Fault, Store};

/// A table whose key begins with the expiry bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucketed {
    /// `authorization_codes`.
    AuthorizationCodes,
    /// `tokens`.
    Tokens,
}

impl Bucketed {
    const fn table(self) -> &'static str {
        match self {
            Self::AuthorizationCodes => "authorization_codes",
            Self::Tokens => "tokens",
        }
    }
}

/// The right to keep house, until it is dropped.
pub struct Housekeeping {
    partitions: Option<Partitions>,
}

/// Everything of a table that leaves at once.
pub struct EndedPartitions(Vec<String>);

impl Store {
    /// Takes the right to keep house; none: another node is at it.
    pub async fn keep_house(&self) -> Result<Option<Housekeeping>, Fault> {
        Ok(match self.engine() {
            Engine::Sqlite(_) => Some(Housekeeping { partitions: None }),
            Engine::Postgres(postgres) => postgres
                .partitions()
                .await?
                .map(|partitions| Housekeeping { partitions: Some(partitions) }),
        })
    }
}

impl Housekeeping {
    /// Gives the right back; who only drops it keeps it until the server notices.
    pub async fn end(self) -> Result<(), Fault> {
        match self.partitions {
            Some(partitions) => partitions.leave().await,
            None => Ok(()),
        }
    }

    /// Makes room for rows of these buckets, as far as there is none and it can be made without holding anybody up.
    /// Returns how many partitions are new.
    pub async fn make_room(
        &self,
        table: Bucketed,
        buckets: Range<ExpiryBucket>,
    ) -> Result<usize, Fault> {
        match &self.partitions {
            Some(partitions) => partitions.make(table.table(), buckets).await,
            None => Ok(0),
        }
    }

    /// The bucket before which rows leave one by one, when everything before this one has ended: the others wait for
    /// the end of their week.
    pub const fn deleted_before(&self, bucket: ExpiryBucket) -> ExpiryBucket {
        if self.partitions.is_some() { week_of(bucket) } else { bucket }
    }

    /// What leaves at once, when everything before this bucket has ended.
    pub async fn ended_partitions(
        &self,
        table: Bucketed,
        before: ExpiryBucket,
    ) -> Result<Option<EndedPartitions>, Fault> {
        let Some(partitions) = &self.partitions else { return Ok(None) };
        let names = partitions.ended(table.table(), before).await?;
        Ok((!names.is_empty()).then_some(EndedPartitions(names)))
    }

    /// Lets go what leaves at once.
    pub async fn drop_partitions(&self, ended: &EndedPartitions) -> Result<(), Fault> {
        match &self.partitions {
            Some(partitions) => partitions.drop(&ended.0).await,
            None => Ok(()),
        }
    }
}
