//! An account may want none of a global client: it is unknown there from then on, and its tokens are worth
//! nothing, until the block ends. Other accounts do not notice.

use domain::{Account, Actor, ClientId};
use store::{Decision, Failure, Transaction, settle};

use super::ClientRefused;
use crate::audit::Change;
use crate::context::Context;

/// Blocks a global client at the account. Once is enough.
pub async fn block(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    id: ClientId,
) -> Decision<(), ClientRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            require_global(&mut tx, account, id).await?;
            if store::client_blocks::create(&mut tx, account.id, id, actor, ctx.now()).await? {
                let change = Change::new(actor, "client.blocked", "client", id);
                ctx.audit(&mut tx, account.id, change).await?;
            }
            Ok(())
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// Ends a block.
pub async fn unblock(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    id: ClientId,
) -> Decision<(), ClientRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            if !store::client_blocks::delete(&mut tx, account.id, id).await? {
                return Err(Failure::Refused(ClientRefused::Unknown));
            }
            let change = Change::new(actor, "client.unblocked", "client", id);
            Ok(ctx.audit(&mut tx, account.id, change).await?)
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

async fn require_global(
    tx: &mut Transaction,
    account: &Account,
    id: ClientId,
) -> Decision<(), ClientRefused> {
    let client = store::clients::show(&mut *tx, account.id, id).await?;
    let is_global = client.is_some_and(|client| client.global_at.is_some());
    if is_global { Ok(()) } else { Err(Failure::Refused(ClientRefused::Unknown)) }
}
