//! The life of accounts.

use domain::{Account, AccountId, Actor, BaseUrl, ConsentPolicy, Lifetime, PkcePolicy};
use store::{Decision, Failure, Fault, Transaction, settle};

use crate::audit::Change;
use crate::context::Context;
use crate::signing;

/// What is said of a new account.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its short name.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Where it answers; at least one.
    pub base_urls: Vec<BaseUrl>,
    /// Whether consent is remembered.
    pub consent: ConsentPolicy,
    /// Who must use PKCE.
    pub pkce: PkcePolicy,
    /// How long a rotated refresh token still returns its successor pair; none: the policy's time.
    pub refresh_grace: Option<Lifetime>,
}

/// Why an account was not made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefused {
    /// Another account has the slug or one of the base URLs.
    #[error("the slug or a base URL is already in use by another account")]
    Taken,
}

/// Makes an account and its signing keys.
pub async fn create(
    ctx: &Context,
    actor: Actor,
    new: NewAccount,
) -> Decision<Account, AccountRefused> {
    let keys = signing::make_keys(ctx).await?;
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = write(ctx, &mut tx, actor, &new, &keys).await;
        settle(tx, decision).await
    })
    .await
}

async fn write(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    new: &NewAccount,
    keys: &signing::NewKeys,
) -> Decision<Account, AccountRefused> {
    let account = Account {
        id: tx.id()?,
        slug: new.slug.clone(),
        name: new.name.clone(),
        base_urls: new.base_urls.clone(),
        consent: new.consent,
        pkce: new.pkce,
        refresh_grace: new.refresh_grace.unwrap_or(ctx.policy.refresh_grace),
        created_at: ctx.now(),
        suspended_at: None,
    };
    if !store::accounts::create(tx, &account).await? {
        return Err(Failure::Refused(AccountRefused::Taken));
    }
    signing::create_keys(ctx, tx, account.id, keys).await?;
    ctx.audit(tx, account.id, Change::new(actor, "account.created", "account", account.id)).await?;
    Ok(account)
}

/// Changes an account to what is given.
pub async fn update(
    ctx: &Context,
    actor: Actor,
    account: &Account,
) -> Decision<(), AccountRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            if !store::accounts::update(&mut tx, account).await? {
                return Err(Failure::Refused(AccountRefused::Taken));
            }
            let change = Change::new(actor, "account.updated", "account", account.id);
            ctx.audit(&mut tx, account.id, change).await?;
            Ok(())
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// The account that answers at this base URL, from memory.
pub async fn at_base_url(
    ctx: &Context,
    base_url: &str,
) -> Result<Option<std::sync::Arc<Account>>, Fault> {
    ctx.store.cache().account(base_url).await
}

/// Whether there is an account at all.
pub async fn any(ctx: &Context) -> Result<Option<AccountId>, Fault> {
    let first = store::accounts::list(&ctx.store, None, 1).await?;
    Ok(first.first().map(|account| account.id))
}
