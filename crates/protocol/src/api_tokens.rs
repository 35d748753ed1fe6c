//! Personal API tokens: made or imported, told once.

use domain::{AccountId, Actor, ApiToken, HandleKind, Secret, UserId};
use serde_json::json;
use store::{Decision, Failure, Transaction, settle};

use crate::audit::Change;
use crate::context::Context;

/// The characters of a token that are kept to be shown.
const HINT_LENGTH: usize = 9;

/// What is said of a new API token.
#[derive(Clone, Debug)]
pub struct NewApiToken {
    /// The account it belongs to.
    pub account_id: AccountId,
    /// Whom it acts as.
    pub user_id: UserId,
    /// What it is for.
    pub label: String,
    /// The token to import; none: one is made.
    pub token: Option<Secret>,
}

/// Why an API token was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiTokenRefused {
    /// The account has that very token.
    #[error("the token is already in use")]
    Taken,
}

/// Makes an API token and tells it.
pub async fn create(
    ctx: &Context,
    actor: Actor,
    new: NewApiToken,
) -> Decision<(ApiToken, Secret), ApiTokenRefused> {
    let fresh = || ctx.entropy.handle(&ctx.policy.handle_prefix, HandleKind::ApiToken);
    let token = new.token.clone().unwrap_or_else(fresh);
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = write(ctx, &mut tx, actor, (&new, &token)).await;
        settle(tx, decision).await
    })
    .await
    .map(|api_token| (api_token, token))
}

async fn write(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    (new, token): (&NewApiToken, &Secret),
) -> Decision<ApiToken, ApiTokenRefused> {
    let api_token = ApiToken {
        id: tx.id()?,
        account_id: new.account_id,
        user_id: new.user_id,
        label: new.label.clone(),
        hash: ctx.keyring.hash(HandleKind::ApiToken, token.expose()),
        hint: token.expose().chars().take(HINT_LENGTH).collect(),
        created_at: ctx.now(),
        used_at: None,
        revoked_at: None,
    };
    if !store::api_tokens::create(tx, &api_token).await? {
        return Err(Failure::Refused(ApiTokenRefused::Taken));
    }
    let change = Change::new(actor, "api_token.created", "api_token", api_token.id)
        .with(json!({"label": api_token.label, "user_id": api_token.user_id.get()}));
    ctx.audit(tx, api_token.account_id, change).await?;
    Ok(api_token)
}
