//! What can be wrong with a record that somebody wants stored: where, what, and in words.

use crate::FaultCode;

/// One thing that is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFault {
    /// The key of the field; `base` for the record as a whole.
    pub field: &'static str,
    /// What, for programs.
    pub code: FaultCode,
    /// What, for people; begins with the field's name and a colon.
    pub message: String,
}

impl RecordFault {
    /// A fault of this field; the text reads on from its name: "must not be blank".
    pub fn new(field: &'static str, code: FaultCode, text: &str) -> Self {
        Self { field, code, message: format!("{}: {text}", label(field)) }
    }
}

/// The name of a field for people: its key, as words.
pub(crate) fn label(field: &str) -> String {
    let words = field.replace('_', " ");
    let (first, rest) = words.split_at(words.len().min(1));
    format!("{}{rest}", first.to_ascii_uppercase())
}

/// A checked value, or what is wrong with it.
pub type Checked<T> = Result<T, (FaultCode, String)>;

/// The faults of a record that were found so far.
#[derive(Debug, Default)]
pub struct RecordFaults {
    unreadable: Vec<&'static str>,
    found: Vec<RecordFault>,
}

impl RecordFaults {
    /// None yet. What was sent as something that cannot be read, a number for a name, is a fault of
    /// its field, whatever else is found there.
    pub fn new(unreadable: &[&'static str]) -> Self {
        let text = "is not of the right type";
        let found =
            unreadable.iter().map(|field| RecordFault::new(field, FaultCode::InvalidValue, text));
        Self { unreadable: unreadable.to_vec(), found: found.collect() }
    }

    /// The value, or its fault is noted.
    pub fn take<T>(&mut self, field: &'static str, checked: Checked<T>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err((code, text)) => {
                self.note(field, code, &text);
                None
            }
        }
    }

    /// Notes a fault, unless the field could not even be read.
    pub fn note(&mut self, field: &'static str, code: FaultCode, text: &str) {
        if !self.unreadable.contains(&field) {
            self.found.push(RecordFault::new(field, code, text));
        }
    }

    /// What was made of the checked values, unless something was wrong.
    pub fn settle<T>(self, made: Option<T>) -> Result<T, Vec<RecordFault>> {
        made.filter(|_| self.found.is_empty()).ok_or(self.found)
    }
}

/// A text that must say something.
pub fn required_text(text: &str, limit: usize) -> Checked<String> {
    if text.trim().is_empty() {
        return Err((FaultCode::BlankValue, "must not be blank".to_owned()));
    }
    bounded_text(text, limit)
}

/// A text of at most so many characters, none of them a control character.
pub fn bounded_text(text: &str, limit: usize) -> Checked<String> {
    if text.chars().count() > limit {
        return Err((FaultCode::TooLong, format!("must have at most {limit} characters")));
    }
    if text.chars().any(char::is_control) {
        let reason = "must not contain control characters".to_owned();
        return Err((FaultCode::InvalidValue, reason));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_begins_with_the_name_of_its_field() {
        for (field, message) in [
            ("expires_at", "Expires at: must not be blank"),
            ("label", "Label: must not be blank"),
            ("base", "Base: must not be blank"),
        ] {
            let fault = RecordFault::new(field, FaultCode::BlankValue, "must not be blank");
            assert_eq!(fault.message, message);
        }
    }

    #[test]
    fn an_unreadable_field_has_one_fault() {
        let mut faults = RecordFaults::new(&["name"]);
        assert_eq!(faults.take("name", required_text("", 5)), None);
        assert_eq!(faults.take("label", required_text("sixsix", 5)), None);
        let found = faults.settle(Some(())).expect_err("there are faults");
        let found: Vec<_> = found.iter().map(|fault| (fault.field, fault.code)).collect();
        assert_eq!(found, [("name", FaultCode::InvalidValue), ("label", FaultCode::TooLong)]);
    }

    #[test]
    fn a_text_is_bounded_and_printable() {
        let table = [
            ("", Err(FaultCode::BlankValue)),
            (" \u{2003}", Err(FaultCode::BlankValue)),
            ("Zoë", Ok("Zoë".to_owned())),
            ("Zoë Zoë", Err(FaultCode::TooLong)),
            ("a\u{7}b", Err(FaultCode::InvalidValue)),
        ];
        for (text, expected) in table {
            assert_eq!(required_text(text, 5).map_err(|(code, _)| code), expected, "{text:?}");
        }
    }
}
