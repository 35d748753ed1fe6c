//! `/api/v2/users` (zendesk-wire §9): who calls, and who somebody is.

use domain::{User, UserId};
use store::Failure;
use wire::zendesk::{AnonymousUser, ApiError, CurrentUser, UserBody, UserObject};

use crate::api::{Answer, Call, Caller, KnownCaller, Reply, UsersRead};

/// Shows the caller; a caller without credentials, or with a password, is nobody in particular.
#[utoipa::path(get, path = "/api/v2/users/me", tag = "Users",
    responses((status = 200, description = "The caller", body = UserBody)))]
pub(crate) async fn me(caller: Option<KnownCaller<UsersRead>>, _: Call) -> Answer {
    match caller.map(KnownCaller::into_caller) {
        Some(caller) => show_user(&caller, caller.user().id).await,
        None => Ok(told(CurrentUser::Anonymous(AnonymousUser::default()))),
    }
}

/// Shows a user: everybody himself, an admin anybody of the account.
#[utoipa::path(get, path = "/api/v2/users/{id}", tag = "Users",
    responses((status = 200, description = "The user", body = UserBody)))]
pub(crate) async fn show(caller: KnownCaller<UsersRead>, call: Call) -> Answer {
    let caller = caller.into_caller();
    let id = call.id::<User>();
    if !caller.is_admin() && id.as_ref().ok() != Some(&caller.user().id) {
        return Err(Failure::Refused(ApiError::RoleForbidden));
    }
    show_user(&caller, id.map_err(Failure::Refused)?).await
}

/// Read from the database: the time of the last sign-in is not announced to caches.
async fn show_user(caller: &Caller, id: UserId) -> Answer {
    let Caller { site, origin, .. } = caller;
    let user = store::users::show(&site.ctx().store, origin.account.id, id).await?;
    let user = user.ok_or(Failure::Refused(ApiError::RecordNotFound))?;
    let user = UserObject::new(&user, &origin.base_url);
    Ok(told(CurrentUser::Known(Box::new(user))))
}

fn told(user: CurrentUser) -> Reply {
    Reply::shown(&UserBody { user })
}
