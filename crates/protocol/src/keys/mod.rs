//! The life of an account's signing keys: shown before they sign, as *next*; *current* while they sign;
//! *retiring* while what they signed lives; *retired* for good, or before their time in an emergency.

mod new_key;
mod retirement;
mod turning;

use domain::{
    AccountId, Actor, FaultCode, KeyState, RecordFault, SigningAlgorithm, SigningKey, SigningKeyId,
};
use serde_json::json;
use store::{Decision, Failure, Fault, Transaction, settle};

use self::new_key::Begins;
use crate::audit::Change;
use crate::context::Context;

pub(crate) use self::new_key::{NewKey, create_first, make_first};
pub use self::retirement::{Retirement, retire};
pub use self::turning::{keep_turning, turn};

/// Why nothing was done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    /// There is no such key.
    #[error("there is no such key")]
    Unknown,
    /// The account shows as many keys as it may.
    #[error(
        "the account shows {0} keys, and clients that read its JWKS may not take more: wait until \
         retiring ones are retired"
    )]
    TooMany(usize),
}

impl KeyRefused {
    /// The same as a fault of the record as a whole.
    pub fn fault(self) -> RecordFault {
        RecordFault::new("base", FaultCode::InvalidValue, &self.to_string())
    }
}

/// What a rotation comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The next key of each algorithm that was to be rotated.
    pub keys: Vec<SigningKey>,
    /// Whether one of them was made now; otherwise the rotation was under way.
    pub is_new: bool,
}

/// The key of this account with this id, a retired one too.
pub async fn show(
    ctx: &Context,
    account_id: AccountId,
    id: SigningKeyId,
) -> Decision<SigningKey, KeyRefused> {
    let key = store::signing_keys::show(&ctx.store, account_id, id).await?;
    key.ok_or(Failure::Refused(KeyRefused::Unknown))
}

/// Makes the next key of each of these algorithms and shows it at once. It signs when everybody who
/// keeps the JWKS as long as he may has seen it. Where a key is next already, it stays the one.
pub async fn rotate(
    ctx: &Context,
    actor: Actor,
    account_id: AccountId,
    algorithms: &[SigningAlgorithm],
) -> Decision<Rotation, KeyRefused> {
    store::retry(|| async {
        let new = make_missing(ctx, account_id, algorithms).await?;
        let mut tx = ctx.store.begin().await?;
        let decision = write_next(ctx, &mut tx, actor, (account_id, &new)).await;
        let is_new = !new.is_empty();
        let keys = settle(tx, decision.map_err(Failure::Fault)).await?;
        let keys = keys.into_iter().filter(|key| algorithms.contains(&key.algorithm)).collect();
        Ok(Rotation { keys, is_new })
    })
    .await
}

/// A key for each of the algorithms that has no next one yet.
async fn make_missing(
    ctx: &Context,
    account_id: AccountId,
    algorithms: &[SigningAlgorithm],
) -> Decision<Vec<NewKey>, KeyRefused> {
    let known = store::signing_keys::list(&ctx.store, account_id).await?;
    let missing = SigningAlgorithm::ALL.into_iter().filter(|algorithm| {
        algorithms.contains(algorithm) && next_of(&known, *algorithm).is_none()
    });
    let missing: Vec<_> = missing.collect();
    let limit = ctx.policy.keys.published_limit;
    if known.len() + missing.len() > limit {
        return Err(Failure::Refused(KeyRefused::TooMany(known.len())));
    }
    let mut made = Vec::with_capacity(missing.len());
    for algorithm in missing {
        made.push(NewKey::make(algorithm).await?);
    }
    Ok(made)
}

fn next_of(keys: &[SigningKey], algorithm: SigningAlgorithm) -> Option<&SigningKey> {
    keys.iter().find(|key| key.algorithm == algorithm && key.state == KeyState::Next)
}

/// Stores the new keys, and tells every next key of the account.
async fn write_next(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    (account_id, new): (AccountId, &[NewKey]),
) -> Result<Vec<SigningKey>, Fault> {
    let until = ctx.now() + ctx.policy.keys.next_period;
    for key in new {
        let key = key.stored(ctx, tx, account_id, Begins::Waiting { until })?;
        create(ctx, tx, actor, &key).await?;
    }
    let mut keys = store::signing_keys::list(tx, account_id).await?;
    keys.retain(|key| key.state == KeyState::Next);
    keys.sort_by_key(SigningKey::rank);
    Ok(keys)
}

async fn create(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    key: &SigningKey,
) -> Result<(), Fault> {
    if !store::signing_keys::create(tx, key).await? {
        let message = "another key of the algorithm was made at the same time";
        return Err(Fault::Retryable(message.to_owned()));
    }
    record(ctx, tx, actor, ("signing_key.created", key)).await
}

/// Writes the audit row of a step.
async fn record(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    (action, key): (&'static str, &SigningKey),
) -> Result<(), Fault> {
    let details = json!({"kid": key.kid, "algorithm": key.algorithm.as_str()});
    let change = Change::new(actor, action, "signing_key", key.id).with(details);
    ctx.audit(tx, key.account_id, change).await
}
