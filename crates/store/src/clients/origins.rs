//! The origins of an account's redirect URIs, read once for a node's memory.

use domain::{AccountId, ClientId, RedirectUri, Timestamp, WebOrigins};

use crate::columns::Columns;
use crate::engine::{FromRow, Row, Source};
use crate::{Fault, Store, statements};

/// How many clients are read at a time.
const PAGE: i64 = 500;

statements! {
    REDIRECT_URIS: "
SELECT redirect_uris, identifier_folded, created_at, id
FROM clients
WHERE account_id = $1 AND (created_at, id) > ($2, $3)
ORDER BY created_at, id
LIMIT $4";
    GLOBAL_REDIRECT_URIS: "
SELECT redirect_uris, identifier_folded, created_at, id
FROM clients
WHERE global_at IS NOT NULL AND identifier_folded > $1
ORDER BY identifier_folded
LIMIT $2";
}

/// The origins of the redirect URIs of the account's clients and of global ones.
pub async fn origins(store: &Store, account_id: AccountId) -> Result<WebOrigins, Fault> {
    let mut origins = WebOrigins::default();
    let (mut at, mut id) = (Timestamp::from_millis(i64::MIN), ClientId::new(0));
    loop {
        let values = [account_id.into(), at.into(), id.into(), PAGE.into()];
        let page: Vec<Registered> = Source::from(store).all(&REDIRECT_URIS, &values).await?;
        let Some(last) = add(&mut origins, &page) else { break };
        (at, id) = (last.created_at, last.id);
    }
    let mut identifier = String::new();
    loop {
        let values = [identifier.as_str().into(), PAGE.into()];
        let page: Vec<Registered> = Source::from(store).all(&GLOBAL_REDIRECT_URIS, &values).await?;
        let Some(last) = add(&mut origins, &page) else { break };
        identifier.clone_from(&last.identifier_folded);
    }
    Ok(origins)
}

/// Adds a page; returns its last client if another page may follow.
fn add<'a>(origins: &mut WebOrigins, page: &'a [Registered]) -> Option<&'a Registered> {
    for redirect_uri in page.iter().flat_map(|client| &client.redirect_uris) {
        origins.add(redirect_uri);
    }
    let is_full = i64::try_from(page.len()).is_ok_and(|length| length == PAGE);
    page.last().filter(|_| is_full)
}

/// What is asked of a client here.
struct Registered {
    redirect_uris: Vec<RedirectUri>,
    identifier_folded: String,
    created_at: Timestamp,
    id: ClientId,
}

impl FromRow for Registered {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Self {
            redirect_uris: columns.parsed_list(RedirectUri::from_stored)?,
            identifier_folded: columns.take()?,
            created_at: columns.take()?,
            id: columns.take()?,
        })
    }
}
