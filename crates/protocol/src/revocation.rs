//! Token revocation (RFC 7009): any token of a family ends the family.

use domain::{
    Account, AccountId, Actor, ClientId, ClientKind, Handle, HandleKind, Possession, SecretHash,
    Timestamp, Token, TokenFamilyId,
};
use store::{Decision, Failure, Fault, Transaction, settle};
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
    end(ctx, account, Actor::Client(authenticated.client.id), &found.what).await.map(|_| ())
}

/// A client of kind `unknown` may end without its secret only what it got without it.
async fn require_possession(
    ctx: &Context,
    authenticated: &AuthenticatedClient,
    what: &Revocable,
) -> Decision<(), TokenQueryRefused> {
    let is_public = authenticated.client.kind == ClientKind::Public;
    if is_public || authenticated.proof == Proof::Credentials {
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
    client_id: ClientId,
    is_live: bool,
    what: Revocable,
}

/// What is revoked.
pub(crate) enum Revocable {
    Family(TokenFamilyId),
    Token(Box<Token>),
    Jti { hash: SecretHash, client_id: ClientId, ends_at: Timestamp },
}

impl From<Token> for Revocable {
    /// A token of a family ends with it.
    fn from(token: Token) -> Self {
        token.family_id.map_or_else(|| Self::Token(Box::new(token)), Self::Family)
    }
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
        what: live.token.into(),
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
    let (hash, client_id) = (ctx.keyring.jti_hash(&jwt.jti), standing.client_id);
    let alone = Revocable::Jti { hash, client_id, ends_at: jwt.expires_at };
    Ok(Some(Found {
        client_id,
        is_live: standing.is_live,
        what: standing.family_id.map_or(alone, Revocable::Family),
    }))
}

/// Ends it, once, and records who did; false: it was ended before.
pub(crate) async fn end<R>(
    ctx: &Context,
    account: &Account,
    actor: Actor,
    what: &Revocable,
) -> Decision<bool, R> {
    store::retry(|| async {
        let mut tx = ctx.store.begin_revocation().await?;
        let decision = write_end(ctx, &mut tx, account.id, (actor, what)).await;
        settle(tx, decision.map_err(Into::into)).await
    })
    .await
}

async fn write_end(
    ctx: &Context,
    tx: &mut Transaction,
    account_id: AccountId,
    (actor, what): (Actor, &Revocable),
) -> Result<bool, Fault> {
    let now = ctx.now();
    let (is_first, change) = match what {
        Revocable::Family(id) => (
            store::token_families::revoke(tx, *id, now).await?,
            Change::new(actor, "token_family.revoked", "token_family", *id),
        ),
        Revocable::Token(token) => (
            store::tokens::revoke(tx, account_id, token.bucket, &token.hash, now).await?,
            Change::new(actor, "token.revoked", "token", token.id),
        ),
        Revocable::Jti { hash, client_id, ends_at } => (
            store::denied_jtis::create(tx, account_id, hash, *ends_at).await?,
            Change::new(actor, "token.revoked", "client", *client_id),
        ),
    };
    if is_first {
        ctx.audit(tx, account_id, change).await?;
    }
    Ok(is_first)
}
