//! Rows that have ended leave, in small units of work beside the requests, by whichever node is at it: nothing grows for
//! ever. Which table's rows end when is told in `docs/operations.md`.
//!
//! A row goes only when nothing that can still be presented depends on it: codes go when no handle leads to them, tokens
//! when they have expired, or are dead where they never do, families when the sessions are over in which they began, and these when their families are gone.

mod endless_tokens;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use domain::{ExpiryBucket, Lifetime};
use store::tokens::{EndlessPart, TokenPlace};
use store::{Bucketed, Decision, Failure, Fault, Housekeeping, Transaction, settle};
use tokio::time::{Instant, sleep};

pub use self::endless_tokens::Round;
use crate::context::Context;

/// How often is looked.
const INTERVAL: Duration = Duration::from_mins(1);

/// How many rows leave in one unit of work: it takes a few milliseconds.
const UNIT: i64 = 250;

/// What has ended is left alone so long: other nodes' clocks differ, and requests are under way.
const RESPITE: Lifetime = Lifetime::hours(1);

/// A session whose token families live is looked at again so much later.
const SESSION_RESPITE: Lifetime = Lifetime::days(7);

/// Codes end soon, so that there is room enough ahead.
const ROOM_FOR_CODES: Lifetime = Lifetime::days(7);

/// Deletes what has ended, again and again.
pub async fn keep_house(ctx: Arc<Context>) {
    let mut round = Round::default();
    loop {
        if let Err(fault) = delete_ended(&ctx, &mut round).await {
            tracing::warn!(%fault, "rows that have ended stay longer");
        }
        sleep(INTERVAL).await;
    }
}

/// Deletes what has ended by now, unless another node is at it, and returns how many rows were handled one by one.
pub async fn delete_ended(ctx: &Arc<Context>, round: &mut Round) -> Result<u64, Fault> {
    let Some(house) = ctx.store.keep_house().await? else { return Ok(0) };
    let handled = delete_alone(ctx, &house, round).await;
    house.end().await?;
    handled
}

async fn delete_alone(
    ctx: &Arc<Context>,
    house: &Housekeeping,
    round: &mut Round,
) -> Result<u64, Fault> {
    // Without room of their own rows leave all the same.
    for kept in [make_room(ctx, house).await, drop_partitions(ctx, house).await] {
        if let Err(fault) = kept {
            tracing::info!(%fault, "partitions are made and dropped later");
        }
    }
    // What others depend on comes after them.
    let mut handled = deleted_of_kind(round.go_on(ctx).await);
    for ended in Ended::all(ctx, house) {
        handled += deleted_of_kind(delete_all(ctx, ended).await);
    }
    Ok(handled)
}

/// How many of a kind were handled. The kinds after it need not wait for it.
fn deleted_of_kind(deleted: Result<u64, Fault>) -> u64 {
    deleted.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "rows of one kind that have ended stay longer");
        0
    })
}

/// Makes room for whatever can be issued until tomorrow.
async fn make_room(ctx: &Context, house: &Housekeeping) -> Result<(), Fault> {
    let now = ctx.now();
    let first = ExpiryBucket::first_live(now);
    let until = |lifetime: Lifetime| {
        ExpiryBucket::for_expiry(now, Some(now + Lifetime::days(1) + lifetime))
    };
    let codes = first..until(ROOM_FOR_CODES);
    house.make_room(Bucketed::AuthorizationCodes, codes).await?;
    let tokens = first..until(*ctx.policy.refresh_token_lifetime_range.end());
    house.make_room(Bucketed::Tokens, tokens).await?;
    Ok(())
}

/// Drops what has ended as a whole.
async fn drop_partitions(ctx: &Arc<Context>, house: &Housekeeping) -> Result<(), Fault> {
    let now = ctx.now();
    let first = ExpiryBucket::first_legible(now);
    if let Some(ended) = house.ended_partitions(Bucketed::AuthorizationCodes, first).await? {
        house.drop_partitions(&ended).await?;
    }
    let first = ExpiryBucket::first_live(now);
    if let Some(ended) = house.ended_partitions(Bucketed::Tokens, first).await? {
        end_families(ctx, house.deleted_before(first)).await?;
        house.drop_partitions(&ended).await?;
    }
    Ok(())
}

/// Ends the families whose live leaves are about to leave.
async fn end_families(ctx: &Arc<Context>, before: ExpiryBucket) -> Result<(), Fault> {
    let mut after = TokenPlace::FIRST;
    loop {
        let next = store::tokens::place_after(&ctx.store, before, &after, UNIT).await?;
        unit(ctx, Ended::LeavesAfter(before, after)).await?;
        let Some(next) = next else { return Ok(()) };
        after = next;
    }
}

/// Deletes all of a kind, one unit of work after another.
async fn delete_all(ctx: &Arc<Context>, ended: Ended) -> Result<u64, Fault> {
    let mut handled = 0;
    loop {
        let count = unit(ctx, ended).await?;
        handled += count;
        if count < UNIT.unsigned_abs() {
            return Ok(handled);
        }
    }
}

/// One unit of work, which draining waits for, and a pause as long as it took: the busier the database, the slower.
async fn unit(ctx: &Arc<Context>, ended: Ended) -> Result<u64, Fault> {
    let began = Instant::now();
    let deleting = Arc::clone(ctx);
    let deleted = ctx.flows.spawn(async move { ended.delete(&deleting).await }).await;
    let panicked = |error| Fault::Unavailable(format!("ended rows were not deleted: {error}"));
    let count = deleted.map_err(panicked)?.map_err(Failure::into_fault)?;
    sleep(began.elapsed()).await;
    Ok(count)
}

/// Rows that have ended.
#[derive(Clone, Copy, Debug)]
enum Ended {
    /// Tokens of the buckets before this one.
    Tokens(ExpiryBucket),
    /// Those after a place, of which only the families end.
    LeavesAfter(ExpiryBucket, TokenPlace),
    /// The dead ones of those that never end.
    EndlessTokens(EndlessPart),
    /// Codes of the buckets before this one.
    AuthorizationCodes(ExpiryBucket),
    TokenFamilies,
    Sessions,
    Grants,
    DeniedJtis,
    Guesses,
    AuthorizationRequests,
    UsedAssertions,
    LogoutRequests,
}

impl Ended {
    /// What others depend on comes after them.
    fn all(ctx: &Context, house: &Housekeeping) -> [Self; 10] {
        let now = ctx.now();
        [
            Self::AuthorizationCodes(house.deleted_before(ExpiryBucket::first_legible(now))),
            Self::Tokens(house.deleted_before(ExpiryBucket::first_live(now))),
            Self::TokenFamilies,
            Self::Sessions,
            Self::Grants,
            Self::DeniedJtis,
            Self::Guesses,
            Self::AuthorizationRequests,
            Self::UsedAssertions,
            Self::LogoutRequests,
        ]
    }

    async fn delete(self, ctx: &Context) -> Decision<u64, Infallible> {
        store::retry(|| async {
            let mut tx = ctx.store.begin().await?;
            let deleted = self.delete_in(ctx, &mut tx).await;
            settle(tx, deleted.map_err(Failure::Fault)).await
        })
        .await
    }

    async fn delete_in(self, ctx: &Context, tx: &mut Transaction) -> Result<u64, Fault> {
        let now = ctx.now();
        let before = now - RESPITE;
        match self {
            Self::Tokens(bucket) => {
                let first = (bucket, &TokenPlace::FIRST);
                store::tokens::end_families(tx, first, UNIT, now).await?;
                store::tokens::delete_before(tx, bucket, UNIT).await
            }
            Self::LeavesAfter(bucket, place) => {
                store::tokens::end_families(tx, (bucket, &place), UNIT, now).await.map(|()| 0)
            }
            Self::EndlessTokens(part) => {
                // First, because it ends families: their rows are taken before those of tokens.
                let deleted = store::tokens::delete_revoked(tx, &part, before, now).await?;
                Ok(deleted + store::tokens::revoke_dead(tx, &part, now).await?)
            }
            Self::AuthorizationCodes(bucket) => {
                store::authorization_codes::delete_before(tx, bucket, UNIT).await
            }
            Self::TokenFamilies => {
                // Who ends a session tells everybody who got tokens in it.
                let before = before - ctx.policy.session_absolute_lifetime;
                store::token_families::delete_ended(tx, before, UNIT).await
            }
            Self::Sessions => {
                store::sessions::delete_ended(tx, before, now + SESSION_RESPITE, UNIT).await
            }
            Self::Grants => store::grants::delete_revoked(tx, before, UNIT).await,
            Self::DeniedJtis => store::denied_jtis::delete_expired(tx, before, UNIT).await,
            Self::Guesses => store::guesses::delete_ended(tx, now, UNIT).await,
            Self::AuthorizationRequests => {
                store::authorization_requests::delete_expired(tx, now, UNIT).await
            }
            Self::UsedAssertions => store::used_assertions::delete_expired(tx, now, UNIT).await,
            Self::LogoutRequests => store::logout_requests::delete_expired(tx, now, UNIT).await,
        }
    }
}
