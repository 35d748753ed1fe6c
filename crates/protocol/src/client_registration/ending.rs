//! The end of clients that registered by themselves and are not used: nobody allowed them anything, used
//! what he had allowed, or changed them for long. They go in small units of work beside the requests.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use domain::{Actor, Lifetime, SelfRegistration};
use store::{Decision, Failure, Fault, settle};

use crate::clients;
use crate::context::Context;

/// How often is looked.
const INTERVAL: Duration = Duration::from_mins(10);

/// A client that was used is looked at again so much later.
const RESPITE: Lifetime = Lifetime::days(1);

/// How many registrations are looked at in one unit of work.
const AT_ONCE: i64 = 64;

/// Ends unused clients, again and again. Each time is a flow of its own, which draining waits for.
pub async fn keep_ending(ctx: Arc<Context>) {
    loop {
        let ending = Arc::clone(&ctx);
        let ended = ctx.flows.spawn(async move { end_unused(&ending).await }).await;
        if let Ok(Err(fault)) = ended {
            tracing::warn!(%fault, "clients that are not used stay longer");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Ends what is due now, and returns how many clients that were.
pub async fn end_unused(ctx: &Context) -> Result<usize, Fault> {
    let mut ended = 0;
    loop {
        // Once nobody among the first was used, these are the ones that are due.
        if extend(ctx).await.map_err(Failure::into_fault)? > 0 {
            continue;
        }
        let due = store::client_registrations::due(&ctx.store, ctx.now(), AT_ONCE).await?;
        if due.is_empty() {
            return Ok(ended);
        }
        for registration in &due {
            end(ctx, registration).await.map_err(Failure::into_fault)?;
        }
        ended += due.len();
    }
}

/// Puts off the end of those that were used.
async fn extend(ctx: &Context) -> Decision<u64, Infallible> {
    let now = ctx.now();
    let used_after = now - ctx.policy.self_registration.client_idle_lifetime;
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let times = (now, used_after);
        let extended =
            store::client_registrations::extend(&mut tx, times, now + RESPITE, AT_ONCE).await;
        settle(tx, extended.map_err(Failure::Fault)).await
    })
    .await
}

/// Ends one, once, whichever node is first.
async fn end(ctx: &Context, registration: &SelfRegistration) -> Decision<(), Infallible> {
    let SelfRegistration { client_id, account_id, .. } = *registration;
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            if !store::client_registrations::end(&mut tx, client_id, ctx.now()).await? {
                return Ok(());
            }
            let client = store::clients::show(&mut tx, account_id, client_id).await?;
            let Some(client) = client else { return Ok(()) };
            match clients::erase(ctx, &mut tx, Actor::System, &client).await {
                Err(Failure::Fault(fault)) => Err(Failure::Fault(fault)),
                // Whoever refuses has found it gone.
                Ok(()) | Err(Failure::Refused(_)) => Ok(()),
            }
        }
        .await;
        settle(tx, decision).await
    })
    .await
}
