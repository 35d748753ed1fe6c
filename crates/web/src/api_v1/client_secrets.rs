//! `/api/v1/clients/{id}/secrets`: several secrets per client, so that one can replace another
//! without a moment in which neither works.

use domain::SecretDraft;
use protocol::clients::{self, SecretRefused};
use store::{Decision, Failure};
use wire::admin::{SecretBody, SecretList, SecretObject, SecretRequest, SecretRequestBody};
use wire::zendesk::{ApiError, OffsetEnvelope, PagingEnvelope};

use super::clients::{changeable, readable};
use crate::api::{AdminCaller, Answer, Call, OauthRead, OauthWrite, Recently, Reply};

/// Lists the client's live secrets: a few, so always as one page.
#[utoipa::path(get, path = "/api/v1/clients/{id}/secrets", tag = "Client secrets",
    responses((status = 200, description = "The live secrets", body = SecretList)))]
pub(crate) async fn list(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let client = readable(&caller, call.id()).await?;
    let recorded = clients::list_secrets(caller.site.ctx(), &client).await?;
    let base_url = &caller.origin.base_url;
    let secrets: Vec<_> = recorded.iter().map(|it| SecretObject::new(it, base_url)).collect();
    let count = secrets.len() as u64;
    let paging = OffsetEnvelope { next_page: None, previous_page: None, count };
    Ok(Reply::shown(&SecretList { secrets, paging: PagingEnvelope::Offset(paging) }))
}

/// Shows what is kept of a secret.
#[utoipa::path(get, path = "/api/v1/clients/{id}/secrets/{secret_id}", tag = "Client secrets",
    responses((status = 200, description = "What is kept of the secret", body = SecretBody)))]
pub(crate) async fn show(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let client = readable(&caller, call.id()).await?;
    let id = call.second_id().map_err(Failure::Refused)?;
    let recorded = clients::show_secret(caller.site.ctx(), &client, id).await.map_err(refused)?;
    let secret = SecretObject::new(&recorded, &caller.origin.base_url);
    Ok(Reply::shown(&SecretBody { secret }))
}

/// Makes a secret beside the others, which is told once.
#[utoipa::path(post, path = "/api/v1/clients/{id}/secrets", tag = "Client secrets", request_body = SecretRequestBody,
    responses((status = 201, description = "The secret, whole", body = SecretBody)))]
pub(crate) async fn create(admin: Recently<AdminCaller<OauthWrite>>, call: Call) -> Answer {
    let caller = admin.into_guard().into_caller();
    let client = changeable(&caller, call.id()).await?;
    let mut draft = SecretDraft::default();
    request(call).await?.apply_to(&mut draft);
    let added = caller
        .change(move |ctx, _, actor| async move {
            clients::add_secret(&ctx, actor, &client, &draft).await
        })
        .await
        .map_err(refused)?;
    let secret = SecretObject::told(&added.recorded, added.secret, &caller.origin.base_url);
    let body = SecretBody { secret };
    Ok(Reply::created(&body, &body.secret.url))
}

/// Changes label and end of a secret.
#[utoipa::path(put, path = "/api/v1/clients/{id}/secrets/{secret_id}", tag = "Client secrets", request_body = SecretRequestBody,
    responses((status = 200, description = "What is kept of the secret", body = SecretBody)))]
pub(crate) async fn update(admin: Recently<AdminCaller<OauthWrite>>, call: Call) -> Answer {
    let caller = admin.into_guard().into_caller();
    let client = changeable(&caller, call.id()).await?;
    let id = call.second_id().map_err(Failure::Refused)?;
    clients::show_secret(caller.site.ctx(), &client, id).await.map_err(refused)?;
    let request = request(call).await?;
    let updated = caller
        .change(move |ctx, _, actor| async move {
            let edit = |draft: &mut SecretDraft| request.clone().apply_to(draft);
            clients::update_secret(&ctx, actor, &client, id, edit).await
        })
        .await
        .map_err(refused)?;
    let secret = SecretObject::new(&updated, &caller.origin.base_url);
    Ok(Reply::shown(&SecretBody { secret }))
}

/// Ends a secret at once, on every node.
#[utoipa::path(delete, path = "/api/v1/clients/{id}/secrets/{secret_id}", tag = "Client secrets",
    responses((status = 204, description = "It has ended")))]
pub(crate) async fn delete(admin: Recently<AdminCaller<OauthWrite>>, call: Call) -> Answer {
    let caller = admin.into_guard().into_caller();
    let client = changeable(&caller, call.id()).await?;
    let id = call.second_id().map_err(Failure::Refused)?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(
            move |ctx, _, actor| async move { clients::end_secret(&ctx, actor, &client, id).await },
        )
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

async fn request(call: Call) -> Decision<SecretRequest, ApiError> {
    let body = call.body().await.map_err(Failure::Refused)?;
    SecretRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))
}

fn refused(failure: Failure<SecretRefused>) -> Failure<ApiError> {
    failure.map_refused(|refused| match refused {
        SecretRefused::Invalid(faults) => faults.into(),
        SecretRefused::Unknown => ApiError::RecordNotFound,
    })
}
