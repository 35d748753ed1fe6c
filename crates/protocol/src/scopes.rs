//! The life of an account's own rows of the scope catalogue.

use std::convert::Infallible;

use domain::{AccountId, Actor, Scope};
use serde_json::json;
use store::{Decision, settle};

use crate::audit::Change;
use crate::context::Context;

/// Adds a scope to the account's catalogue, or replaces the row of its name.
pub async fn set(
    ctx: &Context,
    actor: Actor,
    account_id: AccountId,
    scope: &Scope,
) -> Decision<(), Infallible> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            store::scopes::upsert(&mut tx, account_id, scope).await?;
            let change = Change::new(actor, "scope.set", "account", account_id)
                .with(json!({"name": scope.name.as_str(), "risk": scope.risk.as_str()}));
            ctx.audit(&mut tx, account_id, change).await?;
            Ok(())
        }
        .await;
        settle(tx, decision).await
    })
    .await
}
