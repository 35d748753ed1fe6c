//! The steps of keys' lives that time brings, of all accounts: every node looks for them, and the
//! database says who takes each.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use domain::{Actor, KeyState, SigningKey, Timestamp};
use store::{Decision, Failure, Fault, Transaction, settle};

use super::{record, rotate};
use crate::context::Context;

/// How often steps that are due are looked for.
const INTERVAL: Duration = Duration::from_secs(5);

/// How many keys take a step at once; the rest follow next time.
const AT_MOST: i64 = 100;

/// How many new keys are made at once: RSA keeps a processor busy for a while.
const MADE_AT_MOST: i64 = 8;

/// Takes what steps are due, again and again. Each time is a flow of its own, which draining waits for.
pub async fn keep_turning(ctx: Arc<Context>) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        let turning = Arc::clone(&ctx);
        let turned = ctx.flows.spawn(async move { turn(&turning).await }).await;
        if let Ok(Err(fault)) = turned {
            tracing::warn!(%fault, "signing keys could not be looked at");
        }
    }
}

/// Takes every step that is due: next keys become current and current ones retiring, retiring ones
/// retired, and what is old gets a successor. A key that cannot take its step keeps no other from its own.
pub async fn turn(ctx: &Context) -> Result<(), Fault> {
    for key in store::signing_keys::due(&ctx.store, ctx.now(), AT_MOST).await? {
        let stepped = step(ctx, &key).await.map_err(Failure::into_fault);
        report(&key, stepped);
    }
    let Some(age) = ctx.policy.keys.rotation else { return Ok(()) };
    let made_by = Timestamp::from_millis(ctx.now().as_millis() - age.as_millis());
    for key in store::signing_keys::aged(&ctx.store, made_by, MADE_AT_MOST).await? {
        let rotated = rotate(ctx, Actor::System, key.account_id, &[key.algorithm]).await;
        report(&key, rotated.map(drop));
    }
    Ok(())
}

fn report<E: std::fmt::Debug>(key: &SigningKey, outcome: Result<(), E>) {
    if let Err(failure) = outcome {
        let (account_id, kid) = (key.account_id.get(), &key.kid);
        tracing::warn!(?failure, account_id, kid, "a signing key could not take its next step");
    }
}

async fn step(ctx: &Context, key: &SigningKey) -> Decision<(), Infallible> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let stepped = match key.state {
            KeyState::Next => promote(ctx, &mut tx, key).await,
            KeyState::Retiring => retire(ctx, &mut tx, key).await,
            // Neither waits for anything.
            KeyState::Current | KeyState::Retired => Ok(()),
        };
        settle(tx, stepped.map_err(Failure::Fault)).await
    })
    .await
}

/// The next key signs, and the one that did signs no more.
async fn promote(ctx: &Context, tx: &mut Transaction, next: &SigningKey) -> Result<(), Fault> {
    let now = ctx.now();
    let retired_at = now + ctx.policy.keys.retiring_period;
    let demoted = store::signing_keys::demote(tx, next, now, retired_at).await?;
    if store::signing_keys::promote(tx, next.id, now).await? {
        return record(ctx, tx, Actor::System, ("signing_key.promoted", next)).await;
    }
    if demoted {
        // Somebody revoked it in between: without a successor the other one signs on.
        return Err(Fault::Retryable("a next signing key was revoked".to_owned()));
    }
    Ok(())
}

async fn retire(ctx: &Context, tx: &mut Transaction, key: &SigningKey) -> Result<(), Fault> {
    if store::signing_keys::retire(tx, key.id, ctx.now()).await? {
        record(ctx, tx, Actor::System, ("signing_key.retired", key)).await?;
    }
    Ok(())
}
