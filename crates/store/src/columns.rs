//! How entities stand in columns: a row is read from left to right in the order its statement
//! names, lists of cold rows are JSON text, lists of hot rows are words with a space between.

use domain::{ExpiryBucket, ScopeName, ScopeSet};

use crate::Fault;
use crate::engine::{Column, FromColumn, Row, Value};

/// Reads a row from left to right.
pub(crate) struct Columns<'r> {
    row: &'r Row<'r>,
    next: usize,
}

impl<'r> Columns<'r> {
    /// Starts at the first column.
    pub(crate) fn of(row: &'r Row<'r>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column.
    pub(crate) fn take<T: FromColumn>(&mut self) -> Result<T, Fault> {
        let index = self.next;
        self.next += 1;
        self.row.get(index)
    }

    /// The next column, text that `parse` understands.
    pub(crate) fn parsed<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
        let text: String = self.take()?;
        parse(&text).ok_or_else(|| self.corrupt(&text))
    }

    /// The next column, the words of a scope set.
    pub(crate) fn scopes(&mut self) -> Result<ScopeSet, Fault> {
        self.parsed(scope_set)
    }

    /// The next column, words with a space between.
    pub(crate) fn words(&mut self) -> Result<Vec<String>, Fault> {
        let text: String = self.take()?;
        Ok(text.split_ascii_whitespace().map(str::to_owned).collect())
    }

    /// The next column, a JSON list of texts.
    pub(crate) fn list(&mut self) -> Result<Vec<String>, Fault> {
        self.parsed(|text| serde_json::from_str(text).ok())
    }

    /// The next column, a JSON list whose items `parse` understands.
    pub(crate) fn parsed_list<T>(
        &mut self,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, Fault> {
        let items = self.list()?;
        items.iter().map(|item| parse(item).ok_or_else(|| self.corrupt(item))).collect()
    }

    /// The next column, null or a JSON list whose items `parse` understands.
    pub(crate) fn optional_list<T>(
        &mut self,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Vec<T>>, Fault> {
        let text: Option<String> = self.take()?;
        let Some(text) = text else { return Ok(None) };
        let items: Option<Vec<String>> = serde_json::from_str(&text).ok();
        let items = items.ok_or_else(|| self.corrupt(&text))?;
        items
            .iter()
            .map(|item| parse(item).ok_or_else(|| self.corrupt(item)))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn corrupt(&self, text: &str) -> Fault {
        Fault::Corrupt(format!("column {} holds {text:?}", self.next))
    }
}

/// A JSON list of texts.
pub(crate) fn json<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    let items: Vec<&str> = items.into_iter().collect();
    serde_json::to_string(&items).expect("a list of texts is valid JSON")
}

/// The words of a scope set; none are the empty set. A grant that was widened again and again may
/// hold more names than one request may ask for.
pub(crate) fn scope_set(words: &str) -> Option<ScopeSet> {
    let names = words.split(' ').filter(|word| !word.is_empty());
    names.map(|name| ScopeName::parse(name).ok()).collect()
}

impl From<ExpiryBucket> for Value<'_> {
    fn from(bucket: ExpiryBucket) -> Self {
        Self::Integer(bucket.get())
    }
}

impl FromColumn for ExpiryBucket {
    fn from_column(column: Column<'_>) -> Option<Self> {
        i64::from_column(column).map(Self::from_stored)
    }
}
