//! Rows: what a statement returns, read by column number.

use std::error::Error;

use rusqlite::types::ValueRef;
use tokio_postgres::types::{FromSql, Type};

use domain::{Id, Lifetime, LogoHash, SecretHash, Timestamp};

use crate::Fault;

/// One row of either engine.
pub enum Row<'a> {
    /// A row of SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
    /// A row of PostgreSQL.
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The value of a column, counted from zero.
    pub fn get<T: FromColumn>(&self, index: usize) -> Result<T, Fault> {
        let column = self.column(index)?;
        let held = column.kind();
        T::from_column(column).ok_or_else(|| {
            Fault::Corrupt(format!(
                "column {index} holds {held} that is no {}",
                std::any::type_name::<T>()
            ))
        })
    }

    fn column(&self, index: usize) -> Result<Column<'_>, Fault> {
        match self {
            Self::Sqlite(row) => {
                row.get_ref(index).ok().and_then(Column::from_sqlite).ok_or_else(|| {
                    Fault::Corrupt(format!("column {index} is missing or of no known type"))
                })
            }
            Self::Postgres(row) => row
                .try_get(index)
                .map_err(|error| Fault::Corrupt(format!("column {index}: {error}"))),
        }
    }
}

/// The value of one column, as the engine holds it.
#[derive(Clone, Copy)]
pub enum Column<'a> {
    /// A `BIGINT`.
    Integer(i64),
    /// A `TEXT`.
    Text(&'a str),
    /// A `BLOB` or `BYTEA`.
    Bytes(&'a [u8]),
    /// No value.
    Null,
}

impl<'a> Column<'a> {
    fn from_sqlite(value: ValueRef<'a>) -> Option<Self> {
        Some(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Text(text) => Self::Text(std::str::from_utf8(text).ok()?),
            ValueRef::Blob(bytes) => Self::Bytes(bytes),
            ValueRef::Real(_) => return None,
        })
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Integer(_) => "an integer",
            Self::Text(_) => "a text",
            Self::Bytes(_) => "bytes",
            Self::Null => "nothing",
        }
    }
}

impl<'a> FromSql<'a> for Column<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Self::Integer(i64::from_sql(ty, raw)?),
            Type::INT4 => Self::Integer(i64::from(i32::from_sql(ty, raw)?)),
            Type::BYTEA => Self::Bytes(raw),
            _ => Self::Text(std::str::from_utf8(raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4 | Type::BYTEA | Type::TEXT | Type::VARCHAR)
    }
}

/// A type that one column is read into.
pub trait FromColumn: Sized {
    /// The value, or nothing if the column holds another kind of thing.
    fn from_column(column: Column<'_>) -> Option<Self>;
}

impl FromColumn for i64 {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Integer(number) = column { Some(number) } else { None }
    }
}

impl FromColumn for u32 {
    fn from_column(column: Column<'_>) -> Option<Self> {
        i64::from_column(column)?.try_into().ok()
    }
}

impl FromColumn for String {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Text(text) = column { Some(text.to_owned()) } else { None }
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Bytes(bytes) = column { Some(bytes.to_vec()) } else { None }
    }
}

impl FromColumn for Timestamp {
    fn from_column(column: Column<'_>) -> Option<Self> {
        i64::from_column(column).map(Self::from_millis)
    }
}

impl FromColumn for Lifetime {
    fn from_column(column: Column<'_>) -> Option<Self> {
        i64::from_column(column).map(Self::millis)
    }
}

impl<T> FromColumn for Id<T> {
    fn from_column(column: Column<'_>) -> Option<Self> {
        i64::from_column(column).map(Self::new)
    }
}

impl FromColumn for SecretHash {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Bytes(bytes) = column { bytes.try_into().ok() } else { None }
    }
}

impl FromColumn for LogoHash {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Bytes(bytes) = column { bytes.try_into().ok() } else { None }
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Null = column { Some(None) } else { T::from_column(column).map(Some) }
    }
}

/// A type that a whole row is read into.
pub trait FromRow: Sized + Send {
    /// Reads the columns in the order in which the statement names them.
    fn from_row(row: &Row<'_>) -> Result<Self, Fault>;
}

impl FromRow for i64 {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        row.get(0)
    }
}

impl FromRow for String {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        row.get(0)
    }
}

impl FromRow for Vec<u8> {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        row.get(0)
    }
}

impl<A: FromColumn + Send, B: FromColumn + Send> FromRow for (A, B) {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        Ok((row.get(0)?, row.get(1)?))
    }
}

impl<A: FromColumn + Send, B: FromColumn + Send, C: FromColumn + Send> FromRow for (A, B, C) {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    }
}
