//! The client credentials grant (RFC 6749 §4.4): the client acts as the user it belongs to.

use domain::Account;
use store::Decision;
use wire::TokenResponse;

use super::issue::{self, TokenGrant};
use super::{Asked, TokenRefused, refuse, scope};
use crate::client_authentication::AuthenticatedClient;
use crate::context::Context;
use crate::resources;

/// Issues an access token without a refresh token (RFC 6749 §4.4.3).
pub(super) async fn grant(
    ctx: &Context,
    account: &Account,
    authenticated: &AuthenticatedClient,
    asked: &Asked,
) -> Decision<TokenResponse, TokenRefused> {
    let client = &authenticated.client;
    // A global client's owner is nobody at any other account.
    if client.account_id != account.id {
        return Err(refuse(TokenRefused::OwnerElsewhere));
    }
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let known = ctx.store.cache().resources(account.id).await?;
    let resources =
        resources::known(&known, &asked.resources).ok_or(refuse(TokenRefused::TargetInvalid))?;
    let grant = TokenGrant {
        client: client.clone(),
        user_id: client.user_id,
        proven_at: ctx.now(),
        scopes: scope::for_client(client, &catalogue, asked.scope.as_deref()).map_err(refuse)?,
        resources,
        lifetimes: asked.lifetimes,
        descent: None,
    };
    let minted = issue::mint(ctx, account, grant).await?;
    let minted = minted.ok_or(refuse(TokenRefused::OwnerInactive))?;
    if let Some(record) = issue::record(ctx, &minted).await? {
        store::tokens::issue(&ctx.store, record).await?;
    }
    Ok(minted.response)
}
