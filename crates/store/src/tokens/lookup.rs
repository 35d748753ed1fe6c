//! The look-up of an issue by its access or refresh token, which most requests begin with.

use domain::{AccountId, ExpiryBucket, SecretHash};

use super::{BY_ACCESS, BY_REFRESH, LiveToken, RefreshableToken};
use crate::batches::{Batcher, Batches, Lookup, SharedRead};
use crate::engine::postgres::batched;
use crate::engine::{Source, Statement, Value};
use crate::{Fault, Store};

/// The issue with this access token, whatever became of it, and what decides whether it is alive.
pub async fn by_access(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    bucket: ExpiryBucket,
    hash: &SecretHash,
) -> Result<Option<LiveToken>, Fault> {
    source.into().optional(&BY_ACCESS, &[account_id.into(), bucket.into(), hash.into()]).await
}

/// The same for those who only ask, looked up with whatever they ask for at the same moment. Who revokes stands in no
/// queue with them.
pub async fn by_access_together(
    store: &Store,
    account_id: AccountId,
    bucket: ExpiryBucket,
    hash: &SecretHash,
) -> Result<Option<LiveToken>, Fault> {
    if store.shares_reads() {
        store.look_up(AccessLookup(Key { account_id, bucket, hash: *hash })).await
    } else {
        let values = [account_id.into(), bucket.into(), hash.into()];
        Source::from(store).optional(&BY_ACCESS, &values).await
    }
}

/// The issue with this refresh token, its family and the state of its grant.
pub async fn by_refresh(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    bucket: ExpiryBucket,
    hash: &SecretHash,
) -> Result<Option<RefreshableToken>, Fault> {
    source.into().optional(&BY_REFRESH, &[account_id.into(), bucket.into(), hash.into()]).await
}

/// The same for those who refresh or only ask, looked up with whatever they ask for at the same moment.
pub async fn by_refresh_together(
    store: &Store,
    account_id: AccountId,
    bucket: ExpiryBucket,
    hash: &SecretHash,
) -> Result<Option<RefreshableToken>, Fault> {
    if store.shares_reads() {
        store.look_up(RefreshLookup(Key { account_id, bucket, hash: *hash })).await
    } else {
        let values = [account_id.into(), bucket.into(), hash.into()];
        Source::from(store).optional(&BY_REFRESH, &values).await
    }
}

/// What a row is found by.
struct Key {
    account_id: AccountId,
    bucket: ExpiryBucket,
    hash: SecretHash,
}

impl Key {
    fn values(&self) -> Vec<Value<'_>> {
        vec![self.account_id.into(), self.bucket.into(), (&self.hash).into()]
    }
}

/// One by access token.
pub(crate) struct AccessLookup(Key);

impl SharedRead for AccessLookup {
    type Found = LiveToken;

    const BATCHED: &'static Statement = &batched::BY_ACCESS;
    const NUMBER: usize = 28;

    fn values(&self) -> Vec<Value<'_>> {
        self.0.values()
    }

    fn batcher(batches: &Batches) -> &Batcher<Lookup<Self>> {
        &batches.access_lookups
    }
}

/// One by refresh token.
pub(crate) struct RefreshLookup(Key);

impl SharedRead for RefreshLookup {
    type Found = RefreshableToken;

    const BATCHED: &'static Statement = &batched::BY_REFRESH;
    const NUMBER: usize = 36;

    fn values(&self) -> Vec<Value<'_>> {
        self.0.values()
    }

    fn batcher(batches: &Batches) -> &Batcher<Lookup<Self>> {
        &batches.refresh_lookups
    }
}
