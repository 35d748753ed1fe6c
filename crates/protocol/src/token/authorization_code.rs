//! The authorization code grant (RFC 6749 §4.1.3, RFC 7636 §4.6): a code is redeemed once.

use domain::{
    Account, Actor, AuthorizationCode, CodeVerifier, ExpiryBucket, Handle, HandleKind, Possession,
    Secret, SecretHash, TokenFamily,
};
use serde_json::json;
use store::authorization_codes::Exchange;
use store::{Decision, Fault, Transaction, settle};
use wire::TokenResponse;

use super::issue::{self, Descent, Minted, TokenGrant};
use super::scope::{self, Authorized};
use super::{Asked, TokenRefused, refuse};
use crate::audit::Change;
use crate::client_authentication::{AuthenticatedClient, Proof};
use crate::context::Context;
use crate::resources;

/// A code and what proves that it may be redeemed.
pub(super) struct Claim {
    pub(super) code: Secret,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<Secret>,
}

/// Redeems a code. Possession is proven before anything reacts to the code's state, so that a replay
/// by somebody else harms nobody (OAuth 2.1 §7.5.3).
pub(super) async fn redeem(
    ctx: &Context,
    account: &Account,
    authenticated: &AuthenticatedClient,
    claim: Claim,
    asked: &Asked,
) -> Decision<TokenResponse, TokenRefused> {
    let Some(code) = look_up(ctx, account, &claim).await? else {
        return Err(refuse(TokenRefused::CodeInvalid));
    };
    if !authenticated.owns(code.client_id) || code.account_id != account.id {
        return Err(refuse(TokenRefused::CodeInvalid));
    }
    prove_possession(ctx, authenticated, &code, &claim).await?;
    if code.redeemed_at.is_some() {
        return replayed(ctx, account, &code).await;
    }
    if code.expires_at <= ctx.now() {
        return Err(refuse(TokenRefused::CodeInvalid));
    }
    let family = family(ctx, authenticated, &code).await?;
    let minted = mint(ctx, account, authenticated, &code, (&family, asked)).await?;
    let expires_at = minted.family_ends_at(family.expires_at);
    let family = TokenFamily { expires_at, ..family };
    let (bucket, hash) = (code.bucket, code.hash);
    if redeem_once(ctx, code, family, &minted).await? {
        return Ok(minted.response);
    }
    was_too_late(ctx, account, bucket, &hash).await
}

async fn look_up(
    ctx: &Context,
    account: &Account,
    claim: &Claim,
) -> Result<Option<AuthorizationCode>, Fault> {
    let presented = claim.code.expose();
    let kind = HandleKind::AuthorizationCode;
    let Some(bucket) = Handle::bucket(presented, kind, ctx.now()) else { return Ok(None) };
    let hash = ctx.keyring.hash(kind, presented);
    store::authorization_codes::show(&ctx.store, account.id, bucket, &hash).await
}

/// The redirect URI and the verifier (RFC 6749 §4.1.3, RFC 7636 §4.6). A wrong verifier is counted:
/// the fifth uses the code up.
async fn prove_possession(
    ctx: &Context,
    authenticated: &AuthenticatedClient,
    code: &AuthorizationCode,
    claim: &Claim,
) -> Decision<(), TokenRefused> {
    let invalid = refuse(TokenRefused::CodeInvalid);
    if code.failed_attempts >= ctx.policy.wrong_verifier_limit {
        return Err(invalid);
    }
    match (&code.code_challenge, &claim.code_verifier) {
        (Some(challenge), Some(verifier)) => {
            let verifier = CodeVerifier::parse(verifier.expose());
            if !verifier.is_ok_and(|verifier| challenge.verify(&verifier)) {
                count_failure(ctx, code).await?;
                return Err(invalid);
            }
        }
        // RFC 9700 §4.8.2: a verifier without a challenge is a downgrade that was noticed.
        (Some(_), None) | (None, Some(_)) => return Err(invalid),
        // For kind `unknown` the verifier stood in for the secret; without a challenge nothing did.
        (None, None) if authenticated.proof == Proof::Identified => return Err(invalid),
        (None, None) => {}
    }
    match &claim.redirect_uri {
        Some(redirect_uri) if *redirect_uri == code.redirect_uri => Ok(()),
        // OAuth 2.1 §4.1.3: it may be absent where a challenge binds the code.
        None if code.code_challenge.is_some() => Ok(()),
        _ => Err(invalid),
    }
}

async fn count_failure(ctx: &Context, code: &AuthorizationCode) -> Decision<(), TokenRefused> {
    let mut tx = ctx.store.begin().await?;
    let counted = store::authorization_codes::failed(&mut tx, code.bucket, &code.hash).await;
    settle(tx, counted.map(|_| ()).map_err(Into::into)).await
}

/// The family that redeeming the code begins.
async fn family(
    ctx: &Context,
    authenticated: &AuthenticatedClient,
    code: &AuthorizationCode,
) -> Result<TokenFamily, Fault> {
    Ok(TokenFamily {
        id: ctx.store.reserve_id().await?,
        account_id: code.account_id,
        client_id: code.client_id,
        user_id: code.user_id,
        grant_id: code.grant_id,
        session_id: Some(code.session_id),
        possession: match authenticated.proof {
            Proof::Credentials => Possession::ClientSecret,
            Proof::Identified => Possession::CodeVerifier,
        },
        scopes: code.scopes.clone(),
        requested_scopes: code.requested_scopes.clone(),
        resources: code.resources.clone(),
        claims: code.claims.clone(),
        generation: 1,
        auth_time: code.auth_time,
        created_at: ctx.now(),
        expires_at: ctx.now() + ctx.policy.grant_lifetime,
        revoked_at: None,
    })
}

async fn mint(
    ctx: &Context,
    account: &Account,
    authenticated: &AuthenticatedClient,
    code: &AuthorizationCode,
    (family, asked): (&TokenFamily, &Asked),
) -> Decision<Minted, TokenRefused> {
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let authorized = Authorized { scopes: &code.scopes, requested: &code.requested_scopes };
    let scopes =
        scope::narrowed(&authenticated.client, &catalogue, &authorized, asked.scope.as_deref());
    let resources = resources::narrowed(&code.resources, &asked.resources)
        .ok_or(refuse(TokenRefused::TargetInvalid))?;
    let grant = TokenGrant {
        client: authenticated.client.clone(),
        user_id: code.user_id,
        proven_at: code.created_at,
        scopes: scopes.map_err(refuse)?,
        resources,
        lifetimes: asked.lifetimes,
        descent: Some(Descent {
            family_id: family.id,
            generation: family.generation,
            auth_time: family.auth_time,
            session_id: family.session_id,
            nonce: code.nonce.clone(),
            claims: family.claims.clone(),
            ends_at: family.expires_at,
        }),
    };
    let minted = issue::mint(ctx, account, grant).await?;
    minted.ok_or(refuse(TokenRefused::CodeInvalid))
}

/// The database decides who redeems the code, and whether its grant and session still stand.
async fn redeem_once(
    ctx: &Context,
    code: AuthorizationCode,
    family: TokenFamily,
    minted: &Minted,
) -> Result<bool, Fault> {
    let exchange = Exchange {
        code,
        wrong_verifier_limit: ctx.policy.wrong_verifier_limit,
        family,
        token: issue::record(ctx, minted).await?,
        at: ctx.now(),
    };
    store::authorization_codes::exchange(&ctx.store, exchange).await
}

/// Something has happened to the code, its grant or its session since the look-up. If somebody else redeemed it, this
/// is a replay.
async fn was_too_late(
    ctx: &Context,
    account: &Account,
    bucket: ExpiryBucket,
    hash: &SecretHash,
) -> Decision<TokenResponse, TokenRefused> {
    let stored = store::authorization_codes::show(&ctx.store, account.id, bucket, hash).await?;
    match stored {
        Some(code) if code.redeemed_at.is_some() => replayed(ctx, account, &code).await,
        _ => Err(refuse(TokenRefused::CodeInvalid)),
    }
}

/// A second redemption by the right client with the right values: the code leaked, so everything
/// issued for it ends (RFC 6749 §4.1.2, §10.5).
async fn replayed(
    ctx: &Context,
    account: &Account,
    code: &AuthorizationCode,
) -> Decision<TokenResponse, TokenRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = revoke_family(ctx, &mut tx, account, code)
            .await
            .map_err(Into::into)
            .and(Err(refuse(TokenRefused::CodeInvalid)));
        settle(tx, decision).await
    })
    .await
}

async fn revoke_family(
    ctx: &Context,
    tx: &mut Transaction,
    account: &Account,
    code: &AuthorizationCode,
) -> Result<(), Fault> {
    let Some(family_id) = code.family_id else { return Ok(()) };
    if store::token_families::revoke(tx, family_id, ctx.now()).await? {
        metrics::counter!("consentry_replays_total", "of" => "authorization_code").increment(1);
        let actor = Actor::Client(code.client_id);
        let change = Change::new(actor, "incident.code_replayed", "token_family", family_id)
            .with(json!({"user_id": code.user_id.get()}));
        ctx.audit(tx, account.id, change).await?;
    }
    Ok(())
}
