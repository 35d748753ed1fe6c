//! A strict JSON reader (RFC 8259): no repeated key, no deep nesting, no number out of range.
//!
//! `serde_json` itself refuses lone surrogates, numbers like `1e400` and text after the value.

use std::cell::Cell;
use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// How deep a body may nest (zendesk-wire §1).
const MAX_DEPTH: usize = 32;

/// Why a JSON body is not read. The texts repeat nothing of the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonRefused {
    /// It is no JSON, or holds a number or character that cannot be represented.
    #[error("the body is not valid JSON, see line {line}, column {column}")]
    Malformed {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// An object names one key twice.
    #[error("a key of the JSON body is repeated")]
    RepeatedKey,
    /// Arrays and objects nest deeper than 32.
    #[error("the JSON body is nested deeper than 32")]
    TooDeep,
    /// It is JSON, but no object.
    #[error("the body must be a JSON object")]
    NotAnObject,
}

/// Reads the body of an `/api/v2/` call; no body at all is the empty object (zendesk-wire §1).
pub fn read_object(body: &[u8]) -> Result<Map<String, Value>, JsonRefused> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let reason = Reason::default();
    match read(body, Strict::root(&reason), &reason)? {
        Value::Object(object) => Ok(object),
        _ => Err(JsonRefused::NotAnObject),
    }
}

/// Writes a message as JSON.
///
/// # Panics
/// Never for a message of this crate: their keys are strings and no field can fail.
pub fn to_bytes<T: Serialize>(message: &T) -> Vec<u8> {
    let mut body = Vec::with_capacity(512);
    serde_json::to_writer(&mut body, message).expect("a message has string keys and plain fields");
    body
}

/// Where a visitor leaves the reason that serde's own error cannot carry.
pub(crate) type Reason = Cell<Option<JsonRefused>>;

/// Reads one whole JSON text with `seed`, which leaves its refusals in `reason`.
pub(crate) fn read<'de, S: DeserializeSeed<'de>>(
    body: &'de [u8],
    seed: S,
    reason: &Reason,
) -> Result<S::Value, JsonRefused> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let read =
        seed.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    read.map_err(|error| match reason.take() {
        Some(refused) => refused,
        None if error.is_data() => JsonRefused::NotAnObject,
        None => JsonRefused::Malformed { line: error.line(), column: error.column() },
    })
}

/// Refuses, from within a visitor.
pub(crate) fn refuse<E: Error>(reason: &Reason, refused: JsonRefused) -> E {
    reason.set(Some(refused));
    E::custom("refused")
}

/// Reads any value, strictly, with everything below it.
#[derive(Clone, Copy)]
pub(crate) struct Strict<'r> {
    depth: usize,
    reason: &'r Reason,
}

impl<'r> Strict<'r> {
    /// For the outermost value.
    pub(crate) fn root(reason: &'r Reason) -> Self {
        Self { depth: 0, reason }
    }

    /// For what stands in an array or object.
    pub(crate) fn inside(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn require_depth<E: Error>(self) -> Result<(), E> {
        if self.depth < MAX_DEPTH {
            return Ok(());
        }
        Err(refuse(self.reason, JsonRefused::TooDeep))
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        self.require_depth()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self.inside())? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.require_depth()?;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(refuse(self.reason, JsonRefused::RepeatedKey));
            }
            let value = map.next_value_seed(self.inside())?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}
