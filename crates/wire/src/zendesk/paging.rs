//! The paging part of a list's query (zendesk-wire §2).

use std::borrow::Cow;

use crate::ParametersRefused;
use crate::parameters::form_pairs;

/// How many records a page may have.
const MAX_PAGE: u32 = 100;
/// How deep offset paging reaches.
const MAX_DEPTH: u32 = 10_000;

/// Which page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paging {
    /// By number: when no `page[…]` key is present.
    Offset(OffsetPaging),
    /// By cursor.
    Cursor(CursorPaging),
}

/// A page by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetPaging {
    /// Counted from 1.
    pub page: u32,
    /// 1…100.
    pub per_page: u32,
}

/// A page by a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorPaging {
    /// 1…100.
    pub size: u32,
    /// Where it begins.
    pub position: CursorPosition,
    /// In which order.
    pub sort: Sort,
}

/// Where a page begins. The cursor is as presented: opaque here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CursorPosition {
    /// At the beginning of the list.
    Start,
    /// After this cursor.
    After(String),
    /// Before this cursor.
    Before(String),
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The key.
    pub key: &'static str,
    /// Whether the order is turned round.
    pub descending: bool,
}

impl Sort {
    /// The order when none is asked for.
    pub const DEFAULT: Self = Self { key: "created_at", descending: false };
}

/// Why a list's query is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PagingRefused {
    /// The query cannot be read at all.
    #[error(transparent)]
    Query(#[from] ParametersRefused),
    /// `InvalidPaginationParameter`.
    #[error("{0}")]
    Parameter(String),
    /// `InvalidPaginationDepth`.
    #[error("page and per_page reach past 10000 records; use page[size] and cursors instead")]
    Depth,
}

impl OffsetPaging {
    /// How many records come before the page.
    pub const fn skipped(self) -> u32 {
        (self.page - 1) * self.per_page
    }
}

impl Paging {
    /// Reads a query without its question mark. `sort_keys` are the keys that the list knows.
    pub fn parse(query: &[u8], sort_keys: &[&'static str]) -> Result<Self, PagingRefused> {
        let presented = Presented::read(query)?;
        if presented.names_cursor() {
            return presented.cursor(sort_keys).map(Self::Cursor);
        }
        presented.offset().map(Self::Offset)
    }
}

/// The values of one query. Here an empty value is not absent but no number.
#[derive(Default)]
struct Presented<'q> {
    size: Option<Cow<'q, str>>,
    after: Option<Cow<'q, str>>,
    before: Option<Cow<'q, str>>,
    sort: Option<Cow<'q, str>>,
    page: Option<Cow<'q, str>>,
    per_page: Option<Cow<'q, str>>,
}

impl<'q> Presented<'q> {
    fn read(query: &'q [u8]) -> Result<Self, PagingRefused> {
        let mut presented = Self::default();
        for pair in form_pairs(query) {
            let (name, value) = pair?;
            let Some(field) = presented.field(&name) else { continue };
            if field.replace(value).is_some() {
                return Err(parameter(&name, "must not be repeated"));
            }
        }
        Ok(presented)
    }

    fn field(&mut self, name: &str) -> Option<&mut Option<Cow<'q, str>>> {
        match name {
            "page[size]" => Some(&mut self.size),
            "page[after]" => Some(&mut self.after),
            "page[before]" => Some(&mut self.before),
            "sort" => Some(&mut self.sort),
            "page" => Some(&mut self.page),
            "per_page" => Some(&mut self.per_page),
            _ => None,
        }
    }

    fn names_cursor(&self) -> bool {
        self.size.is_some() || self.after.is_some() || self.before.is_some()
    }

    fn cursor(self, sort_keys: &[&'static str]) -> Result<CursorPaging, PagingRefused> {
        let size = positive("page[size]", self.size.as_deref(), MAX_PAGE)?.min(MAX_PAGE);
        let position = match (self.after, self.before) {
            (None, None) => CursorPosition::Start,
            (Some(after), None) => CursorPosition::After(after.into_owned()),
            (None, Some(before)) => CursorPosition::Before(before.into_owned()),
            (Some(_), Some(_)) => {
                return Err(parameter("page[after]", "excludes page[before]"));
            }
        };
        let sort = self.sort.map_or(Ok(Sort::DEFAULT), |sort| parse_sort(&sort, sort_keys))?;
        Ok(CursorPaging { size, position, sort })
    }

    fn offset(self) -> Result<OffsetPaging, PagingRefused> {
        let page = positive("page", self.page.as_deref(), 1)?;
        let per_page = positive("per_page", self.per_page.as_deref(), MAX_PAGE)?.min(MAX_PAGE);
        if page.saturating_mul(per_page) > MAX_DEPTH {
            return Err(PagingRefused::Depth);
        }
        Ok(OffsetPaging { page, per_page })
    }
}

/// A positive integer, however large: what does not fit is the largest.
fn positive(name: &str, value: Option<&str>, default: u32) -> Result<u32, PagingRefused> {
    let Some(value) = value else { return Ok(default) };
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse() {
        Ok(0) => Err(parameter(name, "must be a positive integer")),
        Ok(number) if digits => Ok(number),
        Err(_) if digits => Ok(u32::MAX),
        _ => Err(parameter(name, "must be a positive integer")),
    }
}

fn parse_sort(presented: &str, sort_keys: &[&'static str]) -> Result<Sort, PagingRefused> {
    let (name, descending) = match presented.strip_prefix('-') {
        Some(name) => (name, true),
        None => (presented, false),
    };
    match sort_keys.iter().find(|key| **key == name) {
        Some(key) => Ok(Sort { key, descending }),
        None => Err(parameter("sort", &format!("must be one of {}", sort_keys.join(", ")))),
    }
}

fn parameter(name: &str, fault: &str) -> PagingRefused {
    PagingRefused::Parameter(format!("{name} {fault}"))
}
