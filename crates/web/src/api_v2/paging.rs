//! Pages of clients, by number and by cursor (zendesk-wire §2).

use domain::{Client, UserId};
use store::clients::{ClientList, ClientPlace, ClientPosition, Side, SortedClients};
use store::{Decision, Failure, Fault};
use wire::zendesk::{
    self, ApiError, ClientObject, CursorEnvelope, CursorPage, CursorPaging, CursorPosition,
    ListUrl, OffsetEnvelope, OffsetPaging, Paging, PagingEnvelope, PagingRefused, Sort,
};

use super::cursor::{Cursors, SortKey};
use super::guard::Caller;
use super::reply::{Answer, Reply, url};

/// A list of the account's clients.
pub(super) struct ClientPages<'a> {
    pub(super) caller: &'a Caller,
    /// Where the list is, below the API.
    pub(super) path: &'static str,
    /// Only the clients of this user.
    pub(super) owner: Option<UserId>,
}

impl ClientPages<'_> {
    /// Shows the page that a query asks for.
    pub(super) async fn show(&self, query: &[u8]) -> Answer {
        let paging = Paging::parse(query, &SortKey::NAMES);
        let paging = paging.map_err(|refused| Failure::Refused(refused.into()))?;
        let (clients, paging) = match paging {
            Paging::Offset(paging) => self.by_number(paging).await?,
            Paging::Cursor(paging) => self.by_cursor(&paging).await?,
        };
        let base_url = &self.caller.origin.base_url;
        let clients = clients.iter().map(|client| ClientObject::new(client, base_url)).collect();
        Ok(Reply::shown(&zendesk::ClientList { clients, paging }))
    }

    async fn by_number(&self, paging: OffsetPaging) -> Result<Page, Fault> {
        let store = &self.caller.site.ctx().store;
        let (account_id, owner) = (self.caller.origin.account.id, self.owner);
        let position = ClientPosition::Offset(paging.skipped().into());
        let wanted = ClientList { owner, position, limit: paging.per_page.into() };
        let clients = store::clients::list(store, account_id, wanted).await?;
        let count = store::clients::count(store, account_id, owner).await?;
        let count = u64::try_from(count).unwrap_or_default();
        let list_url = ListUrl { url: &self.url(), filters: &[] };
        let envelope = OffsetEnvelope::new(&list_url, paging, count);
        Ok((clients, PagingEnvelope::Offset(envelope)))
    }

    async fn by_cursor(&self, paging: &CursorPaging) -> Decision<Page, ApiError> {
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
            first: cursors.write(first),
            last: cursors.write(last),
            is_preceded: stretch.is_preceded,
            is_followed: stretch.is_followed,
        });
        let list_url = ListUrl { url: &self.url(), filters: &[] };
        let envelope = CursorEnvelope::new(&list_url, paging, page);
        Ok((stretch.clients, PagingEnvelope::Cursor(envelope)))
    }

    /// The clients of a page in the order asked for, and whether there are more on either side.
    async fn stretch(
        &self,
        paging: &CursorPaging,
        direction: Direction,
        place: Option<ClientPlace>,
    ) -> Result<Stretch, Fault> {
        let (sort, size) = (paging.sort, paging.size as usize);
        let begins_inside = place.is_some();
        let place = place.unwrap_or_else(|| SortKey::of(sort.key).end(direction.side(sort)));
        let mut clients = self.beside(place, direction, sort, paging.size + 1).await?;
        let goes_on = clients.len() > size;
        clients.truncate(size);
        // What lies behind the place may have been deleted since its cursor was issued.
        let comes_from = match clients.first() {
            Some(nearest) if begins_inside => {
                let place = SortKey::of(sort.key).place_of(nearest);
                !self.beside(place, direction.turned(), sort, 1).await?.is_empty()
            }
            _ => false,
        };
        Ok(Stretch::new(clients, direction, goes_on, comes_from))
    }

    /// The clients next to a place, the nearest first.
    async fn beside(
        &self,
        place: ClientPlace,
        direction: Direction,
        sort: Sort,
        limit: u32,
    ) -> Result<Vec<Client>, Fault> {
        let side = direction.side(sort);
        let wanted = SortedClients { owner: self.owner, place, side, limit: limit.into() };
        let Caller { site, origin, .. } = self.caller;
        let mut clients =
            store::clients::sorted(&site.ctx().store, origin.account.id, wanted).await?;
        if side == Side::Before {
            clients.reverse();
        }
        Ok(clients)
    }

    fn cursors(&self, sort: Sort) -> Cursors<'_> {
        let account_id = self.caller.origin.account.id;
        let owner = self.owner.map_or(0, UserId::get);
        let Sort { key, descending } = sort;
        let order = if descending { "descending" } else { "ascending" };
        Cursors {
            keyring: &self.caller.site.ctx().keyring,
            list: format!("{account_id}\0{}\0{owner}\0{key}\0{order}", self.path),
            key: SortKey::of(key),
        }
    }

    /// Where the list is. Neither list has filters that a link would repeat.
    fn url(&self) -> String {
        url(&self.caller.origin.base_url, self.path)
    }
}

/// The clients of a page, and what stands beside them.
type Page = (Vec<Client>, PagingEnvelope);

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

/// Clients in the order asked for.
struct Stretch {
    clients: Vec<Client>,
    is_preceded: bool,
    is_followed: bool,
}

impl Stretch {
    /// From clients with the nearest first.
    fn new(
        mut clients: Vec<Client>,
        direction: Direction,
        goes_on: bool,
        comes_from: bool,
    ) -> Self {
        match direction {
            Direction::Onward => Self { clients, is_preceded: comes_from, is_followed: goes_on },
            Direction::Back => {
                clients.reverse();
                Self { clients, is_preceded: goes_on, is_followed: comes_from }
            }
        }
    }

    fn ends(&self) -> Option<(&Client, &Client)> {
        self.clients.first().zip(self.clients.last())
    }
}
