//! Parameters from a flat JSON object, without building the object.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::{Collected, MAX_FIELDS, NOT_TEXT, ParameterNames, Parameters, ParametersRefused};
use crate::json::{self, Reason, Strict};

/// Reads a body. Values that are no text are judged as presented: null is absent, a whole number
/// is its digits, an array holds the values of a repeatable parameter.
pub(super) fn read(
    body: &[u8],
    names: &'static ParameterNames,
) -> Result<Parameters, ParametersRefused> {
    let reason = Reason::default();
    let members = json::read(body, Members { names, strict: Strict::root(&reason) }, &reason)?;
    let mut collected = Collected::new(names);
    for (index, value) in members {
        collected.note(index)?;
        add_value(&mut collected, index, value)?;
    }
    Ok(collected.into_parameters())
}

fn add_value(
    collected: &mut Collected,
    index: usize,
    value: Value,
) -> Result<(), ParametersRefused> {
    let repeatable = collected.names.repeatable.contains(&collected.names.names[index]);
    match value {
        Value::Null => Ok(()),
        Value::Array(items) if repeatable && items.len() > MAX_FIELDS => {
            Err(ParametersRefused::TooMany)
        }
        Value::Array(items) if repeatable => {
            items.into_iter().try_for_each(|item| collected.add(index, text_of(item).into()))
        }
        single => collected.add(index, text_of(single).into()),
    }
}

fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Number(number) if !number.is_f64() => number.to_string(),
        _ => NOT_TEXT.to_owned(),
    }
}

/// Reads the recognised members of the outermost object; the others are checked and dropped.
struct Members<'r> {
    names: &'static ParameterNames,
    strict: Strict<'r>,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Vec<(usize, Value)>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Vec<(usize, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(8);
        while let Some(name) = map.next_key_seed(Name(self.names))? {
            let value = map.next_value_seed(self.strict.inside())?;
            members.extend(name.map(|index| (index, value)));
        }
        Ok(members)
    }
}

/// Reads a key as the index of the name it is, without keeping its text.
struct Name(&'static ParameterNames);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.find(name))
    }
}
