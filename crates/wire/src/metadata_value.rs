//! A member of a client's metadata in JSON.

use domain::{MetadataMember, MetadataShape, MetadataValue};
use serde_json::{Map, Value, json};

/// The value, if it has the shape of its member.
pub(crate) fn read(member: MetadataMember, value: Value) -> Option<MetadataValue> {
    match (member.shape(), value) {
        (MetadataShape::Text, Value::String(text)) => Some(MetadataValue::Text(text)),
        (MetadataShape::Texts, Value::Array(items)) => {
            items.into_iter().map(text).collect::<Option<_>>().map(MetadataValue::Texts)
        }
        (MetadataShape::Number, Value::Number(number)) => {
            number.as_i64().map(MetadataValue::Number)
        }
        (MetadataShape::Flag, Value::Bool(flag)) => Some(MetadataValue::Flag(flag)),
        (MetadataShape::Object, object @ Value::Object(_)) => {
            Some(MetadataValue::Text(object.to_string()))
        }
        (MetadataShape::Named, Value::Object(texts)) => {
            let named = texts.into_iter().map(|(name, value)| Some((name, text(value)?)));
            named.collect::<Option<_>>().map(MetadataValue::Named)
        }
        _ => None,
    }
}

/// The value as JSON.
pub(crate) fn write(member: MetadataMember, value: MetadataValue) -> Value {
    match value {
        // A set of keys was read as JSON before it was kept.
        MetadataValue::Text(text) if member.shape() == MetadataShape::Object => {
            serde_json::from_str(&text).unwrap_or_default()
        }
        MetadataValue::Text(text) => text.into(),
        MetadataValue::Texts(texts) => json!(texts),
        MetadataValue::Number(number) => number.into(),
        MetadataValue::Flag(flag) => flag.into(),
        MetadataValue::Named(texts) => {
            let texts = texts.into_iter().map(|(name, text)| (name, Value::from(text)));
            texts.collect::<Map<_, _>>().into()
        }
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}
