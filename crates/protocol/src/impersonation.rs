//! Calls of the administration API that an admin's token runs as an end user (zendesk-wire §1.4).

use std::sync::Arc;

use domain::{Account, EmailAddress, Role, User};
use store::{Decision, Failure};

use crate::api_caller::ApiCaller;
use crate::context::Context;

/// The scope that allows it; no other one covers it.
pub const IMPERSONATE: &str = "impersonate";

/// Why a call is not run as somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImpersonationRefused {
    /// The caller has no access token with the scope.
    ScopeMissing,
    /// The caller is no admin, or there is no such end user.
    NotAllowed,
}

/// The same caller, acting as the end user with this e-mail address: never with more rights.
pub async fn impersonate(
    ctx: &Context,
    account: &Account,
    caller: &ApiCaller,
    email: &str,
) -> Decision<ApiCaller, ImpersonationRefused> {
    // An API token has no scopes, so it has not this one either.
    if caller.scopes.is_none() || !caller.may(&[IMPERSONATE]) {
        return Err(Failure::Refused(ImpersonationRefused::ScopeMissing));
    }
    let not_allowed = Failure::Refused(ImpersonationRefused::NotAllowed);
    let (Role::Admin, Ok(email)) = (caller.user.role, EmailAddress::parse(email)) else {
        return Err(not_allowed);
    };
    let user = store::users::by_email(&ctx.store, account.id, &email.folded()).await?;
    let is_end_user = |user: &User| user.role == Role::EndUser && user.operator_at.is_none();
    let user = user.filter(|user| user.is_active() && is_end_user(user));
    let user = Arc::new(user.ok_or(not_allowed)?);
    // The token is the admin's: the end user has no part in it.
    Ok(ApiCaller { user, called_by: Some(caller.user.id), token: None, ..caller.clone() })
}
