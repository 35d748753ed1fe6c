//! The life of an account's own rows of the scope catalogue.

use std::convert::Infallible;

use domain::{
    AccountId, Actor, FaultCode, RecordFault, Scope, ScopeCatalogue, ScopeDraft, ScopeEntry,
    ScopeName,
};
use serde_json::json;
use store::{Decision, Failure, Fault, Transaction, settle};

use crate::audit::Change;
use crate::context::Context;

/// Why a scope was not shown or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeRefused {
    /// What is wrong, all of it.
    Invalid(Vec<RecordFault>),
    /// There is no scope of that name.
    Unknown,
}

/// The catalogue of an account, in the order of names.
pub async fn list(ctx: &Context, account_id: AccountId) -> Result<Vec<ScopeEntry>, Fault> {
    Ok(ScopeEntry::all(store::scopes::list(&ctx.store, account_id).await?))
}

/// The scope of this name.
pub async fn show(
    ctx: &Context,
    account_id: AccountId,
    name: &str,
) -> Decision<ScopeEntry, ScopeRefused> {
    find(list(ctx, account_id).await?, name)
}

fn find(entries: Vec<ScopeEntry>, name: &str) -> Decision<ScopeEntry, ScopeRefused> {
    let found = entries.into_iter().find(|entry| entry.scope.name.as_str() == name);
    found.ok_or(Failure::Refused(ScopeRefused::Unknown))
}

/// Adds a scope to the account's catalogue, or replaces the row of its name.
pub async fn set(
    ctx: &Context,
    actor: Actor,
    account_id: AccountId,
    scope: &Scope,
) -> Decision<(), Infallible> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let written = write(ctx, &mut tx, actor, account_id, scope).await;
        settle(tx, written.map_err(Failure::from)).await
    })
    .await
}

/// Adds a scope of the account's own.
pub async fn create(
    ctx: &Context,
    actor: Actor,
    account_id: AccountId,
    draft: &ScopeDraft,
) -> Decision<ScopeEntry, ScopeRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let own = held(&mut tx, account_id).await?;
            let count = own.len();
            let made = draft.create(ctx.now(), &ScopeCatalogue::new(own));
            let scope = made.map_err(|faults| Failure::Refused(ScopeRefused::Invalid(faults)))?;
            require_room(ctx, count)?;
            write(ctx, &mut tx, actor, account_id, &scope).await?;
            Ok(ScopeEntry { scope, is_built_in: false, is_own: true })
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// Changes a scope to what the draft says; a built-in one gets a row that stands in for it.
pub async fn update(
    ctx: &Context,
    actor: Actor,
    account_id: AccountId,
    name: &str,
    edit: impl Fn(&mut ScopeDraft),
) -> Decision<ScopeEntry, ScopeRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let own = held(&mut tx, account_id).await?;
            let count = own.len();
            let before = find(ScopeEntry::all(own), name)?;
            let mut draft = ScopeDraft::of(&before.scope);
            edit(&mut draft);
            let changed = draft.change(ctx.now(), &before.scope);
            let scope =
                changed.map_err(|faults| Failure::Refused(ScopeRefused::Invalid(faults)))?;
            if scope == before.scope {
                return Ok(before);
            }
            if !before.is_own {
                require_room(ctx, count)?;
            }
            write(ctx, &mut tx, actor, account_id, &scope).await?;
            Ok(ScopeEntry { scope, is_own: true, ..before })
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// Takes a row out of the account's catalogue: its own scope is unrecognised from then on, a built-in
/// one means again what it means elsewhere. Ceilings of clients and grants keep the name.
pub async fn delete(
    ctx: &Context,
    actor: Actor,
    account_id: AccountId,
    name: &str,
) -> Decision<(), ScopeRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let entry = find(ScopeEntry::all(held(&mut tx, account_id).await?), name)?;
            if !entry.is_own {
                return Err(Failure::Refused(built_in()));
            }
            let name: &ScopeName = &entry.scope.name;
            store::scopes::delete(&mut tx, account_id, name).await?;
            let change = Change::new(actor, "scope.deleted", "account", account_id)
                .with(json!({"name": name.as_str()}));
            ctx.audit(&mut tx, account_id, change).await?;
            Ok(())
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// The account's rows, which nobody else changes meanwhile by the API.
async fn held(tx: &mut Transaction, account_id: AccountId) -> Result<Vec<Scope>, Fault> {
    store::accounts::take(tx, account_id).await?;
    store::scopes::list(tx, account_id).await
}

fn require_room(ctx: &Context, count: usize) -> Decision<(), ScopeRefused> {
    let limit = ctx.policy.own_scope_limit;
    if i64::try_from(count).is_ok_and(|count| count < limit) {
        return Ok(());
    }
    let text = format!("the account has {limit} scopes of its own already; delete one first");
    let fault = RecordFault::new("base", FaultCode::TooLong, &text);
    Err(Failure::Refused(ScopeRefused::Invalid(vec![fault])))
}

fn built_in() -> ScopeRefused {
    let text = "is built in and as it was; there is nothing of the account's own to delete";
    ScopeRefused::Invalid(vec![RecordFault::new("base", FaultCode::InvalidValue, text)])
}

async fn write(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    account_id: AccountId,
    scope: &Scope,
) -> Result<(), Fault> {
    store::scopes::upsert(tx, account_id, scope).await?;
    let facts = json!({
        "name": scope.name.as_str(),
        "risk": scope.risk.as_str(),
        "default": scope.default_at.is_some(),
        "optional": scope.optional_at.is_some(),
    });
    let change = Change::new(actor, "scope.set", "account", account_id).with(facts);
    ctx.audit(tx, account_id, change).await
}
