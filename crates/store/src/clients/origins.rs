//! The origins of clients' redirect URIs: rows beside each client, written in the unit of work that
//! writes the client, so that one indexed read tells whether an account knows an origin.
//!
//! SQL cannot read URIs, so the migration leaves the table empty, and whoever migrates fills it: page
//! by page in the order of ids, each page a unit of work. A client's `origins_at` says which version
//! of it (`updated_at`) the rows are of. Clients whose version is another one are filled, so a start
//! goes on where another was cut off, several nodes may fill at once, and what a node of an earlier
//! version wrote during an upgrade is made up for by the next start. A touch leaves a client behind
//! too: its rows are right, and are written once more.

use std::collections::BTreeMap;
use std::convert::Infallible;

use domain::{AccountId, Client, ClientId, RedirectUri, WebOrigin};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Failure, Fault, Store, Transaction, settle, statements};

/// How many clients are filled at a time.
const PAGE: i64 = 200;

statements! {
    IS_KNOWN: "
SELECT client_id
FROM client_origins
WHERE account_id IN ($1, 0) AND origin = $2
LIMIT 1";
    REMOVE: "
DELETE FROM client_origins
WHERE client_id IN (SELECT CAST(given.key AS BIGINT) FROM json_each($1) AS given)";
    // The client's row says where they count: what is written here follows what was written there.
    ADD: "
INSERT INTO client_origins (account_id, origin, client_id)
SELECT CASE WHEN clients.global_at IS NULL THEN clients.account_id ELSE 0 END,
  given_origin.key, clients.id
FROM json_each($1) AS given
JOIN clients ON clients.id = CAST(given.key AS BIGINT)
CROSS JOIN json_each(given.value) AS given_origin";
    PAGE_END: "
SELECT MAX(page.id)
FROM (
  SELECT id FROM clients
  WHERE COALESCE(origins_at, 0) <> updated_at AND id > $1
  ORDER BY id
  LIMIT $2) AS page";
    // Takes the rows: whoever changes one of these clients meanwhile waits, or was waited for.
    TAKE_PAGE: "
UPDATE clients
SET origins_at = updated_at
WHERE COALESCE(origins_at, 0) <> updated_at AND id > $1 AND id <= $2
RETURNING id, redirect_uris";
}

/// Whether a client of the account, or a global one, has a redirect URI of this origin.
pub async fn has_origin(
    source: impl Into<Source<'_>>,
    account_id: AccountId,
    origin: &str,
) -> Result<bool, Fault> {
    let values = [account_id.into(), origin.into()];
    Ok(source.into().optional::<i64>(&IS_KNOWN, &values).await?.is_some())
}

/// Puts the origins of a client, as its row now is, in the place of those it had.
pub(super) async fn replace(tx: &mut Transaction, client: &Client) -> Result<(), Fault> {
    rewrite(tx, &Origins::from_iter([(client.id, client.redirect_uris.as_slice())])).await
}

/// Removes the origins of a client.
pub(super) async fn remove(tx: &mut Transaction, id: ClientId) -> Result<(), Fault> {
    let gone = Origins::from_iter([(id, [].as_slice())]).json();
    tx.write(&REMOVE, &[gone.as_str().into()]).await
}

/// Fills in the origins of every client that lacks them. Nobody remembers that there were none, so
/// nothing is announced.
pub(crate) async fn fill(store: &Store) -> Result<(), Fault> {
    let mut after = ClientId::new(0);
    while let Some(last) = page_end(store, after).await? {
        crate::retry(|| async {
            let mut tx = store.begin().await?;
            let filled = fill_page(&mut tx, (after, last)).await;
            settle::<(), Infallible>(tx, filled.map_err(Into::into)).await
        })
        .await
        .map_err(Failure::into_fault)?;
        after = last;
    }
    Ok(())
}

/// The last client of the next page.
async fn page_end(store: &Store, after: ClientId) -> Result<Option<ClientId>, Fault> {
    let values = [after.into(), PAGE.into()];
    let last: Option<PageEnd> = Source::from(store).optional(&PAGE_END, &values).await?;
    Ok(last.and_then(|PageEnd(last)| last))
}

async fn fill_page(tx: &mut Transaction, (after, last): (ClientId, ClientId)) -> Result<(), Fault> {
    let clients: Vec<Registered> = tx.all(&TAKE_PAGE, &[after.into(), last.into()]).await?;
    let origins = clients.iter().map(|client| (client.id, client.redirect_uris.as_slice()));
    rewrite(tx, &origins.collect()).await
}

async fn rewrite(tx: &mut Transaction, origins: &Origins) -> Result<(), Fault> {
    let json = origins.json();
    tx.write(&REMOVE, &[json.as_str().into()]).await?;
    tx.write(&ADD, &[json.as_str().into()]).await
}

/// Clients and their origins, each once, as the statements above take them: an object of objects.
/// Objects, as these are what both databases name `json_each`.
#[expect(clippy::zero_sized_map_values, reason = "written as objects, whose values say nothing")]
struct Origins(BTreeMap<String, BTreeMap<String, ()>>);

impl Origins {
    fn json(&self) -> String {
        serde_json::to_string(&self.0).expect("a map of texts is valid JSON")
    }
}

impl<'a> FromIterator<(ClientId, &'a [RedirectUri])> for Origins {
    fn from_iter<I: IntoIterator<Item = (ClientId, &'a [RedirectUri])>>(clients: I) -> Self {
        let of_client = |(id, redirect_uris): (ClientId, &[RedirectUri])| {
            let origins = redirect_uris.iter().filter_map(WebOrigin::of);
            (id.to_string(), origins.map(|origin| (origin.as_str().to_owned(), ())).collect())
        };
        Self(clients.into_iter().map(of_client).collect())
    }
}

struct PageEnd(Option<ClientId>);

impl FromRow for PageEnd {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        Ok(Self(Columns::of(row).take()?))
    }
}

/// What is asked of a client here.
struct Registered {
    id: ClientId,
    redirect_uris: Vec<RedirectUri>,
}

impl FromRow for Registered {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.take()?,
            redirect_uris: columns.parsed_list(RedirectUri::from_stored)?,
        })
    }
}
