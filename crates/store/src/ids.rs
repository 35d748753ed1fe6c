//! Ids in blocks: a row is moved on by ten thousand, then ids come from memory without a statement.
//!
//! A block is committed before its first id is given out, so no crash brings an id back.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Fault;
use crate::engine::{Engine, FromRow};

crate::statements! {
    /// Takes the next block and returns where it ends.
    TAKE: "INSERT INTO id_blocks (name, next_id) VALUES ('ids', $1 + 1)
           ON CONFLICT (name) DO UPDATE SET next_id = id_blocks.next_id + $1
           RETURNING next_id";
}

/// How many ids are taken at once.
const BLOCK: i64 = 10_000;
/// Below this many the next block is fetched.
const LOW: i64 = 2_500;
/// Down to this many a unit of work does not wait for a block that somebody else is fetching.
const RESERVE: i64 = 1_000;

/// The ids in hand: two blocks at most, given out in order.
pub(crate) struct Ids {
    hand: Mutex<Hand>,
    refill: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Hand {
    current: Range<i64>,
    next: Range<i64>,
}

impl Ids {
    pub(crate) fn new() -> Self {
        Self { hand: Mutex::default(), refill: tokio::sync::Mutex::new(()) }
    }

    /// The next id of the block in hand.
    pub(crate) fn take(&self) -> Result<i64, Fault> {
        let mut hand = self.hand();
        if hand.current.is_empty() {
            hand.current = std::mem::take(&mut hand.next);
        }
        hand.current
            .next()
            .ok_or_else(|| Fault::Unavailable("one unit of work used up a block of ids".into()))
    }

    /// Makes sure that a unit of work has ids, before it begins.
    pub(crate) async fn ensure(&self, engine: &Engine) -> Result<(), Fault> {
        let left = self.left();
        if left >= LOW {
            return Ok(());
        }
        let _refill = match self.refill.try_lock() {
            Ok(refill) => refill,
            Err(_) if left >= RESERVE => return Ok(()),
            Err(_) => self.refill.lock().await,
        };
        if self.left() < LOW {
            let block = take_block(engine).await?;
            self.hand().next = block;
        }
        Ok(())
    }

    fn left(&self) -> i64 {
        let hand = self.hand();
        (hand.current.end - hand.current.start) + (hand.next.end - hand.next.start)
    }

    fn hand(&self) -> MutexGuard<'_, Hand> {
        self.hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a block in a small unit of work of its own.
async fn take_block(engine: &Engine) -> Result<Range<i64>, Fault> {
    let mut end = None;
    let mut unit = engine.begin().await?;
    unit.run(&TAKE, &[BLOCK.into()], |row| {
        end = Some(i64::from_row(row)?);
        Ok(())
    })
    .await?;
    unit.commit(false).await?;
    let end = end.ok_or_else(|| Fault::Corrupt("the row of id blocks was not returned".into()))?;
    Ok(end - BLOCK..end)
}
