//! The delivery of one logout token (OpenID Connect Back-Channel Logout 1.0 §2.4 to §2.8). It is signed when it is
//! sent, so that one which waited is as fresh as the first.

use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use domain::{Account, Actor, Client, LogoutDelivery, LogoutOutcome, Policy, Timestamp};
use serde_json::json;
use store::{Decision, Failure, Fault, Transaction, settle};
use wire::{LogoutEvent, LogoutTokenClaims};

use crate::audit::Change;
use crate::context::Context;
use crate::{outbound, signing, subject};

/// The `typ` that keeps other JWTs from passing for logout tokens (§2.4).
const TYP: &str = "logout+jwt";

/// What came of one try.
enum Tried {
    /// It is over.
    Over(LogoutOutcome),
    /// It is tried again.
    Again,
}

/// Tries a delivery, and writes what came of it. Nothing is open while the client is asked.
pub(super) async fn deliver(ctx: &Context, delivery: &LogoutDelivery) -> Result<(), Fault> {
    let now = ctx.now();
    match attempt(ctx, delivery).await? {
        Tried::Over(outcome) => finish(ctx, delivery, outcome).await,
        Tried::Again => match next_try(&ctx.policy, delivery.created_at, now) {
            Some(due_at) => postpone(ctx, delivery, due_at).await,
            None => finish(ctx, delivery, LogoutOutcome::GivenUp).await,
        },
    }
}

/// Leaves a delivery for a little later, without a try.
pub(super) async fn put_off(ctx: &Context, delivery: &LogoutDelivery) -> Result<(), Fault> {
    postpone(ctx, delivery, ctx.now() + ctx.policy.logout.delivery_backoff).await
}

/// When it is tried again: after as long as it has been tried already, within limits; none: never.
fn next_try(policy: &Policy, created_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let age = now.since(created_at);
    let wait = age.max(policy.logout.delivery_backoff).min(policy.logout.delivery_backoff_limit);
    (age < policy.logout.delivery_span).then(|| now + wait)
}

async fn attempt(ctx: &Context, delivery: &LogoutDelivery) -> Result<Tried, Fault> {
    let cache = ctx.store.cache();
    let account = cache.account_by_id(delivery.account_id).await?;
    let client = cache.client_by_id(delivery.account_id, delivery.client_id).await?;
    let Some((account, client)) = account.zip(client) else {
        return Ok(Tried::Over(LogoutOutcome::Unwanted));
    };
    let Some(uri) = &client.metadata.backchannel_logout_uri else {
        return Ok(Tried::Over(LogoutOutcome::Unwanted));
    };
    let token = logout_token(ctx, &account, &client, delivery).await?;
    let form = [("logout_token", token.as_str())];
    Ok(match outbound::post_form(ctx, account.id, uri, &form).await {
        Ok(status) => judge(status),
        Err(refused) => {
            tracing::info!(client = %client.id, %refused, "a logout token was not delivered");
            Tried::Again
        }
    })
}

/// §2.8: 200 says yes, and frameworks turn that into 204; 400 says no.
fn judge(status: u16) -> Tried {
    match status {
        200 | 204 => Tried::Over(LogoutOutcome::Delivered),
        400 => Tried::Over(LogoutOutcome::Refused),
        _ => Tried::Again,
    }
}

async fn logout_token(
    ctx: &Context,
    account: &Account,
    client: &Client,
    delivery: &LogoutDelivery,
) -> Result<String, Fault> {
    let now = ctx.now();
    let claims = LogoutTokenClaims {
        iss: account.issuer().as_str(),
        sub: &subject::of(ctx, client, delivery.user_id),
        aud: client.identifier.as_str(),
        iat: now.as_seconds(),
        exp: (now + ctx.policy.logout.token_lifetime).as_seconds(),
        jti: &BASE64URL.encode(&ctx.entropy.bytes()[..16]),
        events: LogoutEvent,
        sid: &ctx.keyring.session_identifier(delivery.session_id),
    };
    let algorithm = client.metadata.id_token_signed_response_alg;
    signing::sign(ctx, account.id, algorithm, TYP, &claims).await
}

async fn postpone(
    ctx: &Context,
    delivery: &LogoutDelivery,
    due_at: Timestamp,
) -> Result<(), Fault> {
    let mut tx = ctx.store.begin().await?;
    let postponed = store::logout_deliveries::postpone(&mut tx, delivery, due_at).await;
    let settled: Decision<bool, Infallible> = settle(tx, postponed.map_err(Failure::Fault)).await;
    settled.map(drop).map_err(Failure::into_fault)
}

/// Ends a delivery, unless somebody else has taken it since. What the client did not take is for the audit
/// log.
async fn finish(
    ctx: &Context,
    delivery: &LogoutDelivery,
    outcome: LogoutOutcome,
) -> Result<(), Fault> {
    let of = outcome.as_str();
    metrics::counter!("consentry_logout_deliveries_total", "outcome" => of).increment(1);
    let settled: Decision<(), Infallible> = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let finished = finish_in(ctx, &mut tx, delivery, outcome).await;
        settle(tx, finished.map_err(Failure::Fault)).await
    })
    .await;
    settled.map_err(Failure::into_fault)
}

async fn finish_in(
    ctx: &Context,
    tx: &mut Transaction,
    delivery: &LogoutDelivery,
    outcome: LogoutOutcome,
) -> Result<(), Fault> {
    let is_ours = store::logout_deliveries::finish(tx, delivery, outcome, ctx.now()).await?;
    if !is_ours || !matches!(outcome, LogoutOutcome::Refused | LogoutOutcome::GivenUp) {
        return Ok(());
    }
    let change = Change::new(Actor::System, "logout.undelivered", "client", delivery.client_id)
        .with(json!({
            "outcome": outcome.as_str(),
            "session_id": delivery.session_id.get(),
            "user_id": delivery.user_id.get(),
        }));
    ctx.audit(tx, delivery.account_id, change).await
}

#[cfg(test)]
mod tests {
    use domain::Lifetime;

    use super::*;

    #[test]
    fn a_delivery_waits_as_long_as_it_was_tried_and_is_given_up_in_the_end() {
        let policy = Policy::default();
        let ended_at = Timestamp::from_millis(1_777_887_000_000);
        for (age, wait) in [
            (Lifetime::seconds(0), Some(Lifetime::seconds(5))),
            (Lifetime::seconds(5), Some(Lifetime::seconds(5))),
            (Lifetime::seconds(40), Some(Lifetime::seconds(40))),
            (Lifetime::hours(3), Some(Lifetime::hours(1))),
            (Lifetime::hours(24), None),
        ] {
            let now = ended_at + age;
            let next = next_try(&policy, ended_at, now).map(|at| at.since(now));
            assert_eq!(next, wait, "{age:?}");
        }
    }
}
