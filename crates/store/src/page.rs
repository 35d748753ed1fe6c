//! Pages of a list, by key: where one stands, and on which side.

use domain::Timestamp;

use crate::engine::Value;

/// One more character than the longest text that lists are sorted by: as many of the last character
/// there is come after every such text.
const BEYOND_TEXTS: usize = 256;

/// A place in a list: the value of the key that it is sorted by, and the id where values are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a list by id.
    Id(i64),
    /// In a list by a time.
    At(Timestamp, i64),
    /// In a list by a text, bytewise.
    Text(String, i64),
}

impl Place {
    /// The place that has the whole list on this side.
    pub fn end(shape: Shape, side: Side) -> Self {
        let (number, text) = match side {
            Side::After => (i64::MIN, String::new()),
            Side::Before => (i64::MAX, char::MAX.to_string().repeat(BEYOND_TEXTS)),
        };
        match shape {
            Shape::Id => Self::Id(number),
            Shape::At => Self::At(Timestamp::from_millis(number), number),
            Shape::Text => Self::Text(text, number),
        }
    }

    /// The value of the key, if it is another than the id, and the id: as statements compare them.
    pub(crate) fn values(&self) -> Vec<Value<'_>> {
        match self {
            Self::Id(id) => vec![(*id).into()],
            Self::At(at, id) => vec![(*at).into(), (*id).into()],
            Self::Text(text, id) => vec![text.as_str().into(), (*id).into()],
        }
    }
}

/// What places of a list are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// [`Place::Id`].
    Id,
    /// [`Place::At`].
    At,
    /// [`Place::Text`].
    Text,
}

/// Which side of a place a page holds, in ascending order of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What comes right after it.
    After,
    /// What comes right before it.
    Before,
}

/// A page of a list: the records on one side of a place, of which the nearest is given first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it stands.
    pub place: Place,
    /// On which side of it.
    pub side: Side,
    /// How many records it holds at most.
    pub limit: i64,
}
