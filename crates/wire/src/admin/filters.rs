//! The filters of a list's query. What is no filter of the list is ignored, as paging has its own names.

use domain::Timestamp;

use crate::ParametersRefused;
use crate::parameters::form_pairs;
use crate::zendesk::ApiError;

/// Why the filters of a query are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterRefused {
    /// The query cannot be read at all.
    #[error(transparent)]
    Query(#[from] ParametersRefused),
    /// A filter stands there twice.
    #[error("{0} must not be repeated")]
    Repeated(&'static str),
    /// The value cannot be read; with what it must be.
    #[error("{0} must be {1}")]
    Value(&'static str, &'static str),
}

impl From<FilterRefused> for ApiError {
    fn from(refused: FilterRefused) -> Self {
        Self::InvalidRequest(refused.to_string())
    }
}

/// The filters of one query. An empty value is no filter.
#[derive(Debug)]
pub struct Filters(Vec<(&'static str, String)>);

impl Filters {
    /// Reads those of a query, without its question mark, that the list knows.
    pub fn parse(query: &[u8], known: &[&'static str]) -> Result<Self, FilterRefused> {
        let mut found: Vec<(&'static str, String)> = Vec::new();
        for pair in form_pairs(query) {
            let (name, value) = pair?;
            let Some(name) = known.iter().find(|known| **known == name) else { continue };
            if found.iter().any(|(found, _)| found == name) {
                return Err(FilterRefused::Repeated(name));
            }
            if value.contains('\0') {
                return Err(ParametersRefused::Nul(name).into());
            }
            found.push((name, value.into_owned()));
        }
        found.retain(|(_, value)| !value.is_empty());
        Ok(Self(found))
    }

    /// The filters, to be repeated in links.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        self.0.clone()
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
    }

    /// An id.
    pub fn id(&self, name: &'static str) -> Result<Option<i64>, FilterRefused> {
        self.read(name, "an integer", |text| text.parse().ok())
    }

    /// True or false.
    pub fn flag(&self, name: &'static str) -> Result<bool, FilterRefused> {
        let flag = self.read(name, "true or false", |text| text.parse().ok())?;
        Ok(flag.unwrap_or_default())
    }

    /// A moment (RFC 3339), as `2026-05-04T09:30:00Z`.
    pub fn moment(&self, name: &'static str) -> Result<Option<Timestamp>, FilterRefused> {
        self.read(name, "a time like 2026-05-04T09:30:00Z", |text| {
            let moment: jiff::Timestamp = text.parse().ok()?;
            Some(Timestamp::from_millis(moment.as_millisecond()))
        })
    }

    fn read<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, FilterRefused> {
        let Some(text) = self.text(name) else { return Ok(None) };
        parse(text).map(Some).ok_or(FilterRefused::Value(name, expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["role", "actor_id", "all", "since"];

    fn parsed(query: &str) -> Result<Filters, FilterRefused> {
        Filters::parse(query.as_bytes(), &KNOWN)
    }

    #[test]
    fn known_filters_are_read_and_others_ignored() {
        let query = "role=agent&page=2&actor_id=7&all=true&since=2026-05-04T09%3A30%3A00Z&x=1&x=2";
        let filters = parsed(query).expect("it is good");
        assert_eq!(filters.text("role"), Some("agent"));
        assert_eq!(filters.id("actor_id"), Ok(Some(7)));
        assert_eq!(filters.flag("all"), Ok(true));
        let since = Timestamp::from_millis(1_777_887_000_000);
        assert_eq!(filters.moment("since"), Ok(Some(since)));
        assert_eq!(filters.pairs().len(), 4);
        let none = parsed("role=&page=1").expect("it is good");
        assert_eq!(
            (none.text("role"), none.id("actor_id"), none.flag("all")),
            (None, Ok(None), Ok(false))
        );
        assert_eq!(none.pairs(), []);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for (query, refused) in [
            ("role=agent&role=agent", FilterRefused::Repeated("role")),
            ("role=a%00b", FilterRefused::Query(ParametersRefused::Nul("role"))),
            ("actor_id=seven", FilterRefused::Value("actor_id", "an integer")),
            ("all=yes", FilterRefused::Value("all", "true or false")),
        ] {
            let filters = parsed(query);
            let read = filters.and_then(|it| Ok((it.id("actor_id")?, it.flag("all")?)));
            assert_eq!(read, Err(refused));
        }
        let since = parsed("since=yesterday").and_then(|it| it.moment("since"));
        assert!(matches!(since, Err(FilterRefused::Value("since", _))));
    }
}
