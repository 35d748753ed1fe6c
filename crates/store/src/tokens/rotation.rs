//! Rotation of a refresh token (RFC 9700 §4.14.2) as a whole unit of work.

use domain::{ExpiryBucket, SecretHash, Timestamp, Token, TokenFamilyId};

use super::row::TokenRow;
use super::{CREATE, rotated};
use crate::batches::{Batcher, Batches, SharedWrite};
use crate::engine::postgres::{LaneOf, batched};
use crate::engine::{Statement, Value};
use crate::{Fault, Store, Transaction, token_families};

/// What a rotation changes.
#[derive(Clone)]
pub struct Rotation {
    /// The family, whose row decides.
    pub family_id: TokenFamilyId,
    /// The generation of the token that is exchanged.
    pub generation: i64,
    /// The bucket of its row.
    pub bucket: ExpiryBucket,
    /// The hash of its access token.
    pub hash: SecretHash,
    /// The successor pair, sealed for the holder of the token that is exchanged.
    pub sealed: Vec<u8>,
    /// What comes in its place, if that has a row.
    pub successor: Option<Token>,
    /// When.
    pub at: Timestamp,
}

/// Exchanges a token for its successor, once, with whatever else is rotated at the same moment; false: the family is
/// at another generation, revoked or over, and nothing was written.
pub async fn rotate(store: &Store, mut rotation: Rotation) -> Result<bool, Fault> {
    let successor = rotation.successor.take().map(TokenRow::of);
    store.share(Rotate { rotation, successor }).await
}

pub(crate) struct Rotate {
    rotation: Rotation,
    successor: Option<TokenRow<Token>>,
}

impl SharedWrite for Rotate {
    const BATCHED: &'static Statement = &batched::ROTATE;
    const LANE: LaneOf = LaneOf::Rotations;

    fn place(&self) -> i64 {
        self.rotation.family_id.get()
    }

    fn values(&self) -> Vec<Value<'_>> {
        let Rotation { family_id, generation, bucket, hash, sealed, at, .. } = &self.rotation;
        let of_family: [Value<'_>; 6] = [
            (*family_id).into(),
            (*generation).into(),
            (*at).into(),
            (*bucket).into(),
            hash.into(),
            sealed.into(),
        ];
        [&of_family[..], &TokenRow::values_of(self.successor.as_ref())].concat()
    }

    /// Advancing the family takes the row that revoking it takes, so that a revocation can never miss the successor.
    async fn write(&self, tx: &mut Transaction) -> Result<bool, Fault> {
        let Rotation { family_id, generation, bucket, hash, sealed, at, .. } = &self.rotation;
        if !token_families::advance(tx, *family_id, *generation, *at).await? {
            return Ok(false);
        }
        rotated(tx, *bucket, hash, *at, sealed).await?;
        if let Some(successor) = &self.successor {
            tx.write(&CREATE, &successor.values()).await?;
        }
        Ok(true)
    }

    fn batcher(batches: &Batches) -> &Batcher<Self> {
        &batches.rotations
    }
}
