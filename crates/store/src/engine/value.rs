//! Values: what is bound to a statement's placeholders. Printing one never shows it.

use std::error::Error;
use std::fmt;

use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use domain::{Id, Lifetime, LogoHash, SecretHash, Timestamp};

/// One bound value. The common subset of both engines has no other types.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// A `BIGINT`.
    Integer(i64),
    /// A `TEXT`.
    Text(&'a str),
    /// A `BLOB` or `BYTEA`.
    Bytes(&'a [u8]),
    /// No value.
    Null,
}

impl fmt::Debug for Value<'_> {
    /// Says the type only: drivers print their parameters when they log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer(_) => "[integer]",
            Self::Text(_) => "[text]",
            Self::Bytes(_) => "[bytes]",
            Self::Null => "[null]",
        })
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<i32> for Value<'_> {
    fn from(number: i32) -> Self {
        Self::Integer(i64::from(number))
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Integer(i64::from(number))
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(moment: Timestamp) -> Self {
        Self::Integer(moment.as_millis())
    }
}

impl From<Lifetime> for Value<'_> {
    fn from(lifetime: Lifetime) -> Self {
        Self::Integer(lifetime.as_millis())
    }
}

impl<T> From<Id<T>> for Value<'_> {
    fn from(id: Id<T>) -> Self {
        Self::Integer(id.get())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a SecretHash> for Value<'a> {
    fn from(hash: &'a SecretHash) -> Self {
        Self::Bytes(hash.as_bytes())
    }
}

impl<'a> From<&'a LogoHash> for Value<'a> {
    fn from(hash: &'a LogoHash) -> Self {
        Self::Bytes(hash.as_bytes())
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Integer(number) => ValueRef::Integer(number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Null => ValueRef::Null,
        }))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match *self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Integer(number) if *ty == Type::INT8 => {
                out.extend_from_slice(&number.to_be_bytes());
            }
            Self::Integer(number) if *ty == Type::INT4 => {
                out.extend_from_slice(&i32::try_from(number)?.to_be_bytes());
            }
            Self::Text(text) if matches!(*ty, Type::TEXT | Type::VARCHAR | Type::JSON) => {
                out.extend_from_slice(text.as_bytes());
            }
            Self::Bytes(bytes) if *ty == Type::BYTEA => out.extend_from_slice(bytes),
            value => return Err(format!("{value:?} is bound where {ty} is wanted").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value that outlives its statement: a queued write.
pub(crate) enum OwnedValue {
    Integer(i64),
    Text(Box<str>),
    Bytes(Box<[u8]>),
    Null,
}

impl OwnedValue {
    pub(crate) fn borrowed(&self) -> Value<'_> {
        match self {
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::Null => Value::Null,
        }
    }
}

impl From<Value<'_>> for OwnedValue {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Integer(number) => Self::Integer(number),
            Value::Text(text) => Self::Text(text.into()),
            Value::Bytes(bytes) => Self::Bytes(bytes.into()),
            Value::Null => Self::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn a_printed_value_shows_nothing() {
        assert_eq!(
            format!("{:?}", [Value::from("secret"), Value::from(42)]),
            "[[text], [integer]]"
        );
    }
}
