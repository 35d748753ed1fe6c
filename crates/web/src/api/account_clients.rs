//! The list of an account's clients, which both administration APIs show.

use domain::{Client, UserId};
use store::clients::ClientSort;
use store::{Fault, Page, Place, Shape};

use super::Listing;
use super::guard::Caller;

/// The account's clients, or those of one user of it.
pub(crate) struct AccountClients<'a> {
    pub(crate) caller: &'a Caller,
    /// Only the clients of this user.
    pub(crate) owner: Option<UserId>,
}

impl Listing for AccountClients<'_> {
    type Record = Client;
    type Key = ClientSort;

    const SORT_KEYS: &'static [&'static str] = &["id", "name", "created_at", "updated_at"];

    fn key(name: &str) -> ClientSort {
        match name {
            "id" => ClientSort::Id,
            "name" => ClientSort::Name,
            "updated_at" => ClientSort::UpdatedAt,
            _ => ClientSort::CreatedAt,
        }
    }

    fn shape(key: ClientSort) -> Shape {
        key.shape()
    }

    fn place(key: ClientSort, client: &Client) -> Place {
        let id = client.id.get();
        match key {
            ClientSort::Id => Place::Id(id),
            ClientSort::Name => Place::Text(client.name.clone(), id),
            ClientSort::CreatedAt => Place::At(client.created_at, id),
            ClientSort::UpdatedAt => Place::At(client.updated_at, id),
        }
    }

    fn narrowed_to(&self) -> Option<i64> {
        self.owner.map(UserId::get)
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<Client>, Fault> {
        let account_id = self.caller.origin.account.id;
        store::clients::list(self.caller.store(), account_id, self.owner, skipped, limit).await
    }

    async fn count(&self) -> Result<i64, Fault> {
        store::clients::count(self.caller.store(), self.caller.origin.account.id, self.owner).await
    }

    async fn page(&self, key: ClientSort, page: &Page) -> Result<Vec<Client>, Fault> {
        let account_id = self.caller.origin.account.id;
        store::clients::page(self.caller.store(), account_id, self.owner, key, page).await
    }
}
