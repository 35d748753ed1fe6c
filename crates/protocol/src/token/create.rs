//! Tokens that an admin makes for himself through the administration API (zendesk-wire §4.3).

use std::sync::Arc;

use domain::{
    Account, Actor, Client, Policy, RecordFault, ScopeName, ScopeSet, Secret, Token, TokenDraft,
    TokenTerms, User,
};
use serde_json::json;
use store::{Decision, Failure, Fault, Transaction, settle};

use super::issue::{self, Minted, TokenGrant};
use super::lifetimes::AskedLifetimes;
use crate::api_caller::ApiCaller;
use crate::audit::Change;
use crate::context::Context;

/// A token and the whole of it, which is told once.
pub struct NewToken {
    /// Its record.
    pub token: Token,
    /// The access token.
    pub full_token: Secret,
}

/// Why a token was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewTokenRefused {
    /// The caller's own access token does not have these scopes.
    ScopesNotHeld(Vec<String>),
    /// What is wrong, all of it.
    Invalid(Vec<RecordFault>),
}

/// Makes an access token that acts as the caller, without a refresh token and outside every family.
/// A Bearer caller cannot make more than it holds: that is told before anything else.
pub async fn create(
    ctx: &Context,
    account: &Account,
    caller: &ApiCaller,
    draft: &TokenDraft,
) -> Decision<NewToken, NewTokenRefused> {
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let scopes = draft.recognised(&catalogue);
    require_held(caller.scopes.as_ref(), &scopes)?;
    let client = usable_client(ctx, account, &caller.user, draft).await?;
    let terms = judge(draft, client.as_deref(), scopes, &ctx.policy)?;
    let minted = match client {
        Some(client) => issue::mint(ctx, account, grant(ctx, client, &caller.user, terms)).await?,
        None => None,
    };
    // Its client or user died since.
    let Some(minted) = minted else { return Err(gone(draft, &ctx.policy)) };
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let stored = write(ctx, &mut tx, caller.actor(), &minted).await;
        settle(tx, stored.map_err(Failure::Fault)).await
    })
    .await
}

fn require_held(
    held: Option<&ScopeSet>,
    scopes: &ScopeSet,
) -> Result<(), Failure<NewTokenRefused>> {
    let Some(held) = held else { return Ok(()) };
    let beyond = scopes.iter().filter(|name| !held.covers(name)).map(ScopeName::as_str);
    let beyond: Vec<String> = beyond.map(str::to_owned).collect();
    if beyond.is_empty() {
        return Ok(());
    }
    Err(Failure::Refused(NewTokenRefused::ScopesNotHeld(beyond)))
}

/// The local client of the account that the draft names, if it works for this user.
async fn usable_client(
    ctx: &Context,
    account: &Account,
    user: &User,
    draft: &TokenDraft,
) -> Result<Option<Arc<Client>>, Fault> {
    let Some(id) = draft.client_id else { return Ok(None) };
    let client = ctx.store.cache().client_by_id(account.id, id).await?;
    Ok(client.filter(|client| {
        client.global_at.is_none() && client.state.works_for(user.id, client.user_id)
    }))
}

fn judge(
    draft: &TokenDraft,
    client: Option<&Client>,
    scopes: ScopeSet,
    policy: &Policy,
) -> Result<TokenTerms, Failure<NewTokenRefused>> {
    let judged = draft.validate(client, scopes, policy);
    judged.map_err(|faults| Failure::Refused(NewTokenRefused::Invalid(faults)))
}

fn gone(draft: &TokenDraft, policy: &Policy) -> Failure<NewTokenRefused> {
    let faults = draft.validate(None, ScopeSet::default(), policy).err().unwrap_or_default();
    Failure::Refused(NewTokenRefused::Invalid(faults))
}

fn grant(ctx: &Context, client: Arc<Client>, user: &User, terms: TokenTerms) -> TokenGrant {
    TokenGrant {
        client,
        user_id: user.id,
        proven_at: ctx.now(),
        scopes: terms.scopes,
        resources: Vec::new(),
        lifetimes: AskedLifetimes { access: terms.lifetime, refresh: None },
        descent: None,
    }
}

async fn write(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    minted: &Minted,
) -> Result<NewToken, Fault> {
    let record = minted
        .record
        .as_ref()
        .map(|record| Token { generation: Token::OF_ITS_USER, ..record.clone() });
    let stored = issue::store_record(tx, record.as_ref()).await?;
    let token = stored.ok_or_else(|| Fault::Corrupt("a handle was made without a row".into()))?;
    let facts = json!({"client_id": token.client_id.get(), "scopes": token.scopes.to_string()});
    let change = Change::new(actor, "token.created", "token", token.id).with(facts);
    ctx.audit(tx, token.account_id, change).await?;
    Ok(NewToken { token, full_token: minted.response.access_token.clone() })
}
