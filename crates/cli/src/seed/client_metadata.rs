//! The OpenID Connect metadata of a client, with the names of the specifications. Objects are JSON in quotes.

use domain::{MetadataMember, MetadataShape, MetadataValue};
use serde_json::Value;

use crate::document::Section;

/// Every member that is there.
pub(super) fn read(table: &mut Section<'_>) -> Vec<(MetadataMember, MetadataValue)> {
    let members = MetadataMember::ALL.into_iter();
    members.filter_map(|member| Some((member, value(table, member)?))).collect()
}

fn value(table: &mut Section<'_>, member: MetadataMember) -> Option<MetadataValue> {
    let key = member.as_str();
    Some(match member.shape() {
        MetadataShape::Text => MetadataValue::Text(table.text(key)?),
        MetadataShape::Texts => MetadataValue::Texts(table.texts(key)?),
        MetadataShape::Number => MetadataValue::Number(table.number(key)?),
        MetadataShape::Flag => MetadataValue::Flag(table.flag(key)?),
        MetadataShape::Object => MetadataValue::Text(object(table, key)?.to_string()),
        MetadataShape::Named => {
            let object = object(table, key)?;
            let texts = object.as_object().into_iter().flatten();
            let named = texts.map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned())));
            let named: Option<Vec<_>> = named.collect();
            if named.is_none() {
                table.fault(key, "must hold texts only");
            }
            MetadataValue::Named(named?)
        }
    })
}

fn object(table: &mut Section<'_>, key: &'static str) -> Option<Value> {
    let text = table.text(key)?;
    let object = serde_json::from_str(&text).ok().filter(Value::is_object);
    if object.is_none() {
        table.fault(key, "must be a JSON object in quotes, such as '{\"keys\": []}'");
    }
    object
}
