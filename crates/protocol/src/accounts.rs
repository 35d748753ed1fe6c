//! The life of accounts.

use std::sync::Arc;

use domain::{
    Account, AccountDraft, AccountId, AccountRegistration, Actor, FaultCode, Lifetime, RecordFault,
};
use serde_json::json;
use store::accounts::AccountUpdate;
use store::{Decision, Failure, Fault, Transaction, settle};

use crate::audit::Change;
use crate::context::Context;
use crate::signing;

/// Why an account was not made or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefused {
    /// There is no such account.
    #[error("there is no such account")]
    Unknown,
    /// The home account runs the platform.
    #[error(
        "the account is the first one, from which the platform is run: it cannot be suspended; stop \
         the server instead"
    )]
    Home,
    /// These things are wrong with it.
    #[error("{}", lines(.0))]
    Invalid(Vec<RecordFault>),
}

fn lines(faults: &[RecordFault]) -> String {
    let lines: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    lines.join("\n")
}

/// Makes an account and its signing keys.
pub async fn create(
    ctx: &Context,
    actor: Actor,
    draft: &AccountDraft,
) -> Decision<Account, AccountRefused> {
    let registration = validate(ctx, draft)?;
    let keys = signing::make_keys(ctx).await?;
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = write(ctx, &mut tx, actor, (&registration, &keys)).await;
        settle(tx, decision).await
    })
    .await
}

fn validate(ctx: &Context, draft: &AccountDraft) -> Decision<AccountRegistration, AccountRefused> {
    let judged = draft.validate(&ctx.policy);
    judged.map_err(|faults| Failure::Refused(AccountRefused::Invalid(faults)))
}

async fn write(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    (registration, keys): (&AccountRegistration, &signing::NewKeys),
) -> Decision<Account, AccountRefused> {
    let account = new_account(ctx, tx.id()?, registration.clone());
    if !store::accounts::create(tx, &account).await? {
        return Err(taken(tx, &account).await?);
    }
    signing::create_keys(ctx, tx, account.id, keys).await?;
    let change = Change::new(actor, "account.created", "account", account.id)
        .with(json!({"slug": account.slug}));
    ctx.audit(tx, account.id, change).await?;
    Ok(account)
}

fn new_account(ctx: &Context, id: AccountId, registration: AccountRegistration) -> Account {
    Account {
        id,
        slug: registration.slug,
        name: registration.name,
        base_urls: registration.base_urls,
        consent: registration.consent,
        pkce: registration.pkce,
        refresh_grace: registration.refresh_grace,
        api_tokens: registration.api_tokens,
        token_expiry: registration.token_expiry,
        api_requests_per_minute: registration.api_requests_per_minute,
        created_at: ctx.now(),
        updated_at: ctx.now(),
        suspended_at: None,
        not_before: None,
    }
}

/// What another account has already, all of it.
async fn taken(tx: &mut Transaction, account: &Account) -> Result<Failure<AccountRefused>, Fault> {
    let mut faults = Vec::new();
    let namesake = store::accounts::by_slug(&mut *tx, &account.slug).await?;
    if namesake.is_some_and(|other| other.id != account.id) {
        let text = format!("\"{}\" is taken by another account; choose another one", account.slug);
        faults.push(RecordFault::new("slug", FaultCode::DuplicateValue, &text));
    }
    for url in store::accounts::taken_base_urls(&mut *tx, account).await? {
        let text = format!(
            "{url} selects another account already; choose another one, or take it from that \
             account first"
        );
        faults.push(RecordFault::new("base_urls", FaultCode::DuplicateValue, &text));
    }
    Ok(Failure::Refused(AccountRefused::Invalid(faults)))
}

/// Changes an account to what the draft says; judged as a whole, like a new one. Its slug stays.
pub async fn update(
    ctx: &Context,
    actor: Actor,
    id: AccountId,
    edit: impl Fn(&mut AccountDraft),
) -> Decision<Account, AccountRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let before = known(store::accounts::show(&mut tx, id).await?)?;
            let mut draft = AccountDraft::of(&before);
            edit(&mut draft);
            draft.slug.clone_from(&before.slug);
            let mut after = before.clone();
            validate(ctx, &draft)?.apply_to(&mut after);
            write_update(ctx, &mut tx, actor, (&before, after)).await
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// Writes what was made of an account, as long as it is still what was read. The time of the change
/// tells one version from the next, so it moves on even where the clock has not.
async fn write_update(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    (before, mut after): (&Account, Account),
) -> Decision<Account, AccountRefused> {
    after.updated_at = ctx.now().max(before.updated_at + Lifetime::millis(1));
    match store::accounts::update(tx, &after, before.updated_at).await? {
        AccountUpdate::Written => {}
        AccountUpdate::Taken => return Err(taken(tx, &after).await?),
        AccountUpdate::Gone => return Err(Failure::Refused(AccountRefused::Unknown)),
        AccountUpdate::Stale => {
            let message = "the account was changed at the same time".to_owned();
            return Err(Fault::Retryable(message).into());
        }
    }
    let change = Change::new(actor, "account.updated", "account", after.id)
        .with(json!({"slug": after.slug}));
    ctx.audit(tx, after.id, change).await?;
    Ok(after)
}

fn known(account: Option<Account>) -> Decision<Account, AccountRefused> {
    account.ok_or(Failure::Refused(AccountRefused::Unknown))
}

/// Suspends an account: nobody is served there, and whatever was issued there is dead for good.
pub async fn suspend(
    ctx: &Context,
    actor: Actor,
    id: AccountId,
) -> Decision<Account, AccountRefused> {
    if home(ctx).await?.is_some_and(|home| home.id == id) {
        return Err(Failure::Refused(AccountRefused::Home));
    }
    mark(ctx, actor, id, Standing::Suspended).await
}

/// Ends a suspension. People sign in anew; what they had allowed stays allowed.
pub async fn resume(
    ctx: &Context,
    actor: Actor,
    id: AccountId,
) -> Decision<Account, AccountRefused> {
    mark(ctx, actor, id, Standing::Active).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Active,
    Suspended,
}

/// The mark moves at both ends: a node may issue something until it hears of the suspension.
async fn mark(
    ctx: &Context,
    actor: Actor,
    id: AccountId,
    standing: Standing,
) -> Decision<Account, AccountRefused> {
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let account = known(store::accounts::show(&mut tx, id).await?)?;
            if account.is_active() == (standing == Standing::Active) {
                return Ok(account);
            }
            write_mark(ctx, &mut tx, actor, (account, standing)).await
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

async fn write_mark(
    ctx: &Context,
    tx: &mut Transaction,
    actor: Actor,
    (account, standing): (Account, Standing),
) -> Decision<Account, AccountRefused> {
    let now = ctx.now();
    let (suspended_at, action) = match standing {
        Standing::Suspended => (Some(now), "account.suspended"),
        Standing::Active => (None, "account.resumed"),
    };
    let updated_at = store::accounts::suspend(tx, account.id, suspended_at, now).await?;
    let updated_at = updated_at.ok_or(Failure::Refused(AccountRefused::Unknown))?;
    let change =
        Change::new(actor, action, "account", account.id).with(json!({"slug": account.slug}));
    ctx.audit(tx, account.id, change).await?;
    Ok(Account { suspended_at, updated_at, not_before: Some(now), ..account })
}

/// The account that answers at this base URL, from memory.
pub async fn at_base_url(ctx: &Context, base_url: &str) -> Result<Option<Arc<Account>>, Fault> {
    ctx.store.cache().account(base_url).await
}

/// The home account, from which the platform is run: the first that was made. None: there is no
/// account at all.
pub async fn home(ctx: &Context) -> Result<Option<Account>, Fault> {
    store::accounts::home(&ctx.store).await
}
