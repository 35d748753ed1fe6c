//! `/api/v1/account`: the account itself, for its admins.

use domain::{Account, AccountDraft};
use protocol::accounts;
use store::Failure;
use wire::admin::{AccountBody, AccountObject, AccountRequest, AccountSettingsBody};

use super::accounts::{known, refused};
use crate::api::{
    AccountSettingsRead, AccountSettingsWrite, AdminCaller, Answer, Call, Recently, Reply,
};
use crate::origin::Origin;

/// Shows the account.
#[utoipa::path(get, path = "/api/v1/account", tag = "Accounts",
    responses((status = 200, description = "The account", body = AccountBody)))]
pub(crate) async fn show(admin: AdminCaller<AccountSettingsRead>, _: Call) -> Answer {
    let caller = admin.into_caller();
    let account = known(&caller, Ok(caller.origin.account.id)).await?;
    Ok(told(&account, &caller.origin))
}

/// Changes what its admins decide; the rest of it stays.
#[utoipa::path(put, path = "/api/v1/account", tag = "Accounts", request_body = AccountSettingsBody,
    responses((status = 200, description = "The account", body = AccountBody)))]
pub(crate) async fn update(
    admin: Recently<AdminCaller<AccountSettingsWrite>>,
    call: Call,
) -> Answer {
    let caller = admin.into_guard().into_caller();
    let body = call.body().await.map_err(Failure::Refused)?;
    let request =
        AccountRequest::parse_own(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    let changed = caller
        .change(move |ctx, account, actor| async move {
            let edit = |draft: &mut AccountDraft| request.clone().apply_to(draft);
            accounts::update(&ctx, actor, account.id, edit).await
        })
        .await
        .map_err(refused)?;
    Ok(told(&changed, &caller.origin))
}

fn told(account: &Account, origin: &Origin) -> Reply {
    Reply::shown(&AccountBody { account: AccountObject::own(account, &origin.base_url) })
}
