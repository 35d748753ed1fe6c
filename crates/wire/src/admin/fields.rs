//! What the body of a create or update says, key by key. Read-only and unknown keys are ignored; a
//! value of the wrong type is a fault of its field, not of the request.

use domain::Timestamp;
use serde_json::{Map, Value};

use crate::json::{JsonRefused, read_object};
use crate::zendesk::Patch;

/// The keys of one record, as they were sent.
#[derive(Debug)]
pub struct Fields {
    sent: Map<String, Value>,
    unreadable: Vec<&'static str>,
}

impl Fields {
    /// Reads a body. Without one, or without the key of the record, nothing is said of any field.
    pub fn parse(body: &[u8], record: &str) -> Result<Self, JsonRefused> {
        let sent = match read_object(body)?.remove(record) {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        Ok(Self { sent, unreadable: Vec::new() })
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Patch<String> {
        self.take(key, text)
    }

    /// An array of texts.
    pub fn texts(&mut self, key: &'static str) -> Patch<Vec<String>> {
        self.take(key, texts)
    }

    /// A whole number.
    pub fn number(&mut self, key: &'static str) -> Patch<i64> {
        self.take(key, |value| value.as_i64())
    }

    /// True or false.
    pub fn flag(&mut self, key: &'static str) -> Patch<bool> {
        self.take(key, |value| value.as_bool())
    }

    /// A moment (RFC 3339), as `2026-05-04T09:30:00Z`.
    pub fn date(&mut self, key: &'static str) -> Patch<Timestamp> {
        self.take(key, |value| {
            let moment: jiff::Timestamp = value.as_str()?.parse().ok()?;
            Some(Timestamp::from_millis(moment.as_millisecond()))
        })
    }

    /// A JSON value that `read` understands.
    pub fn take<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Patch<T> {
        match self.sent.remove(key) {
            None => Patch::Absent,
            Some(Value::Null) => Patch::Null,
            Some(value) => read(value).map_or_else(
                || {
                    self.unreadable.push(key);
                    Patch::Absent
                },
                Patch::Value,
            ),
        }
    }

    /// The keys that were asked for and held something that could not be read.
    pub fn into_unreadable(self) -> Vec<&'static str> {
        self.unreadable
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.into_iter().map(text).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_read_or_noted() {
        let body = br#"{"thing": {"name": "a", "list": ["b"], "count": 3, "on": false,
            "at": "2026-05-04T11:30:00.5+02:00", "none": null, "secret": "x"}}"#;
        let mut fields = Fields::parse(body, "thing").expect("it is JSON");
        assert_eq!(fields.text("name"), Patch::Value("a".to_owned()));
        assert_eq!(fields.texts("list"), Patch::Value(vec!["b".to_owned()]));
        assert_eq!(fields.number("count"), Patch::Value(3));
        assert_eq!(fields.flag("on"), Patch::Value(false));
        let moment = Timestamp::from_millis(1_777_887_000_500);
        assert_eq!(fields.date("at"), Patch::Value(moment));
        assert_eq!(fields.text("none"), Patch::Null);
        assert_eq!(fields.text("absent"), Patch::Absent);
        assert_eq!(fields.into_unreadable(), Vec::<&str>::new());
    }

    #[test]
    fn what_is_of_another_type_is_noted() {
        let body = br#"{"thing": {"name": 1, "list": "b", "count": 1.5, "on": 1, "at": "soon"}}"#;
        let mut fields = Fields::parse(body, "thing").expect("it is JSON");
        assert_eq!(fields.text("name"), Patch::Absent);
        assert_eq!(fields.texts("list"), Patch::Absent);
        assert_eq!(fields.number("count"), Patch::Absent);
        assert_eq!(fields.flag("on"), Patch::Absent);
        assert_eq!(fields.date("at"), Patch::Absent);
        assert_eq!(fields.into_unreadable(), ["name", "list", "count", "on", "at"]);
    }

    #[test]
    fn without_the_record_nothing_is_said() {
        for body in ["", "{}", r#"{"other": {"name": "a"}}"#, r#"{"thing": 1}"#] {
            let mut fields = Fields::parse(body.as_bytes(), "thing").expect("it is JSON");
            assert_eq!(fields.text("name"), Patch::Absent, "{body}");
        }
    }
}
