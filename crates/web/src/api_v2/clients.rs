//! `/api/v2/oauth/clients` (zendesk-wire §3): an admin's apps.

use domain::{Client, ClientDraft, ClientId};
use protocol::clients::{self, ClientRefused, ClientWithSecret, Maker};
use store::Failure;
use wire::zendesk::{
    ApiError, ClientBody, ClientList, ClientObject, ClientRequest, ClientRequestBody,
};

use crate::api::{
    AccountClients, AdminCaller, Answer, Call, Caller, OauthRead, OauthWrite, Pages, PagingQuery,
    Reply,
};
use crate::origin::Origin;

/// Lists the account's clients.
#[utoipa::path(get, path = "/api/v2/oauth/clients", tag = "OAuth clients", params(PagingQuery),
    responses((status = 200, description = "A page of clients", body = ClientList)))]
pub(crate) async fn list(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    let list = AccountClients { caller, owner: None };
    shown(Pages { caller, path: "/api/v2/oauth/clients.json", list }, call).await
}

/// Lists the caller's own clients.
#[utoipa::path(get, path = "/api/v2/users/me/oauth/clients", tag = "OAuth clients", params(PagingQuery),
    responses((status = 200, description = "A page of clients", body = ClientList)))]
pub(crate) async fn list_own(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    let list = AccountClients { caller, owner: Some(caller.user().id) };
    shown(Pages { caller, path: "/api/v2/users/me/oauth/clients.json", list }, call).await
}

async fn shown(pages: Pages<'_, AccountClients<'_>>, call: Call) -> Answer {
    let (clients, paging) = pages.show(&call.into_query()).await?;
    let base_url = &pages.caller.origin.base_url;
    let clients = clients.iter().map(|client| ClientObject::new(client, base_url)).collect();
    Ok(Reply::shown(&ClientList { clients, paging }))
}

/// Shows a client. Global ones are not among the account's, authorised or not.
#[utoipa::path(get, path = "/api/v2/oauth/clients/{id}", tag = "OAuth clients",
    responses((status = 200, description = "The client", body = ClientBody)))]
pub(crate) async fn show(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let Caller { site, origin, .. } = &admin.into_caller();
    let id = call.id().map_err(Failure::Refused)?;
    match clients::show(site.ctx(), &origin.account, id).await {
        Err(Failure::Refused(ClientRefused::Global)) => {
            Err(Failure::Refused(ApiError::RecordNotFound))
        }
        shown => Ok(told(&shown.map_err(refused)?, origin)),
    }
}

/// Makes a client of the caller's, with a secret that is told once.
#[utoipa::path(post, path = "/api/v2/oauth/clients", tag = "OAuth clients", request_body = ClientRequestBody,
    responses((status = 201, description = "The client, with its whole secret", body = ClientBody)))]
pub(crate) async fn create(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let owner = caller.user().id;
    let mut draft = ClientDraft::default();
    request(call).await?.apply_to(&mut draft);
    let made = caller
        .change(move |ctx, account, actor| async move {
            clients::create(&ctx, &account, Maker { actor, owner }, &draft, None).await
        })
        .await
        .map_err(refused)?;
    let body = with_secret(&made, &caller.origin);
    Ok(Reply::created(&body, &body.client.url))
}

/// Changes what the body says; the rest of the client stays.
#[utoipa::path(put, path = "/api/v2/oauth/clients/{id}", tag = "OAuth clients", request_body = ClientRequestBody,
    responses((status = 200, description = "The client", body = ClientBody)))]
pub(crate) async fn update(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let id = existing(&caller, call.id()).await?;
    let request = request(call).await?;
    let updated = caller
        .change(move |ctx, account, actor| async move {
            let edit = |draft: &mut ClientDraft| request.clone().apply_to(draft);
            clients::update(&ctx, &account, actor, id, edit).await
        })
        .await
        .map_err(refused)?;
    Ok(told(&updated, &caller.origin))
}

/// Deletes a client, and all that was issued to it.
#[utoipa::path(delete, path = "/api/v2/oauth/clients/{id}", tag = "OAuth clients",
    responses((status = 204, description = "It is deleted")))]
pub(crate) async fn delete(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let id = existing(&caller, call.id()).await?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(move |ctx, account, actor| async move {
            clients::delete(&ctx, &account, actor, id).await
        })
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

/// Replaces the client's secret. No `Location`: some clients would take it for the reply.
#[utoipa::path(put, path = "/api/v2/oauth/clients/{id}/generate_secret", tag = "OAuth clients",
    responses((status = 200, description = "The client, with its whole new secret", body = ClientBody)))]
pub(crate) async fn generate_secret(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let id = existing(&caller, call.id()).await?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    let renewed = caller
        .change(move |ctx, account, actor| async move {
            clients::generate_secret(&ctx, &account, actor, id).await
        })
        .await
        .map_err(refused)?;
    Ok(Reply::shown(&with_secret(&renewed, &caller.origin)))
}

/// The id of a client that there is: asked before the body is judged.
async fn existing(
    caller: &Caller,
    id: Result<ClientId, ApiError>,
) -> Result<ClientId, Failure<ApiError>> {
    let id = id.map_err(Failure::Refused)?;
    let client = clients::show(caller.site.ctx(), &caller.origin.account, id).await;
    client.map(|client| client.id).map_err(refused)
}

async fn request(call: Call) -> Result<ClientRequest, Failure<ApiError>> {
    let body = call.body().await.map_err(Failure::Refused)?;
    ClientRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))
}

fn told(client: &Client, origin: &Origin) -> Reply {
    Reply::shown(&ClientBody::from(ClientObject::new(client, &origin.base_url)))
}

fn with_secret(made: &ClientWithSecret, origin: &Origin) -> ClientBody {
    ClientObject::with_secret(&made.client, &made.secret, &origin.base_url).into()
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
