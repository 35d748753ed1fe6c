//! One unit of work on SQLite: statements inline, in the shared transaction, in a savepoint if others are in it already.

use super::super::{Row, Statement, Value};
use super::connection::{command, query};
use super::writer::Turn;
use crate::Fault;
use crate::watch::BUMP;

/// An open unit and the turn at the writer that goes with it.
pub(crate) struct Unit {
    turn: Turn,
    open: bool,
    /// The first of a batch has none: undoing it is undoing the transaction. SQLite keeps the old content of every page
    /// that changes in a savepoint; without it, a batch of 64 issues copies 8 pages for each and opens no file.
    has_savepoint: bool,
    poisoned: bool,
}

impl Unit {
    pub(super) fn begin(turn: Turn) -> Result<Self, Fault> {
        let mut unit = Self { turn, open: true, has_savepoint: false, poisoned: false };
        if unit.turn.slot().batch.as_ref().is_some_and(|batch| !batch.is_empty()) {
            unit.open = false;
            unit.command("SAVEPOINT unit")?;
            (unit.open, unit.has_savepoint) = (true, true);
        }
        Ok(unit)
    }

    pub(crate) fn run(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
        each: impl FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<u64, Fault> {
        if self.poisoned {
            return Err(Fault::Poisoned);
        }
        let slot = self.turn.slot();
        let connection = slot.connection.as_ref().ok_or(Fault::Poisoned)?;
        let done = query(connection, statement, values, each);
        if let Err(fault) = &done {
            self.poisoned = true;
            slot.look_after(fault);
        }
        done
    }

    /// Ends the savepoint well and waits for the COMMIT that it shares.
    pub(crate) async fn commit(mut self, announce: bool) -> Result<(), Fault> {
        if announce {
            self.run(&BUMP, &[], |_| Ok(()))?;
        }
        if self.poisoned {
            return Err(Fault::Poisoned);
        }
        if self.has_savepoint {
            self.command("RELEASE unit")?;
        }
        self.open = false;
        let batch = self.turn.slot().batch.as_mut().ok_or(Fault::Poisoned)?;
        let outcome = batch.add(announce);
        drop(self);
        outcome.wait().await
    }

    /// Undoes this unit; its neighbours in the batch stay.
    fn undo(&mut self) {
        self.open = false;
        if self.turn.slot().batch.is_none() {
            return;
        }
        if !self.has_savepoint {
            return self.turn.slot().abandon();
        }
        let undone = self.command("ROLLBACK TO unit").and_then(|()| self.command("RELEASE unit"));
        if let Err(fault) = undone {
            self.turn.slot().lose_batch(&fault);
        }
    }

    fn command(&mut self, sql: &'static str) -> Result<(), Fault> {
        let slot = self.turn.slot();
        let connection = slot.connection.as_ref().ok_or(Fault::Poisoned)?;
        command(connection, sql).inspect_err(|fault| slot.look_after(fault))
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        if self.open {
            self.undo();
        }
    }
}
