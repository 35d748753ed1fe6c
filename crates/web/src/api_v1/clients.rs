//! `/api/v1/clients`: what a client has beyond Zendesk's object.

use domain::{Client, ClientId, UserId};
use protocol::clients::{self, ClientRefused, ExtrasDraft};
use store::{Decision, Failure};
use wire::admin::{
    ClientDetails, ClientDetailsBody, ClientDetailsList, ClientExtras, ClientExtrasBody,
};
use wire::zendesk::ApiError;

use crate::api::{
    AccountClients, AdminCaller, Answer, Call, Caller, OauthRead, OauthWrite, Pages, PagingQuery,
    Recently, Reply,
};

/// Lists the account's clients.
#[utoipa::path(get, path = "/api/v1/clients", tag = "Clients", params(PagingQuery),
    responses((status = 200, description = "A page of clients", body = ClientDetailsList)))]
pub(crate) async fn list(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    let list = AccountClients { caller, owner: None };
    let pages = Pages { caller, path: "/api/v1/clients.json", list };
    let (clients, paging) = pages.show(&call.into_query()).await?;
    let base_url = &caller.origin.base_url;
    let clients = clients.iter().map(|client| ClientDetails::new(client, base_url)).collect();
    Ok(Reply::shown(&ClientDetailsList { clients, paging }))
}

/// Shows a client.
#[utoipa::path(get, path = "/api/v1/clients/{id}", tag = "Clients",
    responses((status = 200, description = "The client", body = ClientDetailsBody)))]
pub(crate) async fn show(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let client = readable(&caller, call.id()).await?;
    Ok(told(&client, &caller))
}

/// Changes what the body says; the rest of the client stays.
#[utoipa::path(put, path = "/api/v1/clients/{id}", tag = "Clients", request_body = ClientExtrasBody,
    responses((status = 200, description = "The client", body = ClientDetailsBody)))]
pub(crate) async fn update(admin: Recently<AdminCaller<OauthWrite>>, call: Call) -> Answer {
    let caller = admin.into_guard().into_caller();
    let id = changeable(&caller, call.id()).await?.id;
    let body = call.body().await.map_err(Failure::Refused)?;
    let extras = ClientExtras::parse(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    let updated = caller
        .change(move |ctx, account, actor| async move {
            let now = ctx.now();
            let edit = |wanted: &mut ExtrasDraft| put(extras.clone(), wanted, now);
            clients::update_extras(&ctx, &account, actor, id, edit).await
        })
        .await
        .map_err(refused)?;
    Ok(told(&updated, &caller))
}

fn put(extras: ClientExtras, wanted: &mut ExtrasDraft, now: domain::Timestamp) {
    if let Some(owner) = extras.user_id.clone().value() {
        wanted.owner = UserId::new(owner);
    }
    wanted.state = extras.state.clone().value();
    extras.apply_to(&mut wanted.draft, now);
}

/// The client of a path, to be changed.
pub(super) async fn changeable(
    caller: &Caller,
    id: Result<ClientId, ApiError>,
) -> Decision<Client, ApiError> {
    let id = id.map_err(Failure::Refused)?;
    clients::show(caller.site.ctx(), &caller.origin.account, id).await.map_err(refused)
}

/// The client of a path, to be looked at. Global ones are not among the account's.
pub(super) async fn readable(
    caller: &Caller,
    id: Result<ClientId, ApiError>,
) -> Decision<Client, ApiError> {
    let shown = changeable(caller, id).await;
    shown.map_err(|failure| failure.map_refused(|_| ApiError::RecordNotFound))
}

fn told(client: &Client, caller: &Caller) -> Reply {
    let client = ClientDetails::new(client, &caller.origin.base_url);
    Reply::shown(&ClientDetailsBody { client })
}

fn refused(failure: Failure<ClientRefused>) -> Failure<ApiError> {
    failure.map_refused(|refused| match refused {
        ClientRefused::Invalid(faults) => faults.into(),
        ClientRefused::Unknown => ApiError::RecordNotFound,
        ClientRefused::Global => ApiError::RoleForbidden,
        // The caller himself, who was deleted since his credentials were looked at.
        ClientRefused::OwnerUnknown => ApiError::NotAuthenticated,
    })
}
