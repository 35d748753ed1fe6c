//! The authorization code: issued once the user's grant covers the request (RFC 6749 §4.1.2).

use domain::{
    Account, Actor, AuthorizationCode, ExpiryBucket, Grant, HandleKind, ScopeSet, Secret,
};
use serde_json::json;
use store::{Decision, Fault, Transaction, settle};

use super::PageRefused;
use super::proof::ProvenRequest;
use super::validity::ValidRequest;
use crate::audit::Change;
use crate::context::Context;
use crate::sessions::SignedIn;

/// What a code is issued for.
pub(super) struct Authorized<'a> {
    pub(super) proven: &'a ProvenRequest,
    pub(super) request: &'a ValidRequest,
    pub(super) signed_in: &'a SignedIn,
    pub(super) grant: &'a Grant,
    /// The scopes allowed, which may be fewer than those asked for; claims asked for one by one hold
    /// to them too.
    pub(super) scopes: ScopeSet,
}

/// Issues a code under a grant that was given before.
pub(super) async fn issue_under(
    ctx: &Context,
    account: &Account,
    proven: &ProvenRequest,
    request: &ValidRequest,
    (signed_in, grant): (&SignedIn, &Grant),
) -> Decision<Secret, PageRefused> {
    let scopes = request.scopes.clone();
    let authorized = Authorized { proven, request, signed_in, grant, scopes };
    let code = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = issue(ctx, &mut tx, account, &authorized).await;
        settle(tx, decision.map_err(Into::into)).await
    })
    .await?;
    remember_challenge(ctx, proven, request, signed_in);
    Ok(code)
}

/// Remembers the challenge of a code that was issued.
pub(super) fn remember_challenge(
    ctx: &Context,
    proven: &ProvenRequest,
    request: &ValidRequest,
    signed_in: &SignedIn,
) {
    if let Some(challenge) = &request.code_challenge {
        ctx.recent_challenges.remember(proven.client.id, signed_in.user.id, challenge);
    }
}

/// Issues a code in the transaction of the decision that allows it.
pub(super) async fn issue(
    ctx: &Context,
    tx: &mut Transaction,
    account: &Account,
    authorized: &Authorized<'_>,
) -> Result<Secret, Fault> {
    let now = ctx.now();
    let expires_at = now + ctx.policy.code_lifetime;
    let bucket = ExpiryBucket::for_expiry(now, Some(expires_at));
    let kind = HandleKind::AuthorizationCode;
    let code = ctx.entropy.expiring_handle(&ctx.policy.handle_prefix, kind, bucket);
    let Authorized { proven, request, signed_in, grant, scopes } = authorized;
    let record = AuthorizationCode {
        id: tx.id()?,
        bucket,
        hash: ctx.keyring.hash(kind, code.expose()),
        account_id: account.id,
        client_id: proven.client.id,
        user_id: signed_in.user.id,
        grant_id: grant.id,
        session_id: signed_in.session.id,
        redirect_uri: proven.redirect_uri.clone(),
        code_challenge: request.code_challenge.clone(),
        scopes: request.named(scopes),
        requested_scopes: request.requested_scopes.clone(),
        resources: request.resources.clone(),
        nonce: request.nonce.clone(),
        claims: request.allowed_claims(scopes),
        auth_time: signed_in.session.auth_time,
        created_at: now,
        expires_at,
        failed_attempts: 0,
        redeemed_at: None,
        family_id: None,
    };
    store::authorization_codes::create(tx, &record).await?;
    warn_of_reused_challenge(ctx, tx, &record).await?;
    Ok(code)
}

/// RFC 9700 §2.1.1: a challenge is for one request; who sends it again gave its verifier away.
async fn warn_of_reused_challenge(
    ctx: &Context,
    tx: &mut Transaction,
    code: &AuthorizationCode,
) -> Result<(), Fault> {
    let Some(challenge) = &code.code_challenge else { return Ok(()) };
    if !ctx.recent_challenges.contains(code.client_id, code.user_id, challenge) {
        return Ok(());
    }
    let actor = Actor::Client(code.client_id);
    let action = "incident.pkce_challenge_reused";
    let change = Change::new(actor, action, "client", code.client_id)
        .with(json!({"user_id": code.user_id.get()}));
    ctx.audit(tx, code.account_id, change).await
}
