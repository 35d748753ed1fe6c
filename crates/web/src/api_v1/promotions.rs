//! `/api/v1/clients/{id}/promotion`: an account asks the operator to let a client of its own work in every
//! account.

use domain::{GlobalClientRequest, RequestState};
use protocol::clients::{self, ClientRefused, promotion};
use store::Failure;
use wire::admin::PromotionBody;
use wire::zendesk::ApiError;

use crate::api::{AdminCaller, Answer, Call, OauthRead, OauthWrite, Recently, Reply};

/// Tells what was asked, and what became of it.
#[utoipa::path(get, path = "/api/v1/clients/{id}/promotion", tag = "Global clients",
    responses((status = 200, description = "What was asked", body = PromotionBody)))]
pub(crate) async fn show(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    let id = call.id().map_err(Failure::Refused)?;
    let standing = promotion::standing(caller.site.ctx(), &caller.origin.account, id).await?;
    let standing = standing.ok_or(Failure::Refused(ApiError::RecordNotFound))?;
    Ok(Reply::shown(&told(&standing)))
}

/// Asks, once however often it is said.
#[utoipa::path(post, path = "/api/v1/clients/{id}/promotion", tag = "Global clients",
    responses(
        (status = 201, description = "It is asked now", body = PromotionBody),
        (status = 200, description = "It was asked before", body = PromotionBody),
    ))]
pub(crate) async fn create(admin: Recently<AdminCaller<OauthWrite>>, call: Call) -> Answer {
    let caller = admin.into_guard().into_caller();
    let (id, asker) = (call.id().map_err(Failure::Refused)?, caller.user().id);
    clients::show(caller.site.ctx(), &caller.origin.account, id).await.map_err(refused)?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    let (request, is_new) = caller
        .change(
            move |ctx, account, _| async move { promotion::ask(&ctx, &account, asker, id).await },
        )
        .await
        .map_err(refused)?;
    let body = told(&request);
    if !is_new {
        return Ok(Reply::shown(&body));
    }
    let base_url = caller.origin.base_url.as_str();
    let url = format!("{base_url}/api/v1/clients/{id}/promotion.json");
    Ok(Reply::created(&body, &url))
}

/// Takes a pending request back.
#[utoipa::path(delete, path = "/api/v1/clients/{id}/promotion", tag = "Global clients",
    responses((status = 204, description = "It is not asked any more")))]
pub(crate) async fn delete(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let id = call.id().map_err(Failure::Refused)?;
    let standing = promotion::standing(caller.site.ctx(), &caller.origin.account, id).await?;
    let is_pending = standing.is_some_and(|request| request.state == RequestState::Pending);
    if !is_pending {
        return Err(Failure::Refused(ApiError::RecordNotFound));
    }
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(move |ctx, account, actor| async move {
            promotion::withdraw(&ctx, &account, actor, id).await
        })
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

fn told(request: &GlobalClientRequest) -> PromotionBody {
    PromotionBody { promotion: request.into() }
}

fn refused(failure: Failure<ClientRefused>) -> Failure<ApiError> {
    failure.map_refused(|refused| match refused {
        ClientRefused::Invalid(faults) => faults.into(),
        ClientRefused::Unknown | ClientRefused::OwnerUnknown => ApiError::RecordNotFound,
        ClientRefused::Global => ApiError::RoleForbidden,
    })
}
