//! The emergency: a key that somebody else may have leaves the JWKS at once, and nothing that it signed
//! counts any more, from now on or from before.

use domain::{AccountId, Actor, KeyState, SigningKey, SigningKeyId};
use store::{Decision, Failure, Fault, Transaction, settle};

use super::{Begins, KeyRefused, NewKey, create, next_of, record};
use crate::context::Context;

/// What a retirement comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retirement {
    /// The key as it is now.
    pub key: SigningKey,
    /// What signs in its place from now on; none: it did not sign, or was retired before.
    pub successor: Option<SigningKey>,
}

/// Retires a key before its time, once however often it is said. If it signed, the next key of its
/// algorithm signs in its place, which clients know; without one, a new key, which they learn of.
pub async fn retire(
    ctx: &Context,
    actor: Actor,
    account_id: AccountId,
    id: SigningKeyId,
) -> Decision<Retirement, KeyRefused> {
    store::retry(|| async {
        let spare = spare(ctx, account_id, id).await?;
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let key = store::signing_keys::show(&mut tx, account_id, id).await?;
            let key = key.ok_or(Failure::Refused(KeyRefused::Unknown))?;
            if key.revoked_at.is_some() {
                return Ok(Retirement { key, successor: None });
            }
            Ok(revoke(ctx, &mut tx, actor, (key, spare.as_ref())).await?)
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// A key to sign in the place of this one, if it signs and there is no next one.
async fn spare(
    ctx: &Context,
    account_id: AccountId,
    id: SigningKeyId,
) -> Result<Option<NewKey>, Fault> {
    let keys = store::signing_keys::list(&ctx.store, account_id).await?;
    let current = keys.iter().find(|key| key.id == id && key.state == KeyState::Current);
    match current {
        Some(key) if next_of(&keys, key.algorithm).is_none() => {
            NewKey::make(key.algorithm).await.map(Some)
        }
        _ => Ok(None),
    }
}

async fn revoke(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    (key, spare): (SigningKey, Option<&NewKey>),
) -> Result<Retirement, Fault> {
    if !store::signing_keys::revoke(tx, &key, ctx.now()).await? {
        return Err(changed_meanwhile());
    }
    record(ctx, tx, actor, ("signing_key.revoked", &key)).await?;
    let successor = match key.state {
        KeyState::Current => Some(succeed(ctx, tx, actor, (&key, spare)).await?),
        KeyState::Next | KeyState::Retiring | KeyState::Retired => None,
    };
    let key = store::signing_keys::show(&mut *tx, key.account_id, key.id).await?;
    Ok(Retirement { key: key.ok_or_else(changed_meanwhile)?, successor })
}

/// Lets another key sign in the place of one that was current.
async fn succeed(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    (key, spare): (&SigningKey, Option<&NewKey>),
) -> Result<SigningKey, Fault> {
    let keys = store::signing_keys::list(&mut *tx, key.account_id).await?;
    let now = ctx.now();
    if let Some(next) = next_of(&keys, key.algorithm) {
        if !store::signing_keys::promote(tx, next.id, now).await? {
            return Err(changed_meanwhile());
        }
        record(ctx, tx, actor, ("signing_key.promoted", next)).await?;
        let promoted = SigningKey {
            state: KeyState::Current,
            current_at: Some(now),
            due_at: None,
            ..next.clone()
        };
        return Ok(promoted);
    }
    let spare = spare.ok_or_else(changed_meanwhile)?;
    let spare = spare.stored(ctx, tx, key.account_id, Begins::Signing { at: now })?;
    create(ctx, tx, actor, &spare).await?;
    Ok(spare)
}

fn changed_meanwhile() -> Fault {
    Fault::Retryable("the signing keys were changed at the same time".to_owned())
}
