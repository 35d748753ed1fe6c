//! A new signing key: made before the unit of work that stores it, as RSA takes its time.

use domain::{AccountId, KeyState, SigningAlgorithm, SigningKey, Timestamp};
use store::{Fault, Transaction};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::keyring::SealedPlace;
use crate::signer::{self, Signer};
use crate::signing::TABLE;

/// A pair of keys that is not stored yet.
pub(crate) struct NewKey {
    pub(crate) algorithm: SigningAlgorithm,
    kid: String,
    public_jwk: String,
    pkcs8: Zeroizing<Vec<u8>>,
}

impl NewKey {
    /// Makes one.
    pub(super) async fn make(algorithm: SigningAlgorithm) -> Result<Self, Fault> {
        Self::of(algorithm, signer::make(algorithm).await?)
    }

    fn of(algorithm: SigningAlgorithm, pkcs8: Zeroizing<Vec<u8>>) -> Result<Self, Fault> {
        let signer = Signer::parse(algorithm, &pkcs8)
            .ok_or_else(|| Fault::Corrupt("a new signing key cannot be read".to_owned()))?;
        let (kid, public_jwk) = signer.public_jwk();
        Ok(Self { algorithm, kid, public_jwk, pkcs8 })
    }

    /// The same as it is stored, sealed, in its first state.
    pub(super) fn stored(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        account_id: AccountId,
        begins: Begins,
    ) -> Result<SigningKey, Fault> {
        let place = SealedPlace { account_id, table: TABLE, row: &self.kid };
        let (state, current_at, due_at) = match begins {
            Begins::Signing { at } => (KeyState::Current, Some(at), None),
            Begins::Waiting { until } => (KeyState::Next, None, Some(until)),
        };
        Ok(SigningKey {
            id: tx.id()?,
            account_id,
            algorithm: self.algorithm,
            state,
            sealed_private_key: ctx.keyring.seal(&ctx.entropy, &place, &self.pkcs8),
            public_jwk: self.public_jwk.clone(),
            created_at: ctx.now(),
            current_at,
            retiring_at: None,
            retired_at: None,
            revoked_at: None,
            due_at,
            kid: self.kid.clone(),
        })
    }
}

/// How the life of a key begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Begins {
    /// It signs at once.
    Signing { at: Timestamp },
    /// It is shown, and signs from then on.
    Waiting { until: Timestamp },
}

/// Makes the first keys of an account, one for each algorithm.
pub(crate) async fn make_first(ctx: &Context) -> Result<Vec<NewKey>, Fault> {
    let mut keys = Vec::with_capacity(SigningAlgorithm::ALL.len());
    for algorithm in SigningAlgorithm::ALL {
        keys.push(NewKey::of(algorithm, ctx.key_maker.first(algorithm).await?)?);
    }
    Ok(keys)
}

/// Stores the first keys of an account; they sign at once.
pub(crate) async fn create_first(
    ctx: &Context,
    tx: &mut Transaction,
    account_id: AccountId,
    keys: &[NewKey],
) -> Result<(), Fault> {
    for key in keys {
        let key = key.stored(ctx, tx, account_id, Begins::Signing { at: ctx.now() })?;
        store::signing_keys::create(tx, &key).await?;
    }
    Ok(())
}
