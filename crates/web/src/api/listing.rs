//! A list of the administration API, as pages of it are read from the store.

use std::cmp::Ordering;

use store::{Fault, Page, Place, Shape, Side};

/// A list whose pages the API shows.
pub(crate) trait Listing: Sync {
    /// What it lists.
    type Record: Send + Sync;
    /// What it can be sorted by.
    type Key: Copy + Send + Sync;

    /// What a query may call the keys. `created_at`, the order when none is asked for, is known to
    /// [`Self::key`] even if it is not among them.
    const SORT_KEYS: &'static [&'static str];

    /// The key of one of the names.
    fn key(name: &str) -> Self::Key;

    /// What places in the order of a key are made of.
    fn shape(key: Self::Key) -> Shape;

    /// The place of a record in the order of a key.
    fn place(key: Self::Key, record: &Self::Record) -> Place;

    /// The filters of the query, which links repeat.
    fn filters(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Whom the list is narrowed to besides its filters: a cursor of one's own list is none of
    /// another's.
    fn narrowed_to(&self) -> Option<i64> {
        None
    }

    /// The records after this many in the default order, at most `limit`.
    fn by_number(
        &self,
        skipped: i64,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Self::Record>, Fault>> + Send;

    /// How many records there are.
    fn count(&self) -> impl Future<Output = Result<i64, Fault>> + Send;

    /// A page by key, the nearest record first.
    fn page(
        &self,
        key: Self::Key,
        page: &Page,
    ) -> impl Future<Output = Result<Vec<Self::Record>, Fault>> + Send;
}

/// The records after this many, of a short list that was read whole.
pub(crate) fn numbered<R: Clone>(all: &[R], skipped: i64, limit: i64) -> Vec<R> {
    let whole = |number: i64| usize::try_from(number).unwrap_or_default();
    all.iter().skip(whole(skipped)).take(whole(limit)).cloned().collect()
}

/// A page by key of a short list that was read whole, in ascending order; told how a record stands to
/// the place of the page.
pub(crate) fn beside<R: Clone>(
    all: &[R],
    page: &Page,
    to_place: impl Fn(&R) -> Ordering,
) -> Vec<R> {
    let most = usize::try_from(page.limit).unwrap_or_default();
    match page.side {
        Side::After => all.iter().filter(|it| to_place(it).is_gt()).take(most).cloned().collect(),
        Side::Before => {
            all.iter().rev().filter(|it| to_place(it).is_lt()).take(most).cloned().collect()
        }
    }
}
