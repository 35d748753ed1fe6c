//! The refresh token grant (RFC 6749 §6, RFC 9700 §4.14.2): rotation with a short idempotent grace,
//! and an end to the family when an old token comes back after it.

use std::convert::Infallible;

use domain::{
    Account, Actor, Handle, HandleKind, Possession, Secret, Timestamp, Token, TokenFamily,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::tokens::RefreshableToken;
use store::{Decision, Fault, Transaction, settle};
use wire::{TokenResponse, TokenType};

use super::issue::{self, Descent, Minted, TokenGrant};
use super::scope::{self, Authorized};
use super::{Asked, TokenRefused, refuse};
use crate::audit::Change;
use crate::client_authentication::{AuthenticatedClient, ClientRefused, Proof};
use crate::context::Context;
use crate::keyring::{open_as_holder, seal_for_holder};
use crate::last_uses::Used;
use crate::{bearer, resources};

/// Rotates a refresh token. A failed request uses nothing up.
pub(super) async fn rotate(
    ctx: &Context,
    account: &Account,
    authenticated: &AuthenticatedClient,
    presented: Secret,
    asked: &Asked,
) -> Decision<TokenResponse, TokenRefused> {
    let Some(stored) = look_up(ctx, account, &presented).await? else {
        return Err(refuse(TokenRefused::RefreshTokenInvalid));
    };
    require_alive(ctx, authenticated, &stored)?;
    let request = Rotation { ctx, account, presented: &presented };
    if stored.token.rotated_at.is_some() {
        require_holders(ctx, account, &stored).await?;
        return request.again(&stored).await;
    }
    let minted = mint(ctx, account, authenticated, &stored, asked).await?;
    ctx.last_uses.note(Used::Grant(stored.family.grant_id), ctx.now());
    if request.rotate_once(&stored, &minted).await? {
        end_family_in_time(ctx, &stored, &minted);
        return Ok(minted.response);
    }
    request.was_too_late(&stored).await
}

async fn look_up(
    ctx: &Context,
    account: &Account,
    presented: &Secret,
) -> Result<Option<RefreshableToken>, Fault> {
    let kind = HandleKind::RefreshToken;
    let Some(bucket) = Handle::bucket(presented.expose(), kind, ctx.now()) else {
        return Ok(None);
    };
    let hash = ctx.keyring.hash(kind, presented.expose());
    store::tokens::by_refresh_together(&ctx.store, account.id, bucket, &hash).await
}

/// The token is this client's, and its family, grant and time have not ended.
fn require_alive(
    ctx: &Context,
    authenticated: &AuthenticatedClient,
    stored: &RefreshableToken,
) -> Decision<(), TokenRefused> {
    let RefreshableToken { token, family, grant_revoked_at, .. } = stored;
    let invalid = refuse(TokenRefused::RefreshTokenInvalid);
    if !authenticated.owns(token.client_id) {
        return Err(invalid);
    }
    // A client of kind `unknown` may refresh without its secret only what it got without it.
    let needs_secret = family.possession == Possession::ClientSecret
        && authenticated.client.kind != domain::ClientKind::Public;
    if needs_secret && authenticated.proof == Proof::Identified {
        return Err(refuse(TokenRefused::Client(ClientRefused::Failed)));
    }
    let now = ctx.now();
    let ended = |at: &Timestamp| *at <= now;
    let alive = family.revoked_at.is_none()
        && grant_revoked_at.is_none()
        && token.revoked_at.is_none()
        && !ended(&family.expires_at)
        && !token.refresh_expires_at.as_ref().is_none_or(ended);
    if alive { Ok(()) } else { Err(invalid) }
}

/// Whoever holds it still may; where tokens are minted anew, that is asked there.
async fn require_holders(
    ctx: &Context,
    account: &Account,
    stored: &RefreshableToken,
) -> Decision<(), TokenRefused> {
    let held_by = (stored.family.client_id, stored.family.user_id);
    let holders = bearer::holders(ctx, account, held_by, stored.token.created_at).await?;
    holders.map(|_| ()).ok_or(refuse(TokenRefused::RefreshTokenInvalid))
}

async fn mint(
    ctx: &Context,
    account: &Account,
    authenticated: &AuthenticatedClient,
    stored: &RefreshableToken,
    asked: &Asked,
) -> Decision<Minted, TokenRefused> {
    let family = &stored.family;
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let authorized = Authorized { scopes: &family.scopes, requested: &family.requested_scopes };
    let scopes =
        scope::narrowed(&authenticated.client, &catalogue, &authorized, asked.scope.as_deref());
    let resources = resources::narrowed(&family.resources, &asked.resources)
        .ok_or(refuse(TokenRefused::TargetInvalid))?;
    let grant = TokenGrant {
        client: authenticated.client.clone(),
        user_id: family.user_id,
        proven_at: stored.token.created_at,
        scopes: scopes.map_err(refuse)?,
        resources,
        lifetimes: asked.lifetimes,
        descent: Some(Descent {
            family_id: family.id,
            generation: stored.token.generation + 1,
            auth_time: family.auth_time,
            session_id: family.session_id,
            // OpenID Connect Core 1.0 §12.2: it belongs to the first answer alone.
            nonce: None,
            claims: family.claims.clone(),
            ends_at: family.expires_at,
        }),
    };
    let minted = issue::mint(ctx, account, grant).await?;
    minted.ok_or(refuse(TokenRefused::RefreshTokenInvalid))
}

/// One presentation of a refresh token.
struct Rotation<'a> {
    ctx: &'a Context,
    account: &'a Account,
    presented: &'a Secret,
}

impl Rotation<'_> {
    /// The row of the family decides, which revoking it takes too: a revocation can never miss the successor.
    async fn rotate_once(&self, stored: &RefreshableToken, minted: &Minted) -> Result<bool, Fault> {
        let token = &stored.token;
        let rotation = store::tokens::Rotation {
            family_id: stored.family.id,
            generation: token.generation,
            bucket: token.bucket,
            hash: token.hash,
            sealed: self.seal(minted),
            successor: issue::record(self.ctx, minted).await?,
            at: self.ctx.now(),
        };
        store::tokens::rotate(&self.ctx.store, rotation).await
    }

    /// The family has moved on or ended since the look-up.
    async fn was_too_late(
        &self,
        stored: &RefreshableToken,
    ) -> Decision<TokenResponse, TokenRefused> {
        store::retry(|| async {
            let mut tx = self.ctx.store.begin().await?;
            let decision = self.answer_late(&mut tx, &stored.token).await;
            settle(tx, decision).await
        })
        .await
    }

    async fn answer_late(
        &self,
        tx: &mut Transaction,
        token: &Token,
    ) -> Decision<TokenResponse, TokenRefused> {
        let (account_id, hash) = (self.account.id, self.refresh_hash());
        let stored = store::tokens::by_refresh(&mut *tx, account_id, token.bucket, &hash).await?;
        match stored {
            Some(stored) if stored.token.rotated_at.is_some() => {
                self.answer_again(tx, &stored).await
            }
            _ => Err(refuse(TokenRefused::RefreshTokenInvalid)),
        }
    }

    fn refresh_hash(&self) -> domain::SecretHash {
        self.ctx.keyring.hash(HandleKind::RefreshToken, self.presented.expose())
    }

    /// The token was exchanged before: the same answer within the grace window, else an incident.
    async fn again(&self, stored: &RefreshableToken) -> Decision<TokenResponse, TokenRefused> {
        store::retry(|| async {
            let mut tx = self.ctx.store.begin().await?;
            let decision = self.answer_again(&mut tx, stored).await;
            settle(tx, decision).await
        })
        .await
    }

    async fn answer_again(
        &self,
        tx: &mut Transaction,
        stored: &RefreshableToken,
    ) -> Decision<TokenResponse, TokenRefused> {
        if let Some(response) = self.successor(tx, stored).await? {
            return Ok(response);
        }
        self.revoke_family(tx, &stored.token, &stored.family).await?;
        Err(refuse(TokenRefused::RefreshTokenInvalid))
    }

    /// The successor pair, while the window is open, the successor unused and the count not reached.
    async fn successor(
        &self,
        tx: &mut Transaction,
        stored: &RefreshableToken,
    ) -> Result<Option<TokenResponse>, Fault> {
        let RefreshableToken { token, family, .. } = stored;
        let now = self.ctx.now();
        let in_window = token
            .rotated_at
            .is_some_and(|rotated_at| rotated_at + self.account.refresh_grace > now);
        // Order comes from the generation, not from the time (RT-09).
        let successor_unused = family.generation == token.generation + 1;
        if !in_window || !successor_unused {
            return Ok(None);
        }
        let limit = self.ctx.policy.refresh_grace_count;
        let sealed = store::tokens::grace(tx, token.bucket, &token.hash, limit).await?;
        Ok(sealed.and_then(|sealed| self.unseal(&sealed, now)))
    }

    async fn revoke_family(
        &self,
        tx: &mut Transaction,
        token: &Token,
        family: &TokenFamily,
    ) -> Result<(), Fault> {
        if store::token_families::revoke(tx, family.id, self.ctx.now()).await? {
            metrics::counter!("consentry_replays_total", "of" => "refresh_token").increment(1);
            let actor = Actor::Client(token.client_id);
            let change =
                Change::new(actor, "incident.refresh_token_reused", "token_family", family.id)
                    .with(json!({"user_id": family.user_id.get(), "generation": token.generation}));
            self.ctx.audit(tx, self.account.id, change).await?;
        }
        Ok(())
    }

    /// The successor pair, readable by the holder of the presented token alone.
    fn seal(&self, minted: &Minted) -> Vec<u8> {
        let now = self.ctx.now();
        let response = &minted.response;
        let ends_at = |seconds: i64| now.as_millis() + seconds * 1000;
        let pair = SuccessorPair {
            access_token: response.access_token.expose().to_owned(),
            refresh_token: response.refresh_token.as_ref().map(|it| it.expose().to_owned()),
            scope: response.scope.clone(),
            expires_at: response.expires_in.map(ends_at),
            refresh_expires_at: response.refresh_token_expires_in.map(ends_at),
            id_token: response.id_token.as_ref().map(|it| it.expose().to_owned()),
        };
        let plain = serde_json::to_vec(&pair).expect("texts and numbers are always JSON");
        seal_for_holder(&self.ctx.entropy, self.presented, &plain)
    }

    fn unseal(&self, sealed: &[u8], now: Timestamp) -> Option<TokenResponse> {
        let plain = open_as_holder(self.presented, sealed).ok()?;
        let pair: SuccessorPair = serde_json::from_slice(&plain).ok()?;
        let seconds_until = |at: i64| Timestamp::from_millis(at).since(now).as_seconds();
        Some(TokenResponse {
            access_token: Secret::new(pair.access_token),
            token_type: TokenType::Bearer,
            scope: pair.scope,
            expires_in: pair.expires_at.map(seconds_until),
            refresh_token: pair.refresh_token.map(Secret::new),
            refresh_token_expires_in: pair.refresh_expires_at.map(seconds_until),
            id_token: pair.id_token.map(Secret::new),
        })
    }
}

/// What a repeated exchange is answered with; stored sealed.
#[derive(Serialize, Deserialize)]
struct SuccessorPair {
    access_token: String,
    refresh_token: Option<String>,
    scope: String,
    expires_at: Option<i64>,
    refresh_expires_at: Option<i64>,
    /// Absent where an older version wrote it.
    #[serde(default)]
    id_token: Option<String>,
}

/// A family that goes on without a row ends when the refresh token which was exchanged would have, the last that can
/// come back. Written beside the request; if it fails, the family lasts longer.
fn end_family_in_time(ctx: &Context, stored: &RefreshableToken, minted: &Minted) {
    let (None, Some(at)) = (&minted.record, stored.token.refresh_expires_at) else { return };
    let (store, family_id) = (ctx.store.clone(), stored.family.id);
    ctx.flows.spawn(async move {
        let ended: Decision<(), Infallible> = store::retry(|| async {
            let mut tx = store.begin().await?;
            let ended = store::token_families::end(&mut tx, family_id, at).await;
            settle(tx, ended.map_err(Into::into)).await
        })
        .await;
        if let Err(failure) = ended {
            tracing::warn!(fault = %failure.into_fault(), "a family lasts longer than its tokens");
        }
    });
}
