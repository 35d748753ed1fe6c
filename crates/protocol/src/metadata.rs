//! Server metadata (OpenID Connect Discovery, RFC 8414): one source for every well-known document.

use domain::{Account, RegistrationPolicy};
use store::Fault;
use wire::ServerMetadata;

use crate::authentication_context::ACR_VALUES_SUPPORTED;
use crate::context::Context;

/// The metadata of an account; what is off there is not in it.
pub(crate) async fn server_metadata(
    ctx: &Context,
    account: &Account,
) -> Result<ServerMetadata, Fault> {
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let scopes = catalogue.defaults().iter().map(|name| name.as_str().to_owned()).collect();
    let metadata = ServerMetadata::new(account.issuer(), scopes);
    Ok(offered(account, metadata.with_acr_values(&ACR_VALUES_SUPPORTED)))
}

/// What an account may switch on or off.
fn offered(account: &Account, metadata: ServerMetadata) -> ServerMetadata {
    match account.registration {
        RegistrationPolicy::Open | RegistrationPolicy::Token => metadata.with_registration(),
        RegistrationPolicy::Off => metadata,
    }
}
