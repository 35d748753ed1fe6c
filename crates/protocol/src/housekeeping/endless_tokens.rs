//! Tokens that never end are looked at in turn, as nothing tells which of them are dead. Who has few looks at all of them
//! each time; who has many looks at some, and goes on as long as there are dead ones among them.

use std::sync::Arc;

use store::Fault;
use store::tokens::{self, EndlessPart};

use super::{Ended, UNIT, unit};
use crate::context::Context;

/// After so many parts in which nothing is dead the rest waits for the next time.
const FRUITLESS_PARTS: u32 = 4;

/// Where the look at them has come to. It is each node's own and in memory: one that begins again loses nothing but time.
#[derive(Debug)]
pub struct Round(EndlessPart);

impl Default for Round {
    fn default() -> Self {
        Self(EndlessPart::BEFORE_ALL)
    }
}

impl Round {
    /// Looks at the next ones, to the last one at most, and returns how many were revoked or deleted.
    pub(super) async fn go_on(&mut self, ctx: &Arc<Context>) -> Result<u64, Fault> {
        let (mut handled, mut fruitless) = (0, 0);
        while fruitless < FRUITLESS_PARTS {
            let part = tokens::part_after(&ctx.store, &self.0, UNIT).await?;
            let count = unit(ctx, Ended::EndlessTokens(part)).await?;
            handled += count;
            fruitless += u32::from(count == 0);
            if part.is_last() {
                *self = Self::default();
                break;
            }
            self.0 = part;
        }
        Ok(handled)
    }
}
