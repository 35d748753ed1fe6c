//! Lists and the paging around them (zendesk-wire §2).

use form_urlencoded::Serializer;
use serde::{Deserialize, Serialize};

use super::{ClientObject, CursorPaging, CursorPosition, OffsetPaging, Sort, TokenObject};

/// A page of clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientList {
    /// The clients.
    pub clients: Vec<ClientObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// A page of tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenList {
    /// The tokens.
    pub tokens: Vec<TokenObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// What stands beside the records of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PagingEnvelope {
    /// Of a page by number.
    Offset(OffsetEnvelope),
    /// Of a page by cursor.
    Cursor(CursorEnvelope),
}

/// The neighbours of a page by number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OffsetEnvelope {
    /// The next page, if it has records.
    pub next_page: Option<String>,
    /// The page before this one.
    pub previous_page: Option<String>,
    /// How many records the whole list has.
    pub count: u64,
}

impl OffsetEnvelope {
    /// The envelope of a page of a list with `count` records.
    pub fn new(list: &ListUrl<'_>, paging: OffsetPaging, count: u64) -> Self {
        let OffsetPaging { page, per_page } = paging;
        let link = |page: u32| list.offset_link(page, per_page);
        let reached = u64::from(page) * u64::from(per_page);
        Self {
            next_page: (reached < count).then(|| link(page + 1)),
            previous_page: (page > 1).then(|| link(page - 1)),
            count,
        }
    }
}

/// The neighbours of a page by cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CursorEnvelope {
    /// The cursors.
    pub meta: CursorMeta,
    /// The same as links.
    pub links: CursorLinks,
}

/// The cursors of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CursorMeta {
    /// Whether more records follow in the direction asked for.
    pub has_more: bool,
    /// After the last record; null on an empty page, where clients stop.
    pub after_cursor: Option<String>,
    /// Before the first record.
    pub before_cursor: Option<String>,
}

/// The neighbours of a page as links.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CursorLinks {
    /// The next page, if there is one.
    pub next: Option<String>,
    /// The page before this one, if there is one.
    pub prev: Option<String>,
}

/// What is known of a page with records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorPage {
    /// The cursor of its first record.
    pub first: String,
    /// The cursor of its last record.
    pub last: String,
    /// Whether records come before it.
    pub is_preceded: bool,
    /// Whether records come after it.
    pub is_followed: bool,
}

impl CursorEnvelope {
    /// The envelope of a page; none: the page is empty, and every cursor and link is null.
    pub fn new(list: &ListUrl<'_>, paging: &CursorPaging, page: Option<CursorPage>) -> Self {
        let Some(page) = page else { return Self::default() };
        let link = |key, cursor: &str| list.cursor_link(key, cursor, paging);
        let links = CursorLinks {
            next: page.is_followed.then(|| link("page[after]", &page.last)),
            prev: page.is_preceded.then(|| link("page[before]", &page.first)),
        };
        let backwards = matches!(paging.position, CursorPosition::Before(_));
        let meta = CursorMeta {
            has_more: if backwards { page.is_preceded } else { page.is_followed },
            after_cursor: Some(page.last),
            before_cursor: Some(page.first),
        };
        Self { meta, links }
    }
}

/// Where a list is, with the filters that its links repeat.
#[derive(Clone, Copy, Debug)]
pub struct ListUrl<'a> {
    /// The absolute URL, with `.json` and without a query.
    pub url: &'a str,
    /// The filters asked for.
    pub filters: &'a [(&'a str, &'a str)],
}

impl ListUrl<'_> {
    fn offset_link(&self, page: u32, per_page: u32) -> String {
        self.link(&[("page", &page.to_string()), ("per_page", &per_page.to_string())])
    }

    fn cursor_link(&self, key: &str, cursor: &str, paging: &CursorPaging) -> String {
        let size = paging.size.to_string();
        let Sort { key: sort_key, descending } = paging.sort;
        let sort = format!("{}{sort_key}", if descending { "-" } else { "" });
        let pairs = [(key, cursor), ("page[size]", &size), ("sort", &sort)];
        let sorted = if paging.sort == Sort::DEFAULT { &pairs[..2] } else { &pairs[..] };
        self.link(sorted)
    }

    fn link(&self, pairs: &[(&str, &str)]) -> String {
        let mut url = format!("{}?", self.url);
        let start = url.len();
        Serializer::for_suffix(&mut url, start).extend_pairs(pairs).extend_pairs(self.filters);
        url
    }
}
