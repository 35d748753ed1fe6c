//! What the operator alone changes of a client: its owner, and whether it works in every account.

use domain::{Account, Actor, Client, ClientDraft, ClientId, Timestamp, UserId};
use store::{Decision, Failure, settle};

use super::{ClientRefused, require_owner, validate, write_update};
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

impl OperatorDraft {
    /// A client as it is.
    pub fn of(client: &Client) -> Self {
        let draft = ClientDraft::of(client);
        Self { draft, owner: client.user_id, global_at: client.global_at }
    }
}

/// Changes a client of this account, a global one too. It becomes global only while no account has
/// its identifier.
pub async fn update_as_operator(
    ctx: &Context,
    account: &Account,
    id: ClientId,
    edit: impl Fn(&mut OperatorDraft),
) -> Decision<Client, ClientRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let before = store::clients::show(&mut tx, account.id, id).await?;
            let before = before.ok_or(Failure::Refused(ClientRefused::Unknown))?;
            let mut wanted = OperatorDraft::of(&before);
            edit(&mut wanted);
            let registration = validate(ctx, account, &wanted.draft, Some(id)).await?;
            let mut after = before.clone();
            registration.apply_to(&mut after);
            after.user_id = wanted.owner;
            after.global_at = wanted.global_at;
            require_owner(&mut tx, &after).await?;
            write_update(ctx, &mut tx, Actor::Operator, (&before, after)).await
        }
        .await;
        settle(tx, decision).await
    })
    .await
}
