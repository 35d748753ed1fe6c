//! Requests that wait for a person, stored under a handle that stands in the pages' URLs.

use domain::{
    Account, AuthorizationRequest, Handle, HandleKind, Lifetime, Secret, Timestamp, UserId,
};
use store::{Decision, Failure, Fault, settle};

use super::{Arrived, Next, PageRefused, proof};
use crate::context::Context;
use crate::expiry::Expiring;
use crate::sessions::SignedIn;

/// A stored request, found again by its handle.
pub type Pending = AuthorizationRequest;

/// The stored request of this handle, if it still waits.
pub async fn pending(
    ctx: &Context,
    account: &Account,
    handle: &str,
) -> Result<Option<Pending>, Fault> {
    if Handle::kind(handle) != Some(HandleKind::AuthorizationRequest) {
        return Ok(None);
    }
    let hash = ctx.keyring.hash(HandleKind::AuthorizationRequest, handle);
    let stored = store::authorization_requests::show(&ctx.store, account.id, &hash).await?;
    Ok(stored.filter(|request| request.expires_at > ctx.now() && request.decided_at.is_none()))
}

/// Stores a request that came by POST, to be answered by a same-site GET: a cross-site POST brings no
/// `SameSite=Lax` cookie. A request that nobody could answer anyway leaves no row.
pub async fn remember_posted(
    ctx: &Context,
    account: &Account,
    parameters: &str,
) -> Decision<Secret, PageRefused> {
    proof::prove(ctx, account, parameters).await?;
    let waiting = Waiting { parameters, at: ctx.now(), user_id: None };
    Ok(remember(ctx, account, &waiting, ctx.policy.posted_request_lifetime).await?)
}

/// Stores the request until its user has signed in.
pub(super) async fn sign_in(
    ctx: &Context,
    account: &Account,
    arrived: &Arrived,
) -> Decision<Next, PageRefused> {
    let waiting = Waiting { parameters: &arrived.parameters, at: arrived.at, user_id: None };
    let lifetime = ctx.policy.authorization_request_lifetime;
    Ok(Next::SignIn(remember(ctx, account, &waiting, lifetime).await?))
}

/// Stores the request for the user who is asked for consent; only he may decide it.
pub(super) async fn bind(
    ctx: &Context,
    account: &Account,
    arrived: &Arrived,
    signed_in: &SignedIn,
) -> Result<Secret, Fault> {
    let user_id = Some(signed_in.user.id);
    let waiting = Waiting { parameters: &arrived.parameters, at: arrived.at, user_id };
    remember(ctx, account, &waiting, ctx.policy.authorization_request_lifetime).await
}

struct Waiting<'a> {
    parameters: &'a str,
    at: Timestamp,
    user_id: Option<UserId>,
}

async fn remember(
    ctx: &Context,
    account: &Account,
    waiting: &Waiting<'_>,
    lifetime: Lifetime,
) -> Result<Secret, Fault> {
    let handle = ctx.entropy.handle(&ctx.policy.handle_prefix, HandleKind::AuthorizationRequest);
    let hash = ctx.keyring.hash(HandleKind::AuthorizationRequest, handle.expose());
    let mut tx = ctx.store.begin().await?;
    let decision = async {
        let request = AuthorizationRequest {
            id: tx.id()?,
            hash,
            account_id: account.id,
            parameters: waiting.parameters.to_owned(),
            user_id: waiting.user_id,
            created_at: waiting.at,
            expires_at: ctx.now() + lifetime,
            decided_at: None,
        };
        store::authorization_requests::create(&mut tx, &request).await
    }
    .await;
    let settled: Decision<(), std::convert::Infallible> =
        settle(tx, decision.map_err(Into::into)).await;
    settled.map_err(Failure::into_fault)?;
    ctx.expiry.beside(ctx, Expiring::AuthorizationRequests);
    Ok(handle)
}
