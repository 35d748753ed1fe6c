//! Pages of a list, by number and by cursor (zendesk-wire §2).

use store::{Decision, Failure, Fault, Page, Place, Side};
use utoipa::IntoParams;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use wire::zendesk::{
    ApiError, CursorEnvelope, CursorPage, CursorPaging, CursorPosition, ListUrl, OffsetEnvelope,
    OffsetPaging, Paging, PagingEnvelope, PagingRefused, Sort,
};

use super::cursor::Cursors;
use super::guard::Caller;
use super::listing::Listing;

/// What a query may say of the page that is wanted; without `page[…]` it is found by number.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a description of what wire::zendesk::Paging reads")]
pub(crate) struct PagingQuery {
    /// How many records a page by cursor has, at most 100.
    #[param(rename = "page[size]", schema_with = positive)]
    page_size: Option<u32>,
    /// The page after this cursor.
    #[param(rename = "page[after]")]
    page_after: Option<String>,
    /// The page before this cursor.
    #[param(rename = "page[before]")]
    page_before: Option<String>,
    /// The key of the order, with a minus for descending.
    sort: Option<String>,
    /// The number of the page, from 1.
    #[param(schema_with = positive)]
    page: Option<u32>,
    /// How many records a page by number has, at most 100.
    #[param(schema_with = positive)]
    per_page: Option<u32>,
}

/// However large: what is over the limit is cut, so a format with a greatest value would be untrue.
fn positive() -> Object {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build()
}

/// The pages of a list that a caller may see.
pub(crate) struct Pages<'a, L> {
    pub(crate) caller: &'a Caller,
    /// The path of the list as links have it.
    pub(crate) path: &'static str,
    pub(crate) list: L,
}

/// The records of a page, and what stands beside them.
type Shown<R> = (Vec<R>, PagingEnvelope);

impl<L: Listing> Pages<'_, L> {
    /// The page that a query asks for.
    pub(crate) async fn show(&self, query: &[u8]) -> Decision<Shown<L::Record>, ApiError> {
        let paging = Paging::parse(query, L::SORT_KEYS);
        match paging.map_err(|refused| Failure::Refused(refused.into()))? {
            Paging::Offset(paging) => Ok(self.by_number(paging).await?),
            Paging::Cursor(paging) => self.by_cursor(&paging).await,
        }
    }

    async fn by_number(&self, paging: OffsetPaging) -> Result<Shown<L::Record>, Fault> {
        let (skipped, limit) = (paging.skipped().into(), paging.per_page.into());
        let records = self.list.by_number(skipped, limit).await?;
        let count = u64::try_from(self.list.count().await?).unwrap_or_default();
        let envelope = self.linked(|url| OffsetEnvelope::new(url, paging, count));
        Ok((records, PagingEnvelope::Offset(envelope)))
    }

    async fn by_cursor(&self, paging: &CursorPaging) -> Decision<Shown<L::Record>, ApiError> {
        let key = L::key(paging.sort.key);
        let cursors = self.cursors(paging.sort);
        let (direction, cursor) = match &paging.position {
            CursorPosition::Start => (Direction::Onward, None),
            CursorPosition::After(cursor) => (Direction::Onward, Some(cursor)),
            CursorPosition::Before(cursor) => (Direction::Back, Some(cursor)),
        };
        let place = cursor.map(|cursor| cursors.read(cursor).ok_or_else(foreign)).transpose();
        let place = place.map_err(Failure::Refused)?;
        let stretch = self.stretch(paging, direction, place).await?;
        let page = stretch.ends().map(|(first, last)| CursorPage {
            first: cursors.write(&L::place(key, first)),
            last: cursors.write(&L::place(key, last)),
            is_preceded: stretch.is_preceded,
            is_followed: stretch.is_followed,
        });
        let envelope = self.linked(|url| CursorEnvelope::new(url, paging, page));
        Ok((stretch.records, PagingEnvelope::Cursor(envelope)))
    }

    /// The records of a page in the order asked for, and whether there are more on either side.
    async fn stretch(
        &self,
        paging: &CursorPaging,
        direction: Direction,
        place: Option<Place>,
    ) -> Result<Stretch<L::Record>, Fault> {
        let (sort, most) = (paging.sort, paging.size as usize);
        let (key, side) = (L::key(sort.key), direction.side(sort));
        let begins_inside = place.is_some();
        let place = place.unwrap_or_else(|| Place::end(L::shape(key), side));
        let page = Page { place, side, limit: i64::from(paging.size) + 1 };
        let mut records = self.list.page(key, &page).await?;
        let goes_on = records.len() > most;
        records.truncate(most);
        // What lies behind the place may have been deleted since its cursor was issued.
        let comes_from = match records.first() {
            Some(nearest) if begins_inside => {
                let side = direction.turned().side(sort);
                let behind = Page { place: L::place(key, nearest), side, limit: 1 };
                !self.list.page(key, &behind).await?.is_empty()
            }
            _ => false,
        };
        Ok(Stretch::new(records, direction, goes_on, comes_from))
    }

    fn cursors(&self, sort: Sort) -> Cursors<'_> {
        let account_id = self.caller.origin.account.id;
        let narrowed_to = self.list.narrowed_to().unwrap_or_default();
        let Sort { key, descending } = sort;
        let order = if descending { "descending" } else { "ascending" };
        let filters = self.list.filters();
        let filters: Vec<_> =
            filters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let filters = filters.join("\0");
        Cursors {
            keyring: &self.caller.site.ctx().keyring,
            list: format!("{account_id}\0{}\0{narrowed_to}\0{key}\0{order}\0{filters}", self.path),
            shape: L::shape(L::key(key)),
        }
    }

    /// An envelope whose links lead back to this list.
    fn linked<E>(&self, envelope: impl FnOnce(&ListUrl<'_>) -> E) -> E {
        let url = format!("{}{}", self.caller.origin.base_url.as_str(), self.path);
        let filters = self.list.filters();
        let filters: Vec<_> = filters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        envelope(&ListUrl { url: &url, filters: &filters })
    }
}

fn foreign() -> ApiError {
    let reason = "page[after] and page[before] must be cursors that this list has given";
    ApiError::Paging(PagingRefused::Parameter(reason.to_owned()))
}

/// Which way a page goes from its place, in the order asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Onward,
    Back,
}

impl Direction {
    const fn turned(self) -> Self {
        match self {
            Self::Onward => Self::Back,
            Self::Back => Self::Onward,
        }
    }

    /// The same in ascending order.
    const fn side(self, sort: Sort) -> Side {
        match (self, sort.descending) {
            (Self::Onward, false) | (Self::Back, true) => Side::After,
            (Self::Onward, true) | (Self::Back, false) => Side::Before,
        }
    }
}

/// Records in the order asked for.
struct Stretch<R> {
    records: Vec<R>,
    is_preceded: bool,
    is_followed: bool,
}

impl<R> Stretch<R> {
    /// From records with the nearest first.
    fn new(mut records: Vec<R>, direction: Direction, goes_on: bool, comes_from: bool) -> Self {
        match direction {
            Direction::Onward => Self { records, is_preceded: comes_from, is_followed: goes_on },
            Direction::Back => {
                records.reverse();
                Self { records, is_preceded: goes_on, is_followed: comes_from }
            }
        }
    }

    fn ends(&self) -> Option<(&R, &R)> {
        self.records.first().zip(self.records.last())
    }
}
