//! Authorization server metadata (RFC 8414): one source for every well-known document.

use domain::Account;
use store::Fault;
use wire::ServerMetadata;

use crate::context::Context;

/// The metadata of an account; what is not built is not in it.
pub async fn server_metadata(ctx: &Context, account: &Account) -> Result<ServerMetadata, Fault> {
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let scopes = catalogue.defaults().iter().map(|name| name.as_str().to_owned()).collect();
    Ok(ServerMetadata::new(account.issuer(), scopes))
}
