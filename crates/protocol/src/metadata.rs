//! Server metadata (OpenID Connect Discovery, RFC 8414): one source for every well-known document.

use domain::{Account, RegistrationPolicy};
use store::Fault;
use wire::ServerMetadata;

use crate::authentication_context::ACR_VALUES_SUPPORTED;
use crate::context::Context;
use crate::session_management;

/// The metadata of an account; what is off there is not in it.
pub(crate) async fn server_metadata(
    ctx: &Context,
    account: &Account,
) -> Result<ServerMetadata, Fault> {
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let scopes = catalogue.defaults().iter().map(|name| name.as_str().to_owned()).collect();
    let metadata = ServerMetadata::new(account.issuer(), scopes);
    Ok(offered(ctx, account, metadata.with_acr_values(&ACR_VALUES_SUPPORTED)))
}

/// What is there only where it is switched on.
fn offered(ctx: &Context, account: &Account, mut metadata: ServerMetadata) -> ServerMetadata {
    if account.registration != RegistrationPolicy::Off {
        metadata = metadata.with_registration();
    }
    if session_management::is_offered(ctx, account) {
        metadata = metadata.with_session_iframe();
    }
    metadata
}
