//! Requests that wait for a person, stored under a handle that stands in the pages' URLs.

use domain::{
    Account, AccountId, AuthorizationRequest, Handle, HandleKind, Id, Lifetime, Secret, Timestamp,
    UserId,
};
use store::{Decision, Failure, Fault, Transaction, settle};

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
    let proven = proof::prove(ctx, account, parameters).await?;
    let parameters = &proven.as_stored(parameters.to_owned());
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

/// Puts another request in the place of one that a person has dealt with, once.
pub(super) async fn replace(
    ctx: &Context,
    (request, user_id): (&Pending, UserId),
    parameters: &str,
) -> Decision<Secret, PageRefused> {
    let waiting = Waiting { parameters, at: request.created_at, user_id: None };
    let (handle, next) =
        waiting.request(ctx, request.account_id, ctx.policy.posted_request_lifetime);
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let (account_id, now) = (request.account_id, ctx.now());
            let id = request.id;
            if !store::authorization_requests::decide(&mut tx, account_id, id, user_id, now).await?
            {
                return Err(Failure::Refused(PageRefused::Ended));
            }
            create(&mut tx, &next).await.map_err(Into::into)
        }
        .await;
        settle(tx, decision).await
    })
    .await?;
    Ok(handle)
}

struct Waiting<'a> {
    parameters: &'a str,
    at: Timestamp,
    user_id: Option<UserId>,
}

impl Waiting<'_> {
    /// The request as it is stored, but for its id, and the handle that names it.
    fn request(
        &self,
        ctx: &Context,
        account_id: AccountId,
        lifetime: Lifetime,
    ) -> (Secret, AuthorizationRequest) {
        let kind = HandleKind::AuthorizationRequest;
        let handle = ctx.entropy.handle(&ctx.policy.handle_prefix, kind);
        let request = AuthorizationRequest {
            id: Id::new(0),
            hash: ctx.keyring.hash(kind, handle.expose()),
            account_id,
            parameters: self.parameters.to_owned(),
            user_id: self.user_id,
            created_at: self.at,
            expires_at: ctx.now() + lifetime,
            decided_at: None,
        };
        (handle, request)
    }
}

async fn create(tx: &mut Transaction, request: &AuthorizationRequest) -> Result<(), Fault> {
    let request = AuthorizationRequest { id: tx.id()?, ..request.clone() };
    store::authorization_requests::create(tx, &request).await
}

async fn remember(
    ctx: &Context,
    account: &Account,
    waiting: &Waiting<'_>,
    lifetime: Lifetime,
) -> Result<Secret, Fault> {
    let (handle, request) = waiting.request(ctx, account.id, lifetime);
    let mut tx = ctx.store.begin().await?;
    let created = create(&mut tx, &request).await;
    let settled: Decision<(), std::convert::Infallible> =
        settle(tx, created.map_err(Into::into)).await;
    settled.map_err(Failure::into_fault)?;
    ctx.expiry.beside(ctx, Expiring::AuthorizationRequests);
    Ok(handle)
}
