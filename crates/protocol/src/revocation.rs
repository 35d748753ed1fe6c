//! Token revocation (RFC 7009): any token of a family ends the family.

use domain::{Account, Actor, ClientKind, Handle, HandleKind, Possession, TokenFamilyId};
use store::{Decision, Failure, Fault, settle};
use wire::RevocationRequest;

use crate::access_token_jwt;
use crate::audit::Change;
use crate::bearer;
use crate::client_authentication::{
    self, AuthenticatedClient, Caller, ClientRefused, Proof, StandIn,
};
use crate::context::Context;
use crate::introspection::TokenQueryRefused;

/// Answers a revocation request. An unknown token is none that works: success (RFC 7009 §2.2).
pub async fn revoke(
    ctx: &Context,
    account: &Account,
    caller: &Caller,
    request: RevocationRequest,
) -> Decision<(), TokenQueryRefused> {
    let authenticated = client_authentication::authenticate(
        ctx,
        account,
        caller,
        request.credentials,
        StandIn::Possession,
    )
    .await
    .map_err(|failure| failure.map_refused(TokenQueryRefused::Client))?;
    let token = request.token.ok_or(Failure::Refused(TokenQueryRefused::TokenMissing))?;
    let Some(found) = find(ctx, account, token.expose()).await? else { return Ok(()) };
    if found.client_id != authenticated.client.id {
        // Somebody else's token is not touched; whether it lives may be told, as it was presented.
        return if found.is_live {
            Err(Failure::Refused(TokenQueryRefused::NotYours))
        } else {
            Ok(())
        };
    }
    require_possession(ctx, &authenticated, &found.what).await?;
    end(ctx, account, &authenticated, found.what).await
}

/// A client of kind `unknown` may end without its secret only what it got without it.
async fn require_possession(
    ctx: &Context,
    authenticated: &AuthenticatedClient,
    what: &Revocable,
) -> Decision<(), TokenQueryRefused> {
    let is_public = authenticated.client.kind == ClientKind::Public;
    if is_public || authenticated.proof == Proof::Secret {
        return Ok(());
    }
    let family = match what {
        Revocable::Family(id) => store::token_families::show(&ctx.store, *id).await?,
        Revocable::Token(_) | Revocable::Jti { .. } => None,
    };
    if family.is_some_and(|family| family.possession == Possession::CodeVerifier) {
        return Ok(());
    }
    Err(Failure::Refused(TokenQueryRefused::Client(ClientRefused::Failed)))
}

struct Found {
    client_id: domain::ClientId,
    is_live: bool,
    what: Revocable,
}

/// What is revoked.
enum Revocable {
    Family(TokenFamilyId),
    Token(Box<domain::Token>),
    Jti { hash: domain::SecretHash, ends_at: domain::Timestamp },
}

async fn find(ctx: &Context, account: &Account, presented: &str) -> Result<Option<Found>, Fault> {
    if access_token_jwt::looks_like_one(presented) {
        return find_jwt(ctx, account, presented).await;
    }
    match Handle::kind(presented) {
        Some(HandleKind::AccessToken) => find_access(ctx, account, presented).await,
        Some(HandleKind::RefreshToken) => find_refresh(ctx, account, presented).await,
        _ => Ok(None),
    }
}

async fn find_access(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Result<Option<Found>, Fault> {
    let now = ctx.now();
    let kind = HandleKind::AccessToken;
    let Some(bucket) = Handle::bucket(presented, kind, now) else { return Ok(None) };
    let hash = ctx.keyring.hash(kind, presented);
    let live = store::tokens::by_access(&ctx.store, account.id, bucket, &hash).await?;
    Ok(live.map(|live| Found {
        client_id: live.token.client_id,
        is_live: bearer::access_is_live(&live, account, now),
        what: match live.token.family_id {
            Some(family_id) => Revocable::Family(family_id),
            None => Revocable::Token(Box::new(live.token)),
        },
    }))
}

async fn find_refresh(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Result<Option<Found>, Fault> {
    let now = ctx.now();
    let kind = HandleKind::RefreshToken;
    let Some(bucket) = Handle::bucket(presented, kind, now) else { return Ok(None) };
    let hash = ctx.keyring.hash(kind, presented);
    let stored = store::tokens::by_refresh(&ctx.store, account.id, bucket, &hash).await?;
    Ok(stored.map(|stored| Found {
        client_id: stored.token.client_id,
        is_live: stored.family.revoked_at.is_none()
            && stored.grant_revoked_at.is_none()
            && stored.token.refresh_expires_at.is_some_and(|expires_at| expires_at > now),
        what: Revocable::Family(stored.family.id),
    }))
}

async fn find_jwt(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Result<Option<Found>, Fault> {
    let Some(jwt) = access_token_jwt::verify(ctx, account, presented).await? else {
        return Ok(None);
    };
    let Some(standing) = bearer::jwt_standing(ctx, account, &jwt).await? else { return Ok(None) };
    let (hash, ends_at) = (ctx.keyring.jti_hash(&jwt.jti), jwt.expires_at);
    Ok(Some(Found {
        client_id: standing.client_id,
        is_live: standing.is_live,
        what: standing.family_id.map_or(Revocable::Jti { hash, ends_at }, Revocable::Family),
    }))
}

async fn end(
    ctx: &Context,
    account: &Account,
    authenticated: &AuthenticatedClient,
    what: Revocable,
) -> Decision<(), TokenQueryRefused> {
    let actor = Actor::Client(authenticated.client.id);
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let now = ctx.now();
            let revoked = match &what {
                Revocable::Family(id) => store::token_families::revoke(&mut tx, *id, now)
                    .await?
                    .then(|| Change::new(actor, "token_family.revoked", "token_family", *id)),
                Revocable::Token(token) => {
                    store::tokens::revoke(&mut tx, account.id, token.bucket, &token.hash, now)
                        .await?
                        .then(|| Change::new(actor, "token.revoked", "token", token.id))
                }
                Revocable::Jti { hash, ends_at } => {
                    let client_id = authenticated.client.id;
                    store::denied_jtis::create(&mut tx, account.id, hash, *ends_at)
                        .await?
                        .then(|| Change::new(actor, "token.revoked", "client", client_id))
                }
            };
            match revoked {
                Some(change) => ctx.audit(&mut tx, account.id, change).await,
                None => Ok(()),
            }
        }
        .await;
        settle(tx, decision.map_err(Into::into)).await
    })
    .await
}
