//! Whether an access token is good, for whom and for what (RFC 6750, RFC 7662 §2.2).
//!
//! Handles are read from the database each time: revoked means revoked at once. JWTs that stand
//! alone have no row; their signature speaks, and the deny list.

use std::sync::Arc;

use domain::{
    Account, Client, ClientId, ExpiryBucket, GrantId, Handle, HandleKind, ScopeSet, SecretHash,
    Timestamp, Token, TokenFamily, TokenFamilyId, User, UserId,
};
use store::Fault;
use store::tokens::LiveToken;

use crate::access_token_jwt::{self, Alone, VerifiedJwt};
use crate::context::Context;
use crate::last_uses::Used;

/// A token that may be used now.
#[derive(Clone, Debug)]
pub struct ActiveToken {
    /// What it is known by.
    pub key: TokenKey,
    /// The client it was issued to.
    pub client: Arc<Client>,
    /// The user it acts as.
    pub user: Arc<User>,
    /// Whether it stands for the client itself (client credentials), not for a user who allowed it.
    pub acts_as_client: bool,
    /// What it may be used for.
    pub scopes: ScopeSet,
    /// The resources it is for; empty: the issuer.
    pub resources: Vec<String>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it ends; none: it does not.
    pub expires_at: Option<Timestamp>,
    /// When the user signed in.
    pub auth_time: Option<Timestamp>,
    /// The claims that were asked for one by one and allowed, as they are stored.
    pub claims: Option<String>,
    /// The `jti` of a JWT.
    pub jti: Option<String>,
}

/// What a token is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKey {
    /// Its row.
    Row(ExpiryBucket, SecretHash),
    /// The hash of its `jti`: a JWT that stands alone has no row.
    Jti(SecretHash),
}

/// The token, if it may be used now at this account.
pub async fn verify(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Result<Option<ActiveToken>, Fault> {
    if access_token_jwt::looks_like_one(presented) {
        verify_jwt(ctx, account, presented).await
    } else {
        verify_handle(ctx, account, presented).await
    }
}

async fn verify_handle(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Result<Option<ActiveToken>, Fault> {
    let now = ctx.now();
    let Some(bucket) = Handle::bucket(presented, HandleKind::AccessToken, now) else {
        return Ok(None);
    };
    let hash = ctx.keyring.hash(HandleKind::AccessToken, presented);
    match store::tokens::by_access_together(&ctx.store, account.id, bucket, &hash).await? {
        Some(live) if access_is_live(&live, account, now) => {
            note_use(ctx, &live);
            active(ctx, account, live).await
        }
        _ => Ok(None),
    }
}

/// The first use of a successor ends the grace window of the token before it. Written beside the
/// request, once per rotation, so that a check stays a single read.
fn note_use(ctx: &Context, live: &LiveToken) {
    let generation = live.token.generation;
    let Some(family) = &live.family else { return };
    if generation == 1 || family.used_generation >= generation {
        return;
    }
    let (store, family_id) = (ctx.store.clone(), family.id);
    ctx.flows.spawn(async move {
        let noted: store::Decision<(), std::convert::Infallible> = async {
            let mut tx = store.begin().await?;
            let noted = store::token_families::used(&mut tx, family_id, generation).await;
            store::settle(tx, noted.map_err(Into::into)).await
        }
        .await;
        if let Err(failure) = noted {
            tracing::warn!(fault = %failure.into_fault(), "the use of a token was not noted");
        }
    });
}

/// The state of the row itself, its family and its grant.
pub(crate) fn access_is_live(live: &LiveToken, account: &Account, now: Timestamp) -> bool {
    let token = &live.token;
    token.revoked_at.is_none()
        && token.expires_at.is_none_or(|expires_at| expires_at > now)
        && survives_rotation(token, account, now)
        && live
            .family
            .as_ref()
            .is_none_or(|family| family.revoked_at.is_none() && family.grant_revoked_at.is_none())
        && (token.family_id.is_none() || live.family.is_some())
}

/// An old access token works on for the grace window after its refresh (zendesk wire: W-65).
fn survives_rotation(token: &Token, account: &Account, now: Timestamp) -> bool {
    token.rotated_at.is_none_or(|rotated_at| rotated_at + account.refresh_grace > now)
}

async fn active(
    ctx: &Context,
    account: &Account,
    live: LiveToken,
) -> Result<Option<ActiveToken>, Fault> {
    let token = &live.token;
    let held_by = (token.client_id, token.user_id);
    let holders = holders(ctx, account, held_by, token.created_at).await?;
    let Some((client, user)) = holders else { return Ok(None) };
    ctx.last_uses.note_token(&live, ctx.now());
    let LiveToken { token, family } = live;
    let (auth_time, claims) = family.map(|family| (family.auth_time, family.claims)).unzip();
    Ok(Some(ActiveToken {
        key: TokenKey::Row(token.bucket, token.hash),
        client,
        user,
        acts_as_client: token.acts_as_client(),
        scopes: token.scopes,
        resources: token.resources,
        created_at: token.created_at,
        expires_at: token.expires_at,
        auth_time,
        claims: claims.flatten(),
        jti: None,
    }))
}

/// The client and user of what was issued then, if both still are and may (invariant: every live token
/// has a live client, user and account), and none of them and the account has marked it dead since.
pub(crate) async fn holders(
    ctx: &Context,
    account: &Account,
    (client_id, user_id): (ClientId, UserId),
    issued_at: Timestamp,
) -> Result<Option<(Arc<Client>, Arc<User>)>, Fault> {
    let cache = ctx.store.cache();
    let Some(client) = cache.client_by_id(account.id, client_id).await? else { return Ok(None) };
    let Some(user) = cache.user(account.id, user_id).await? else { return Ok(None) };
    let alive = account.honours(issued_at)
        && client.belongs_to(account.id)
        && client.honours(issued_at)
        && client.state.works_for(user.id, client.user_id)
        && user.honours(issued_at);
    Ok(alive.then_some((client, user)))
}

async fn verify_jwt(
    ctx: &Context,
    account: &Account,
    presented: &str,
) -> Result<Option<ActiveToken>, Fault> {
    let Some(jwt) = access_token_jwt::verify(ctx, account, presented).await? else {
        return Ok(None);
    };
    let Some(standing) = jwt_standing(ctx, account, &jwt).await? else { return Ok(None) };
    if !standing.is_live {
        return Ok(None);
    }
    if let Some(live) = &standing.row {
        note_use(ctx, live);
    }
    let Some(client) = ctx.store.cache().client_by_id(account.id, standing.client_id).await? else {
        return Ok(None);
    };
    let user_id = standing.user_id.unwrap_or(client.user_id);
    // A row knows the moment to the millisecond; the second of `iat` began before it.
    let issued_at = standing.row.as_ref().map_or(jwt.issued_at, |live| live.token.created_at);
    let holders = holders(ctx, account, (client.id, user_id), issued_at).await?;
    let Some((client, user)) = holders else { return Ok(None) };
    standing.note_last_use(ctx);
    Ok(Some(active_jwt(ctx, jwt, standing, (client, user))))
}

fn active_jwt(
    ctx: &Context,
    jwt: VerifiedJwt,
    standing: JwtStanding,
    (client, user): (Arc<Client>, Arc<User>),
) -> ActiveToken {
    ActiveToken {
        key: standing.key(ctx, &jwt),
        client,
        user,
        acts_as_client: standing.user_id.is_none(),
        scopes: jwt.scopes,
        resources: jwt.audience,
        created_at: jwt.issued_at,
        expires_at: Some(jwt.expires_at),
        auth_time: jwt.auth_time,
        claims: standing.claims,
        jti: Some(jwt.jti),
    }
}

/// What is known of a verified JWT besides what it says itself.
pub(crate) struct JwtStanding {
    pub(crate) client_id: ClientId,
    pub(crate) family_id: Option<TokenFamilyId>,
    pub(crate) is_live: bool,
    /// None where the client acts for itself. It is not read from the `sub`, which only the client can
    /// tell whose it is.
    user_id: Option<UserId>,
    /// The claims that were asked for one by one and allowed, as they are stored.
    claims: Option<String>,
    /// The grant of one that stands alone.
    grant_id: Option<GrantId>,
    row: Option<LiveToken>,
}

impl JwtStanding {
    fn key(&self, ctx: &Context, jwt: &VerifiedJwt) -> TokenKey {
        match &self.row {
            Some(live) => TokenKey::Row(live.token.bucket, live.token.hash),
            None => TokenKey::Jti(ctx.keyring.jti_hash(&jwt.jti)),
        }
    }

    fn note_last_use(&self, ctx: &Context) {
        match (&self.row, self.grant_id) {
            (Some(live), _) => ctx.last_uses.note_token(live, ctx.now()),
            (None, Some(grant_id)) => ctx.last_uses.note(Used::Grant(grant_id), ctx.now()),
            (None, None) => {}
        }
    }
}

/// A JWT that came with a refresh token has a row and dies with it, its family or grant; one that
/// stands alone dies with its family, or by the deny list.
pub(crate) async fn jwt_standing(
    ctx: &Context,
    account: &Account,
    jwt: &VerifiedJwt,
) -> Result<Option<JwtStanding>, Fault> {
    let hash = ctx.keyring.jti_hash(&jwt.jti);
    let Some(bucket) = Handle::bucket(&jwt.jti, HandleKind::AccessToken, ctx.now()) else {
        return alone_standing(ctx, account, jwt, &hash).await;
    };
    let row = store::tokens::by_access(&ctx.store, account.id, bucket, &hash).await?;
    Ok(row.map(|row| JwtStanding {
        client_id: row.token.client_id,
        family_id: row.token.family_id,
        user_id: (!row.token.acts_as_client()).then_some(row.token.user_id),
        claims: row.family.as_ref().and_then(|family| family.claims.clone()),
        // A refresh does not end an old JWT before its expiry, so rotation is not looked at.
        is_live: row.token.revoked_at.is_none()
            && row.family.as_ref().is_some_and(|family| {
                family.revoked_at.is_none() && family.grant_revoked_at.is_none()
            }),
        grant_id: None,
        row: Some(row),
    }))
}

async fn alone_standing(
    ctx: &Context,
    account: &Account,
    jwt: &VerifiedJwt,
    hash: &SecretHash,
) -> Result<Option<JwtStanding>, Fault> {
    let Some(alone) = jwt.alone() else { return Ok(None) };
    let is_denied = store::denied_jtis::exists(&ctx.store, account.id, hash).await?;
    let Alone { client_id, family_id } = alone;
    let family = match family_id {
        Some(id) if !is_denied => live_family(ctx, id).await?,
        _ => None,
    };
    Ok(Some(JwtStanding {
        client_id,
        family_id,
        is_live: !is_denied && family.is_some() == family_id.is_some(),
        user_id: family.as_ref().map(|family| family.user_id),
        grant_id: family.as_ref().map(|family| family.grant_id),
        claims: family.and_then(|family| family.claims),
        row: None,
    }))
}

/// A family that lives, and whose grant does.
async fn live_family(ctx: &Context, id: TokenFamilyId) -> Result<Option<TokenFamily>, Fault> {
    let family = store::token_families::show(&ctx.store, id).await?;
    let Some(family) = family.filter(|family| family.revoked_at.is_none()) else {
        return Ok(None);
    };
    let grant = store::grants::live(&ctx.store, family.grant_id).await?;
    Ok(grant.map(|_| family))
}
