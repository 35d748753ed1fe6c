//! The look-up of an issue by its access token, which most requests to an API begin with.

use domain::{AccountId, ExpiryBucket, SecretHash};

use super::{BY_ACCESS, LiveToken};
use crate::Fault;
use crate::batches::{Batcher, Batches, Lookup, SharedRead};
use crate::engine::postgres::batched;
use crate::engine::{Source, Statement, Value};

/// The issue with this access token, whatever became of it, and what decides whether it is alive.
pub async fn by_access(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    bucket: ExpiryBucket,
    hash: &SecretHash,
) -> Result<Option<LiveToken>, Fault> {
    match source.into() {
        Source::Store(store) if store.shares_reads() => {
            store.look_up(AccessLookup { account_id, bucket, hash: *hash }).await
        }
        mut source => {
            source.optional(&BY_ACCESS, &[account_id.into(), bucket.into(), hash.into()]).await
        }
    }
}

/// What is looked for.
pub(crate) struct AccessLookup {
    account_id: AccountId,
    bucket: ExpiryBucket,
    hash: SecretHash,
}

impl SharedRead for AccessLookup {
    type Found = LiveToken;

    const BATCHED: &'static Statement = &batched::BY_ACCESS;
    const NUMBER: usize = 28;

    fn values(&self) -> Vec<Value<'_>> {
        vec![self.account_id.into(), self.bucket.into(), (&self.hash).into()]
    }

    fn batcher(batches: &Batches) -> &Batcher<Lookup<Self>> {
        &batches.access_lookups
    }
}
