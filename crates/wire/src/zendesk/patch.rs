//! A key of a partial update: absent and null are different things (zendesk-wire §3).

/// What a request says of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Nothing: it keeps its value.
    #[default]
    Absent,
    /// It is null.
    Null,
    /// Its new value.
    Value(T),
}

impl<T> Patch<T> {
    /// The new value of a field that cannot be null: null counts as absent.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Changes a field that null clears.
    pub fn change(self, field: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *field = None,
            Self::Value(value) => *field = Some(value),
        }
    }
}
