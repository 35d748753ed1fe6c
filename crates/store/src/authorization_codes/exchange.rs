//! The exchange of a code for its first tokens (RFC 6749 §4.1.3) as a whole unit of work.

use domain::{AuthorizationCode, Timestamp, Token, TokenFamily};

use super::redeem;
use crate::batches::{Batcher, Batches, SharedWrite};
use crate::engine::postgres::{LaneOf, batched};
use crate::engine::{Statement, Value};
use crate::token_families::{self, FamilyRow};
use crate::tokens::{self, TokenRow};
use crate::{Fault, Store, Transaction};

/// What an exchange changes.
#[derive(Clone)]
pub struct Exchange {
    /// The code.
    pub code: AuthorizationCode,
    /// So many wrong verifiers use it up.
    pub wrong_verifier_limit: i64,
    /// The family that begins with it.
    pub family: TokenFamily,
    /// The family's first token, if that has a row.
    pub token: Option<Token>,
    /// When.
    pub at: Timestamp,
}

/// Redeems a code, once, and stores what is given for it, with whatever else is redeemed at the same moment; false:
/// as `redeem` says, and nothing was written.
pub async fn exchange(store: &Store, exchange: Exchange) -> Result<bool, Fault> {
    let Exchange { code, wrong_verifier_limit, family, token, at } = exchange;
    let (family, token) = (FamilyRow::of(family), token.map(TokenRow::of));
    store.share(Redemption { code, wrong_verifier_limit, family, token, at }).await
}

pub(crate) struct Redemption {
    code: AuthorizationCode,
    wrong_verifier_limit: i64,
    family: FamilyRow<TokenFamily>,
    token: Option<TokenRow<Token>>,
    at: Timestamp,
}

impl SharedWrite for Redemption {
    const BATCHED: &'static Statement = &batched::REDEEM;
    const LANE: LaneOf = LaneOf::Redemptions;

    fn place(&self) -> i64 {
        self.code.id.get()
    }

    fn values(&self) -> Vec<Value<'_>> {
        let code = &self.code;
        let of_code: [Value<'_>; 8] = [
            code.session_id.into(),
            code.grant_id.into(),
            code.account_id.into(),
            code.client_id.into(),
            code.bucket.into(),
            (&code.hash).into(),
            self.at.into(),
            self.wrong_verifier_limit.into(),
        ];
        let of_token = TokenRow::values_of(self.token.as_ref());
        [&of_code[..], &self.family.values(), &of_token].concat()
    }

    async fn write(&self, tx: &mut Transaction) -> Result<bool, Fault> {
        let family = self.family.family();
        if !redeem(tx, &self.code, family.id, self.wrong_verifier_limit, self.at).await? {
            return Ok(false);
        }
        tx.write(&token_families::CREATE, &self.family.values()).await?;
        if let Some(token) = &self.token {
            tx.write(&tokens::CREATE, &token.values()).await?;
        }
        Ok(true)
    }

    fn batcher(batches: &Batches) -> &Batcher<Self> {
        &batches.redemptions
    }
}
