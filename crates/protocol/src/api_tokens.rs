//! Personal API tokens: made or imported, told once; shown and revoked.

use domain::{
    AccountId, Actor, ApiToken, ApiTokenId, FaultCode, HandleKind, RecordFault, RecordFaults,
    Secret, UserId, required_text,
};
use serde_json::json;
use store::{Decision, Failure, Transaction, settle};

use crate::audit::Change;
use crate::context::Context;

/// The characters of a token that are kept to be shown.
const HINT_LENGTH: usize = 9;

/// The most characters of a label.
const LABEL_LIMIT: usize = 255;

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

/// Why an API token was not made or revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiTokenRefused {
    /// There is no such API token, as far as the caller may know.
    #[error("there is no such API token")]
    Unknown,
    /// Whom it would act as is gone or suspended.
    #[error("the user is suspended, or there is no such user")]
    UserInactive,
    /// The user has as many as there may be.
    #[error("the user has too many API tokens: revoke one first")]
    TooMany,
    /// The account has that very token.
    #[error("the token is already in use")]
    Taken,
}

/// What an API token is for, checked.
pub fn label(text: &str, unreadable: &[&'static str]) -> Result<String, Vec<RecordFault>> {
    let mut faults = RecordFaults::new(unreadable);
    let label = faults.take("label", required_text(text, LABEL_LIMIT));
    faults.settle(label)
}

impl From<ApiTokenRefused> for RecordFault {
    fn from(refused: ApiTokenRefused) -> Self {
        Self::new("base", FaultCode::InvalidValue, &refused.to_string())
    }
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
    require_room(ctx, tx, new).await?;
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

/// An active user, who has not all API tokens yet that he may have. His row is taken: whoever suspends
/// him waits, or was waited for.
async fn require_room(
    ctx: &Context,
    tx: &mut Transaction,
    new: &NewApiToken,
) -> Decision<(), ApiTokenRefused> {
    let NewApiToken { account_id, user_id, .. } = *new;
    store::users::take(tx, account_id, user_id).await?;
    let user = store::users::show(&mut *tx, account_id, user_id).await?;
    if !user.is_some_and(|user| user.is_active()) {
        return Err(Failure::Refused(ApiTokenRefused::UserInactive));
    }
    let count = store::api_tokens::count(tx, account_id, Some(user_id)).await?;
    if count >= ctx.policy.api_tokens_per_user {
        return Err(Failure::Refused(ApiTokenRefused::TooMany));
    }
    Ok(())
}

/// The API token with this id; with an owner named, only if it is his.
pub async fn show(
    ctx: &Context,
    account_id: AccountId,
    id: ApiTokenId,
    owner: Option<UserId>,
) -> Decision<ApiToken, ApiTokenRefused> {
    let token = store::api_tokens::show(&ctx.store, account_id, id).await?;
    let token = token.filter(|token| owner.is_none_or(|owner| token.user_id == owner));
    token.ok_or(Failure::Refused(ApiTokenRefused::Unknown))
}

/// Revokes an API token, once: from then on no node takes it.
pub async fn revoke(
    ctx: &Context,
    actor: Actor,
    token: &ApiToken,
) -> Decision<(), ApiTokenRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let ApiToken { id, account_id, .. } = *token;
            if !store::api_tokens::revoke(&mut tx, account_id, id, ctx.now()).await? {
                return Err(Failure::Refused(ApiTokenRefused::Unknown));
            }
            let change = Change::new(actor, "api_token.revoked", "api_token", id)
                .with(json!({"label": token.label, "user_id": token.user_id.get()}));
            ctx.audit(&mut tx, account_id, change).await?;
            Ok(())
        }
        .await;
        settle(tx, decision).await
    })
    .await
}
