//! Lists of global clients, as both administration APIs page them.

use domain::GlobalClient;
use store::global_clients::{GlobalClientSort, GlobalClients};
use store::{Fault, Page, Place, Shape};

use super::guard::Caller;
use super::listing::Listing;

/// Global clients, as the caller's account sees them.
pub(crate) struct GlobalClientListing<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) wanted: GlobalClients,
    /// The filters of the query, which links repeat.
    pub(crate) filters: Vec<(&'static str, String)>,
}

impl Listing for GlobalClientListing<'_> {
    type Record = GlobalClient;
    type Key = GlobalClientSort;

    const SORT_KEYS: &'static [&'static str] = &["id", "name"];

    fn key(name: &str) -> GlobalClientSort {
        match name {
            "id" => GlobalClientSort::Id,
            "name" => GlobalClientSort::Name,
            _ => GlobalClientSort::CreatedAt,
        }
    }

    fn shape(key: GlobalClientSort) -> Shape {
        key.shape()
    }

    fn place(key: GlobalClientSort, client: &GlobalClient) -> Place {
        let id = client.id.get();
        match key {
            GlobalClientSort::Id => Place::Id(id),
            GlobalClientSort::Name => Place::Text(client.name.clone(), id),
            GlobalClientSort::CreatedAt => Place::At(client.created_at, id),
        }
    }

    fn filters(&self) -> Vec<(&'static str, String)> {
        self.filters.clone()
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<GlobalClient>, Fault> {
        store::global_clients::list(self.caller.store(), self.wanted, skipped, limit).await
    }

    async fn count(&self) -> Result<i64, Fault> {
        store::global_clients::count(self.caller.store(), self.wanted).await
    }

    async fn page(&self, key: GlobalClientSort, page: &Page) -> Result<Vec<GlobalClient>, Fault> {
        store::global_clients::page(self.caller.store(), self.wanted, key, page).await
    }
}
