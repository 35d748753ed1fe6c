//! `/api/v2/oauth/global_clients` (zendesk-wire §8): which clients of the platform the account's users have
//! authorised, and what those hold here.

use domain::{AccountId, ClientId};
use store::Failure;
use store::global_clients::{CountedTokens, GlobalClients};
use wire::zendesk::{
    ApiError, GlobalClientBody, GlobalClientList, GlobalClientObject, SummaryFilters,
    TokenSummaryList,
};

use crate::api::{
    Answer, Call, CredentialManager, GlobalClientListing, OauthRead, Pages, PagingQuery, Reply,
};

/// Lists those that users of the account have authorised.
#[utoipa::path(get, path = "/api/v2/oauth/global_clients", tag = "Global clients", params(PagingQuery),
    responses((status = 200, description = "A page of global clients", body = GlobalClientList)))]
pub(crate) async fn list(manager: CredentialManager<OauthRead>, call: Call) -> Answer {
    let caller = &manager.into_caller();
    let wanted = authorized(caller.origin.account.id);
    let list = GlobalClientListing { caller, wanted, filters: Vec::new() };
    let pages = Pages { caller, path: "/api/v2/oauth/global_clients.json", list };
    let (clients, paging) = pages.show(&call.into_query()).await?;
    let base_url = &caller.origin.base_url;
    let object = |client| GlobalClientObject::new(client, base_url);
    let global_clients = clients.iter().map(object).collect();
    Ok(Reply::shown(&GlobalClientList { global_clients, paging }))
}

/// Shows one of them.
#[utoipa::path(get, path = "/api/v2/oauth/global_clients/{id}", tag = "Global clients",
    responses((status = 200, description = "The client", body = GlobalClientBody)))]
pub(crate) async fn show(manager: CredentialManager<OauthRead>, call: Call) -> Answer {
    let caller = &manager.into_caller();
    let id: ClientId = call.id().map_err(Failure::Refused)?;
    let wanted = GlobalClients { only: Some(id), ..authorized(caller.origin.account.id) };
    let found = store::global_clients::list(caller.store(), wanted, 0, 1).await?;
    let client = found.first().ok_or(Failure::Refused(ApiError::RecordNotFound))?;
    let global_client = GlobalClientObject::new(client, &caller.origin.base_url);
    Ok(Reply::shown(&GlobalClientBody { global_client }))
}

/// What a query may narrow the summary to.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a description of what wire::zendesk::SummaryFilters reads")]
pub(crate) struct SummaryQuery {
    /// The id of one global client.
    global_client_id: Option<i64>,
    /// Whether tokens that have ended count.
    include_expired: Option<bool>,
}

/// Tells how many tokens of the account each of them holds, and when one was last used.
#[utoipa::path(get, path = "/api/v2/oauth/global_clients/token_summary", tag = "Global clients",
    params(PagingQuery, SummaryQuery),
    responses((status = 200, description = "A page of figures", body = TokenSummaryList)))]
pub(crate) async fn token_summary(manager: CredentialManager<OauthRead>, call: Call) -> Answer {
    let caller = &manager.into_caller();
    let query = call.into_query();
    let filters = SummaryFilters::parse(&query).map_err(Failure::Refused)?;
    let tokens = if filters.include_expired {
        CountedTokens::Every
    } else {
        CountedTokens::Live(caller.site.ctx().now())
    };
    let only = filters.global_client_id.map(ClientId::new);
    let wanted = GlobalClients { only, tokens, ..authorized(caller.origin.account.id) };
    let list = GlobalClientListing { caller, wanted, filters: filters.repeated() };
    let path = "/api/v2/oauth/global_clients/token_summary.json";
    let (clients, paging) = Pages { caller, path, list }.show(&query).await?;
    let global_clients = clients.iter().map(Into::into).collect();
    Ok(Reply::shown(&TokenSummaryList { global_clients, paging }))
}

fn authorized(account_id: AccountId) -> GlobalClients {
    GlobalClients { account_id, every: false, only: None, tokens: CountedTokens::None }
}
