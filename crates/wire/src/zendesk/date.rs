//! A date on the wire: UTC, ISO 8601, whole seconds, `Z` (zendesk-wire §1).

use domain::Timestamp;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// A moment, written as `2026-05-04T09:30:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
pub struct Date(Timestamp);

impl Date {
    /// The moment itself.
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl From<Timestamp> for Date {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // Far outside every year that is written with four digits there is nothing to tell apart.
        let first = jiff::Timestamp::MIN.as_second();
        let last = jiff::Timestamp::MAX.as_second();
        let seconds = self.0.as_seconds().clamp(first, last);
        let moment = jiff::Timestamp::from_second(seconds).expect("it is within the range");
        to.collect_str(&moment)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let moment: jiff::Timestamp = text.parse().map_err(D::Error::custom)?;
        Ok(Self(Timestamp::from_millis(moment.as_millisecond())))
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::Date;

    #[test]
    fn dates_have_whole_seconds_and_a_z() {
        let table = [
            (0, "1970-01-01T00:00:00Z"),
            (1_777_887_000_999, "2026-05-04T09:30:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (i64::MAX, "9999-12-30T22:00:00Z"),
        ];
        for (millis, text) in table {
            let json = serde_json::to_value(Date::from(Timestamp::from_millis(millis)));
            assert_eq!(json.expect("a date is a string"), text);
        }
    }
}
