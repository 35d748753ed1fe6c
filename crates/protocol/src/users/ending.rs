//! The ends of a user: suspended, let in again, deleted. Everything of his ends at once.

use domain::{Account, Actor, FaultCode, Timestamp, User, UserId};
use serde_json::json;
use store::{Decision, Failure, Fault, Transaction, settle};

use super::edit::{EditRefused, Editor, fault};
use super::{UserRefused, edit};
use crate::audit::Change;
use crate::context::Context;
use crate::sessions;

/// Suspends a user, or ends a suspension, as the operator may do with anybody. Everything of a suspended
/// user has ended at once and for good; the mark moves at both ends, since a node may issue something
/// until it hears of it.
pub async fn suspend(
    ctx: &Context,
    actor: Actor,
    user: &User,
    suspended_at: Option<Timestamp>,
) -> Decision<(), UserRefused> {
    let done = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            store::accounts::take(&mut tx, user.account_id).await?;
            let (key, now) = ((user.account_id, user.id), ctx.now());
            if !store::users::suspend(&mut tx, key, suspended_at, now).await? {
                return Err(Failure::Refused(UserRefused::Unknown));
            }
            suspended(ctx, &mut tx, actor, &User { suspended_at, ..user.clone() }).await?;
            Ok(())
        }
        .await;
        settle(tx, decision).await
    })
    .await;
    ctx.logouts.wake();
    done
}

/// What goes with a suspension, or its end, that was just written. What has no row of its own to end,
/// tokens of clients that act as him and requests that wait for his consent, ends by the user's mark.
pub(super) async fn suspended(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    user: &User,
) -> Result<(), Fault> {
    end_everything(tx, user, ctx.now()).await?;
    let action = if user.is_active() { "user.resumed" } else { "user.suspended" };
    ctx.audit(tx, user.account_id, Change::new(actor, action, "user", user.id)).await
}

/// Ends what was issued to a user: sessions and the codes begun in them, token families, API tokens.
async fn end_everything(tx: &mut Transaction, user: &User, at: Timestamp) -> Result<(), Fault> {
    let User { id, account_id, .. } = *user;
    store::api_tokens::revoke_all_of_user(tx, account_id, id, at).await?;
    store::registration_tokens::revoke_all_of_user(tx, account_id, id, at).await?;
    sessions::end_all(tx, user, at).await
}

/// Deletes a user. A new one with the same address revives nothing: every credential names his id,
/// which is never given again.
///
/// A client always belongs to somebody, and client credentials act as him; so clients are given to
/// another user or deleted first.
pub async fn delete(
    ctx: &Context,
    account: &Account,
    editor: Editor,
    id: UserId,
) -> Decision<(), EditRefused> {
    let done = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = delete_in(ctx, &mut tx, account, editor, id).await;
        settle(tx, decision).await
    })
    .await;
    ctx.logouts.wake();
    done
}

async fn delete_in(
    ctx: &Context,
    tx: &mut Transaction,
    account: &Account,
    editor: Editor,
    id: UserId,
) -> Decision<(), EditRefused> {
    store::accounts::take(tx, account.id).await?;
    // Whoever makes a client of his waits here; the next statement sees what he made before.
    store::users::take(tx, account.id, id).await?;
    let user = store::users::show(&mut *tx, account.id, id).await?;
    let user = user.ok_or(Failure::Refused(EditRefused::Unknown))?;
    editor.require_power_over(&user)?;
    let mut faults = Vec::new();
    if editor.is_himself(id) {
        faults.push(fault("base", FaultCode::InvalidValue, "you cannot delete yourself"));
    } else if edit::is_last_admin(tx, editor, &user).await? {
        faults.push(fault("base", FaultCode::InvalidValue, edit::LAST_ADMIN));
    }
    if store::clients::has_owner(&mut *tx, account.id, id).await? {
        let text = "owns clients: transfer or delete them first";
        faults.push(fault("base", FaultCode::InvalidValue, text));
    }
    if !faults.is_empty() {
        return Err(Failure::Refused(EditRefused::Invalid(faults)));
    }
    store::users::delete(tx, account.id, id).await?;
    sessions::end_all(tx, &user, ctx.now()).await?;
    let change = Change::new(editor.actor, "user.deleted", "user", id)
        .with(json!({"email": user.email.as_str(), "role": user.role.as_str()}));
    ctx.audit(tx, account.id, change).await?;
    Ok(())
}
