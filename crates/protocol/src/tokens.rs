//! Tokens as the administration API sees them: shown and revoked by whom they act for, and by admins.

use domain::{Account, ClientId, Role, SubjectType, Token, TokenId, User};
use store::{Decision, Failure, Fault};

use crate::api_caller::{ApiCaller, PresentedToken};
use crate::bearer::TokenKey;
use crate::context::Context;
use crate::revocation::{self, Revocable};

/// There is no such token, as far as the caller may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenUnknown;

/// The id of no client.
const NO_CLIENT: ClientId = ClientId::new(0);

/// The client that the filters of a list name; one that no token has if they name none of the
/// account's clients or, as the second, no global one, or both at once.
pub async fn named_client(
    ctx: &Context,
    account: &Account,
    local: Option<ClientId>,
    global: Option<ClientId>,
) -> Result<Option<ClientId>, Fault> {
    let (id, is_global) = match (local, global) {
        (None, None) => return Ok(None),
        (Some(id), None) => (id, false),
        (None, Some(id)) => (id, true),
        (Some(_), Some(_)) => return Ok(Some(NO_CLIENT)),
    };
    // Not from memory, which hides those that the account has blocked: their tokens are still there.
    let client = store::clients::show(&ctx.store, account.id, id).await?;
    let is_it = client.is_some_and(|client| client.global_at.is_some() == is_global);
    Ok(Some(if is_it { id } else { NO_CLIENT }))
}

/// The token with this id: everybody's own, and for admins any of the account. Only admins are shown
/// what has ended.
pub async fn show(
    ctx: &Context,
    account: &Account,
    viewer: &User,
    id: TokenId,
) -> Decision<Token, TokenUnknown> {
    let token = store::tokens::show(&ctx.store, account.id, id).await?;
    let may_see = |token: &Token| {
        viewer.role == Role::Admin || (token.user_id == viewer.id && !token.has_expired(ctx.now()))
    };
    token.filter(may_see).ok_or(Failure::Refused(TokenUnknown))
}

/// Ends a token with its refresh token, once, for whoever may see it.
pub async fn revoke(
    ctx: &Context,
    account: &Account,
    caller: &ApiCaller,
    id: TokenId,
) -> Decision<(), TokenUnknown> {
    let token = show(ctx, account, &caller.user, id).await?;
    end(ctx, account, caller, token.into()).await
}

/// The token that the call was made with, if it has a row.
pub async fn current(
    ctx: &Context,
    account: &Account,
    caller: &ApiCaller,
) -> Decision<Token, TokenUnknown> {
    let Some(PresentedToken { key: TokenKey::Row(bucket, hash), .. }) = caller.token else {
        return Err(Failure::Refused(TokenUnknown));
    };
    let live = store::tokens::by_access(&ctx.store, account.id, bucket, &hash).await?;
    live.map(|live| live.token).ok_or(Failure::Refused(TokenUnknown))
}

/// The same, to be shown. It tells the user's number, so a client that knows its users by pairwise subjects
/// does not learn it by a token that opens nothing else of the API.
pub async fn show_current(
    ctx: &Context,
    account: &Account,
    caller: &ApiCaller,
) -> Decision<Token, TokenUnknown> {
    let token = current(ctx, account, caller).await?;
    let client = ctx.store.cache().client_by_id(account.id, token.client_id).await?;
    let is_pairwise =
        client.is_some_and(|client| client.metadata.subject_type == SubjectType::Pairwise);
    if is_pairwise && !token.scopes.names("read") {
        return Err(Failure::Refused(TokenUnknown));
    }
    Ok(token)
}

/// Ends the token that the call was made with. A JWT that stands alone goes on the deny list.
pub async fn revoke_current(
    ctx: &Context,
    account: &Account,
    caller: &ApiCaller,
) -> Decision<(), TokenUnknown> {
    let what = match caller.token {
        Some(PresentedToken { key: TokenKey::Jti(hash), client_id, expires_at: Some(ends_at) }) => {
            Revocable::Jti { hash, client_id, ends_at }
        }
        _ => current(ctx, account, caller).await?.into(),
    };
    end(ctx, account, caller, what).await
}

async fn end(
    ctx: &Context,
    account: &Account,
    caller: &ApiCaller,
    what: Revocable,
) -> Decision<(), TokenUnknown> {
    let is_first = revocation::end(ctx, account, caller.actor(), &what).await?;
    if is_first { Ok(()) } else { Err(Failure::Refused(TokenUnknown)) }
}
