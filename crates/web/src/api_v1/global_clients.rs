//! `/api/v1/global_clients`: every client of the platform, and whether the account wants none of one.

use domain::{ClientId, GlobalClient};
use protocol::clients::{self, ClientRefused};
use store::global_clients::{CountedTokens, GlobalClients};
use store::{Failure, Fault};
use wire::admin::{AccountGlobalClientBody, AccountGlobalClientList, AccountGlobalClientObject};
use wire::zendesk::ApiError;

use crate::api::{
    AdminCaller, Answer, Call, Caller, GlobalClientListing, OauthRead, OauthWrite, Pages,
    PagingQuery, Reply,
};

/// Lists every global client, with what the account has to do with it.
#[utoipa::path(get, path = "/api/v1/global_clients", tag = "Global clients", params(PagingQuery),
    responses((status = 200, description = "A page of global clients", body = AccountGlobalClientList)))]
pub(crate) async fn list(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    let list = GlobalClientListing { caller, wanted: every(caller), filters: Vec::new() };
    let pages = Pages { caller, path: "/api/v1/global_clients.json", list };
    let (clients, paging) = pages.show(&call.into_query()).await?;
    let base_url = &caller.origin.base_url;
    let object = |client| AccountGlobalClientObject::new(client, base_url);
    let global_clients = clients.iter().map(object).collect();
    Ok(Reply::shown(&AccountGlobalClientList { global_clients, paging }))
}

/// Shows one of them.
#[utoipa::path(get, path = "/api/v1/global_clients/{id}", tag = "Global clients",
    responses((status = 200, description = "The client", body = AccountGlobalClientBody)))]
pub(crate) async fn show(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    told(caller, found(caller, call.id().map_err(Failure::Refused)?).await?)
}

/// Blocks one at the account.
#[utoipa::path(put, path = "/api/v1/global_clients/{id}/block", tag = "Global clients",
    responses((status = 200, description = "The client", body = AccountGlobalClientBody)))]
pub(crate) async fn block(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let id = call.id().map_err(Failure::Refused)?;
    require(found(&caller, id).await?)?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(move |ctx, account, actor| async move {
            clients::block(&ctx, &account, actor, id).await
        })
        .await
        .map_err(refused)?;
    told(&caller, found(&caller, id).await?)
}

/// Ends a block.
#[utoipa::path(delete, path = "/api/v1/global_clients/{id}/block", tag = "Global clients",
    responses((status = 204, description = "It is not blocked any more")))]
pub(crate) async fn unblock(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let id = call.id().map_err(Failure::Refused)?;
    require(found(&caller, id).await?)?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(move |ctx, account, actor| async move {
            clients::unblock(&ctx, &account, actor, id).await
        })
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

fn every(caller: &Caller) -> GlobalClients {
    let tokens = CountedTokens::Live(caller.site.ctx().now());
    GlobalClients { account_id: caller.origin.account.id, every: true, only: None, tokens }
}

async fn found(caller: &Caller, id: ClientId) -> Result<Option<GlobalClient>, Fault> {
    let wanted = GlobalClients { only: Some(id), ..every(caller) };
    Ok(store::global_clients::list(caller.store(), wanted, 0, 1).await?.pop())
}

fn require(client: Option<GlobalClient>) -> Result<GlobalClient, Failure<ApiError>> {
    client.ok_or(Failure::Refused(ApiError::RecordNotFound))
}

fn told(caller: &Caller, client: Option<GlobalClient>) -> Answer {
    let client = require(client)?;
    let global_client = AccountGlobalClientObject::new(&client, &caller.origin.base_url);
    Ok(Reply::shown(&AccountGlobalClientBody { global_client }))
}

fn refused(failure: Failure<ClientRefused>) -> Failure<ApiError> {
    failure.map_refused(|_| ApiError::RecordNotFound)
}
