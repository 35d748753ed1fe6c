//! `/api/v1/clients/{id}/logo`: the picture that pages show beside a client's name.

use domain::{Client, ClientId, FaultCode, RecordFault};
use protocol::clients::{self, ClientRefused, LogoRefused};
use protocol::pictures::{PictureFormat, PictureRefused, PresentedPicture};
use store::Failure;
use wire::zendesk::{ApiError, ClientBody, ClientObject};

use crate::api::{AdminCaller, Answer, Call, Caller, OauthWrite, Reply};

/// Takes a picture, and shows the client with its new logo.
#[utoipa::path(put, path = "/api/v1/clients/{id}/logo", tag = "Clients",
    request_body(content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"))),
    responses((status = 200, description = "The client, with its new logo", body = ClientBody)))]
pub(crate) async fn update(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let id = existing(&caller, call.id()).await?;
    let presented = picture(&caller, call).await.map_err(Failure::Refused)?;
    let changed = caller
        .change(move |ctx, account, actor| async move {
            clients::set_logo(&ctx, &account, actor, id, presented).await
        })
        .await;
    Ok(told(&changed.map_err(|failure| failure.map_refused(refused))?, &caller))
}

/// Takes the logo away; nothing happens where there is none.
#[utoipa::path(delete, path = "/api/v1/clients/{id}/logo", tag = "Clients",
    responses((status = 204, description = "It has no logo any more")))]
pub(crate) async fn delete(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let id = existing(&caller, call.id()).await?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(move |ctx, account, actor| async move {
            clients::remove_logo(&ctx, &account, actor, id).await
        })
        .await
        .map_err(|failure| failure.map_refused(client_refused))?;
    Ok(Reply::Deleted)
}

/// The id of a client that there is: asked before the body is read.
async fn existing(
    caller: &Caller,
    id: Result<ClientId, ApiError>,
) -> Result<ClientId, Failure<ApiError>> {
    let id = id.map_err(Failure::Refused)?;
    let client = clients::show(caller.site.ctx(), &caller.origin.account, id).await;
    let client = client.map_err(|failure| failure.map_refused(client_refused))?;
    Ok(client.id)
}

async fn picture(caller: &Caller, call: Call) -> Result<PresentedPicture, ApiError> {
    let format = PictureFormat::of(call.content_type()).ok_or(ApiError::PictureExpected)?;
    let bytes = call.binary_body(caller.site.ctx().policy.logos.body_limit).await?;
    Ok(PresentedPicture { format, bytes: bytes.into() })
}

fn told(client: &Client, caller: &Caller) -> Reply {
    Reply::shown(&ClientBody::from(ClientObject::new(client, &caller.origin.base_url)))
}

fn refused(refused: LogoRefused) -> ApiError {
    match refused {
        LogoRefused::Client(refused) => client_refused(refused),
        LogoRefused::Picture(PictureRefused::Busy) => ApiError::ServiceUnavailable,
        LogoRefused::Picture(refused) => {
            vec![RecordFault::new("logo", FaultCode::InvalidValue, &refused.to_string())].into()
        }
    }
}

fn client_refused(refused: ClientRefused) -> ApiError {
    match refused {
        ClientRefused::Invalid(faults) => faults.into(),
        ClientRefused::Unknown => ApiError::RecordNotFound,
        ClientRefused::Global => ApiError::RoleForbidden,
        ClientRefused::OwnerUnknown => ApiError::NotAuthenticated,
    }
}
