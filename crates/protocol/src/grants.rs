//! Grants: what a user allowed, listed and taken back.

use domain::{Account, Actor, GrantId, User};
use serde_json::json;
use store::{Decision, Failure, settle};

use crate::audit::Change;
use crate::context::Context;

/// There is no such grant of this user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantUnknown;

/// Takes back what a user allowed an app: every token under the grant ends at once.
pub async fn revoke(
    ctx: &Context,
    account: &Account,
    user: &User,
    grant_id: GrantId,
) -> Decision<(), GrantUnknown> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let now = ctx.now();
            let revoked =
                store::grants::revoke(&mut tx, account.id, user.id, grant_id, now).await?;
            if !revoked {
                return Err(Failure::Refused(GrantUnknown));
            }
            store::token_families::revoke_for_grant(&mut tx, grant_id, now).await?;
            let change = Change::new(Actor::User(user.id), "grant.revoked", "grant", grant_id);
            ctx.audit(&mut tx, account.id, change).await?;
            Ok(())
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// Takes back everything a user allowed.
pub async fn revoke_all(
    ctx: &Context,
    account: &Account,
    user: &User,
) -> Decision<u64, std::convert::Infallible> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let now = ctx.now();
            let count =
                store::grants::revoke_all_for_user(&mut tx, account.id, user.id, now).await?;
            store::token_families::revoke_for_user(&mut tx, account.id, user.id, now).await?;
            let change = Change::new(Actor::User(user.id), "grants.revoked", "user", user.id)
                .with(json!({"count": count}));
            ctx.audit(&mut tx, account.id, change).await?;
            Ok(count)
        }
        .await;
        settle(tx, decision).await
    })
    .await
}
