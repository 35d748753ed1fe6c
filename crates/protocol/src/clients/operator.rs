//! What the operator alone changes of a client: its owner, and whether it works in every account.

use domain::{Account, Actor, Client, ClientDraft, Timestamp, UserId};
use store::{Decision, settle};

use super::{ClientRefused, validate, write_update};
use crate::context::Context;

/// A client as the operator wants it.
#[derive(Clone, Debug)]
pub struct OperatorDraft {
    /// What its owner could change too.
    pub draft: ClientDraft,
    /// Whom it belongs to.
    pub owner: UserId,
    /// Since when it works in every account.
    pub global_at: Option<Timestamp>,
}

/// Changes a client, a global one too. It becomes global only while no account has its identifier.
pub async fn update_as_operator(
    ctx: &Context,
    account: &Account,
    before: &Client,
    wanted: OperatorDraft,
) -> Decision<Client, ClientRefused> {
    let registration = validate(ctx, account, &wanted.draft, Some(before.id)).await?;
    let mut after = before.clone();
    registration.apply_to(&mut after);
    after.user_id = wanted.owner;
    after.global_at = wanted.global_at;
    after.updated_at = ctx.now();
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = write_update(ctx, &mut tx, Actor::Operator, (before, &after)).await;
        settle(tx, decision).await
    })
    .await?;
    Ok(after)
}
