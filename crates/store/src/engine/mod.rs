//! The seam: one SQL text, two native engines. Nothing above this module knows which one runs.
//!
//! Public for the tests of this crate only; the rest of the product sees nouns and functions.

pub(crate) mod postgres;
mod row;
mod source;
pub(crate) mod sqlite;
mod statement;
mod value;

pub use row::{Column, FromColumn, FromRow, Row};
pub use source::Source;
pub use statement::Statement;
pub use value::Value;

use crate::Fault;

/// The engine behind a store.
pub(crate) enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(Box<postgres::Postgres>),
}

/// One open unit of work on either engine.
pub(crate) enum Unit {
    Sqlite(sqlite::Unit),
    Postgres(Box<postgres::Unit>),
}

/// So many wait to begin a unit of work at most: a second's worth on a slow disk.
const MOST_WAITING: usize = 256;
/// What revokes finds room where nothing else does.
const MOST_WAITING_TO_REVOKE: usize = 2 * MOST_WAITING;

/// For what a unit of work is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To revoke.
    Revocation,
    /// To do anything else.
    Other,
}

impl Engine {
    /// Refuses at once what would be told to go away after a long wait.
    pub(crate) fn require_room(&self, purpose: Purpose) -> Result<(), Fault> {
        let most = match purpose {
            Purpose::Revocation => MOST_WAITING_TO_REVOKE,
            Purpose::Other => MOST_WAITING,
        };
        let waiting = match self {
            Self::Sqlite(sqlite) => sqlite.waiting_count(),
            Self::Postgres(postgres) => postgres.waiting_count(),
        };
        if waiting < most {
            Ok(())
        } else {
            Err(Fault::Busy("too many units of work wait to begin"))
        }
    }

    pub(crate) async fn begin(&self) -> Result<Unit, Fault> {
        Ok(match self {
            Self::Sqlite(sqlite) => Unit::Sqlite(sqlite.begin().await?),
            Self::Postgres(postgres) => Unit::Postgres(Box::new(postgres.begin().await?)),
        })
    }

    /// Runs a statement outside every unit of work, on a connection that only reads.
    pub(crate) async fn read<F>(
        &self,
        statement: &Statement,
        values: &[Value<'_>],
        each: F,
    ) -> Result<(), Fault>
    where
        F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
    {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(statement, values, each).await,
            Self::Postgres(postgres) => {
                let shared = postgres.shared_for(statement);
                postgres::read_in_time(shared, statement, values, each).await
            }
        }
    }

    /// The same, where no other read stands in the way.
    pub(crate) async fn read_apart<F>(
        &self,
        statement: &Statement,
        values: &[Value<'_>],
        each: F,
    ) -> Result<(), Fault>
    where
        F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
    {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(statement, values, each).await,
            Self::Postgres(postgres) => {
                postgres::read_in_time(postgres.apart(), statement, values, each).await
            }
        }
    }
}

impl Unit {
    /// Runs a statement and returns how many rows it returned or, if it returns none, changed.
    pub(crate) async fn run<F>(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
        each: F,
    ) -> Result<u64, Fault>
    where
        F: FnMut(&Row<'_>) -> Result<(), Fault> + Send,
    {
        match self {
            Self::Sqlite(unit) => unit.run(statement, values, each),
            Self::Postgres(unit) => unit.run(statement, values, each).await,
        }
    }

    /// Runs a statement whose row count nobody looks at; PostgreSQL sends it with the next one.
    pub(crate) async fn write(
        &mut self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<(), Fault> {
        match self {
            Self::Sqlite(unit) => unit.run(statement, values, |_| Ok(())).map(|_| ()),
            Self::Postgres(unit) => unit.write(statement, values).await,
        }
    }

    /// Commits; `announce` tells every node to drop its caches.
    pub(crate) async fn commit(self, announce: bool) -> Result<(), Fault> {
        match self {
            Self::Sqlite(unit) => unit.commit(announce).await,
            Self::Postgres(unit) => unit.commit(announce).await,
        }
    }

    pub(crate) async fn roll_back(self) {
        match self {
            Self::Sqlite(unit) => drop(unit),
            Self::Postgres(unit) => unit.roll_back().await,
        }
    }
}
