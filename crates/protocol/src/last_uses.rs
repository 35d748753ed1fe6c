//! When credentials were last used: noted in memory where one is verified, and written beside the
//! requests, in small units of work. No request waits for it; a crash loses a few seconds of it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{
    ApiTokenId, ClientSecretId, ExpiryBucket, GrantId, Lifetime, SecretHash, Timestamp, Token,
};
use store::tokens::LiveToken;
use store::{Decision, Failure, Fault, Transaction, settle};
use tokio::sync::Notify;

use crate::context::Context;

/// How long uses wait to be written, unless there are many.
const INTERVAL: Duration = Duration::from_secs(10);

/// A token that is used again this soon after the use that its row tells of costs no write.
const RESOLUTION: Lifetime = Lifetime::seconds(30);

/// How many uses wait at most; while they are not written, the next ones are not noted.
const WAITING: usize = 50_000;

/// How many rows one unit of work writes: on SQLite everybody else waits meanwhile.
const UNIT: usize = 200;

/// What was used, in the order in which rows are taken: grants before tokens, each by its key, so
/// that two nodes never wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Used {
    ClientSecret(ClientSecretId),
    ApiToken(ApiTokenId),
    Grant(GrantId),
    Token(ExpiryBucket, [u8; 32]),
}

/// The uses that wait to be written: one per credential, the latest.
#[derive(Default)]
pub struct LastUses {
    waiting: Mutex<HashMap<Used, Timestamp>>,
    crowded: Notify,
}

impl LastUses {
    /// Notes a use.
    pub(crate) fn note(&self, used: Used, at: Timestamp) {
        let mut waiting = self.waiting();
        if waiting.len() >= WAITING && !waiting.contains_key(&used) {
            return;
        }
        let latest = waiting.entry(used).or_insert(at);
        *latest = at.max(*latest);
        if waiting.len() == WAITING / 2 {
            self.crowded.notify_one();
        }
    }

    /// Notes the use of an access token, and of the grant that it stands under.
    pub(crate) fn note_token(&self, live: &LiveToken, at: Timestamp) {
        let Token { bucket, hash, used_at, .. } = &live.token;
        if used_at.is_some_and(|used_at| used_at + RESOLUTION > at) {
            return;
        }
        self.note(Used::Token(*bucket, *hash.as_bytes()), at);
        if let Some(family) = &live.family {
            self.note(Used::Grant(family.grant_id), at);
        }
    }

    /// Takes what waits, in the order in which it is written.
    fn take(&self) -> Vec<(Used, Timestamp)> {
        let mut uses: Vec<_> = take(&mut *self.waiting()).into_iter().collect();
        uses.sort_unstable();
        uses
    }

    /// Returns when it is time to write.
    async fn due(&self) {
        let _ = tokio::time::timeout(INTERVAL, self.crowded.notified()).await;
    }

    /// Whoever panicked while noting has left what was noted.
    fn waiting(&self) -> MutexGuard<'_, HashMap<Used, Timestamp>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes what waits, again and again. Each time is a flow of its own, which draining waits for.
pub async fn keep_writing(ctx: Arc<Context>) {
    loop {
        ctx.last_uses.due().await;
        let writing = Arc::clone(&ctx);
        let written = ctx.flows.spawn(async move { write(&writing).await }).await;
        if let Ok(Err(fault)) = written {
            tracing::warn!(%fault, "last uses wait longer to be written");
        }
    }
}

/// Writes what waits now. What cannot be written waits on.
pub async fn write(ctx: &Context) -> Result<(), Fault> {
    let uses = ctx.last_uses.take();
    let mut written = 0;
    for unit in uses.chunks(UNIT) {
        if let Err(failure) = write_unit(ctx, unit).await {
            for (used, at) in &uses[written..] {
                ctx.last_uses.note(*used, *at);
            }
            return Err(failure.into_fault());
        }
        written += unit.len();
    }
    Ok(())
}

async fn write_unit(ctx: &Context, uses: &[(Used, Timestamp)]) -> Decision<(), Infallible> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let written = write_rows(&mut tx, uses).await;
        settle(tx, written.map_err(Failure::Fault)).await
    })
    .await
}

/// Each row has a statement of its own; PostgreSQL gets many of them in one round trip.
async fn write_rows(tx: &mut Transaction, uses: &[(Used, Timestamp)]) -> Result<(), Fault> {
    for (used, at) in uses {
        match *used {
            Used::ClientSecret(id) => store::client_secrets::used(tx, id, *at).await?,
            Used::ApiToken(id) => store::api_tokens::used(tx, id, *at).await?,
            Used::Grant(id) => store::grants::used(tx, id, *at).await?,
            Used::Token(bucket, hash) => {
                store::tokens::used(tx, bucket, &SecretHash::from_bytes(hash), *at).await?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::Policy;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_777_887_000_000);

    fn grant(id: i64) -> Used {
        Used::Grant(GrantId::new(id))
    }

    #[test]
    fn what_is_told_lags_no_more_than_the_policy_allows() {
        let interval = Lifetime::millis(i64::try_from(INTERVAL.as_millis()).expect("seconds"));
        assert!(NOW + RESOLUTION + interval + interval <= NOW + Policy::default().last_used_lag);
    }

    #[test]
    fn the_latest_use_of_each_waits_in_the_order_of_writing() {
        let uses = LastUses::default();
        let token = Used::Token(ExpiryBucket::NEVER, [7; 32]);
        let later = NOW + Lifetime::seconds(1);
        for (used, at) in [(token, NOW), (grant(2), later), (grant(2), NOW), (grant(1), NOW)] {
            uses.note(used, at);
        }
        assert_eq!(uses.take(), [(grant(1), NOW), (grant(2), later), (token, NOW)]);
        assert_eq!(uses.take(), []);
    }

    #[tokio::test]
    async fn as_many_wait_as_there_is_room_for() {
        let uses = LastUses::default();
        for id in 0..i64::try_from(WAITING + 5).expect("it fits") {
            uses.note(grant(id), NOW);
        }
        let later = NOW + Lifetime::seconds(1);
        uses.note(grant(0), later);
        // Many are due at once: this does not wait for the interval.
        tokio::time::timeout(INTERVAL / 2, uses.due()).await.expect("it is due");
        let waiting = uses.take();
        assert_eq!(waiting.len(), WAITING);
        assert_eq!(waiting[0], (grant(0), later));
    }
}
