//! The life of accounts.

use std::sync::Arc;

use domain::{
    Account, AccountDraft, AccountId, AccountRegistration, Actor, FaultCode, Lifetime, RecordFault,
};
use serde_json::json;
use store::accounts::AccountUpdate;
use store::{Decision, Failure, Fault, Source, Transaction, settle};

use crate::audit::Change;
use crate::context::Context;
use crate::keys::{self, NewKey};

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

/// Who changes an account, and where that is recorded.
#[derive(Clone, Copy, Debug)]
pub struct Manager {
    actor: Actor,
    home_id: Option<AccountId>,
}

impl Manager {
    /// An operator who calls from the home account: his own log names him, that of the account which
    /// he changes says that an operator did it, as its admins have nothing to do with who he is.
    pub const fn from_home(home_id: AccountId, actor: Actor) -> Self {
        Self { actor, home_id: Some(home_id) }
    }

    async fn record(
        self,
        ctx: &Context,
        tx: &mut Transaction,
        action: &'static str,
        account: &Account,
    ) -> Result<(), Fault> {
        let change = |actor| {
            let details = json!({"slug": account.slug});
            Change::new(actor, action, "account", account.id).with(details)
        };
        match self.home_id.filter(|home_id| *home_id != account.id) {
            None => ctx.audit(tx, account.id, change(self.actor)).await,
            Some(home_id) => {
                ctx.audit(tx, account.id, change(Actor::Operator)).await?;
                ctx.audit(tx, home_id, change(self.actor)).await
            }
        }
    }
}

impl From<Actor> for Manager {
    fn from(actor: Actor) -> Self {
        Self { actor, home_id: None }
    }
}

fn lines(faults: &[RecordFault]) -> String {
    let lines: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    lines.join("\n")
}

/// Makes an account and its signing keys.
pub async fn create(
    ctx: &Context,
    by: impl Into<Manager>,
    draft: &AccountDraft,
) -> Decision<Account, AccountRefused> {
    let by = by.into();
    let registration = match draft.validate(&ctx.policy) {
        Ok(registration) => registration,
        Err(faults) => return refuse(ctx, draft, faults).await,
    };
    let suspended_at = draft.is_suspended.then(|| ctx.now());
    let keys = keys::make_first(ctx).await?;
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let account = new_account(ctx, tx.id()?, registration.clone());
        let account = Account { suspended_at, ..account };
        let decision = write(ctx, &mut tx, by, (account, &keys)).await;
        settle(tx, decision).await
    })
    .await
}

async fn refuse(
    ctx: &Context,
    draft: &AccountDraft,
    faults: Vec<RecordFault>,
) -> Decision<Account, AccountRefused> {
    let mut tx = ctx.store.begin().await?;
    let refused = every_fault(ctx, &mut tx, (AccountId::new(0), draft), faults).await;
    settle(tx, refused.map_or_else(|fault| Err(fault.into()), Err)).await
}

/// What is wrong with a draft by itself, and what of the rest another account than this has already.
async fn every_fault(
    ctx: &Context,
    tx: &mut Transaction,
    (id, draft): (AccountId, &AccountDraft),
    mut faults: Vec<RecordFault>,
) -> Result<Failure<AccountRefused>, Fault> {
    let selecting = AccountDraft {
        slug: draft.slug.clone(),
        base_urls: draft.base_urls.clone(),
        ..AccountDraft::default()
    };
    if !faults.iter().any(|fault| fault.field == "slug") {
        faults.extend(slug_fault(&mut *tx, id, &draft.slug).await?);
    }
    if let Ok(registration) = selecting.validate(&ctx.policy) {
        let account = new_account(ctx, id, registration);
        faults.extend(base_url_faults(tx, &account).await?);
    }
    Ok(Failure::Refused(AccountRefused::Invalid(faults)))
}

async fn write(
    ctx: &Context,
    tx: &mut Transaction,
    by: Manager,
    (account, keys): (Account, &[NewKey]),
) -> Decision<Account, AccountRefused> {
    if !store::accounts::create(tx, &account).await? {
        return Err(taken(tx, &account).await?);
    }
    keys::create_first(ctx, tx, account.id, keys).await?;
    by.record(ctx, tx, "account.created", &account).await?;
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
        registration: registration.registration,
        created_at: ctx.now(),
        updated_at: ctx.now(),
        suspended_at: None,
        not_before: None,
    }
}

/// What another account has already, all of it.
async fn taken(tx: &mut Transaction, account: &Account) -> Result<Failure<AccountRefused>, Fault> {
    let slug_fault = slug_fault(&mut *tx, account.id, &account.slug).await?;
    let mut faults = base_url_faults(tx, account).await?;
    faults.splice(0..0, slug_fault);
    Ok(Failure::Refused(AccountRefused::Invalid(faults)))
}

async fn slug_fault(
    source: impl Into<Source<'_>>,
    id: AccountId,
    slug: &str,
) -> Result<Option<RecordFault>, Fault> {
    let namesake = store::accounts::by_slug(source, slug).await?;
    let text = format!("\"{slug}\" is taken by another account; choose another one");
    let fault = RecordFault::new("slug", FaultCode::DuplicateValue, &text);
    Ok(namesake.filter(|other| other.id != id).map(|_| fault))
}

async fn base_url_faults(
    source: impl Into<Source<'_>>,
    account: &Account,
) -> Result<Vec<RecordFault>, Fault> {
    let fault = |url| {
        let text = format!(
            "{url} selects another account already; choose another one, or take it from that \
             account first"
        );
        RecordFault::new("base_urls", FaultCode::DuplicateValue, &text)
    };
    let taken = store::accounts::taken_base_urls(source, account).await?;
    Ok(taken.into_iter().map(fault).collect())
}

/// Changes an account to what the draft says; judged as a whole, like a new one. Its slug stays.
pub async fn update(
    ctx: &Context,
    by: impl Into<Manager>,
    id: AccountId,
    edit: impl Fn(&mut AccountDraft),
) -> Decision<Account, AccountRefused> {
    let by = by.into();
    store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let before = known(store::accounts::show(&mut tx, id).await?)?;
            let mut draft = AccountDraft::of(&before);
            edit(&mut draft);
            draft.slug.clone_from(&before.slug);
            draft.unreadable.retain(|field| *field != "slug");
            let mut after = before.clone();
            judged(ctx, &mut tx, &before, &draft).await?.apply_to(&mut after);
            if after != before {
                after = write_update(ctx, &mut tx, by, (&before, after)).await?;
            }
            match (before.is_active(), draft.is_suspended) {
                (true, true) => write_mark(ctx, &mut tx, by, (after, Standing::Suspended)).await,
                (false, false) => write_mark(ctx, &mut tx, by, (after, Standing::Active)).await,
                _ => Ok(after),
            }
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

/// What a stored account is to become, or everything that is wrong with it.
async fn judged(
    ctx: &Context,
    tx: &mut Transaction,
    before: &Account,
    draft: &AccountDraft,
) -> Decision<AccountRegistration, AccountRefused> {
    let checked = draft.validate(&ctx.policy);
    let is_suspended = draft.is_suspended && before.is_active();
    let home = store::accounts::home(&mut *tx).await?.filter(|_| is_suspended);
    let is_home = home.is_some_and(|home| home.id == before.id);
    match checked {
        Ok(registration) if !is_home => Ok(registration),
        checked => {
            let mut faults = checked.err().unwrap_or_default();
            if is_home {
                let text = AccountRefused::Home.to_string();
                faults.push(RecordFault::new("base", FaultCode::InvalidValue, &text));
            }
            Err(every_fault(ctx, tx, (before.id, draft), faults).await?)
        }
    }
}

/// Writes what was made of an account, as long as it is still what was read. The time of the change
/// tells one version from the next, so it moves on even where the clock has not.
async fn write_update(
    ctx: &Context,
    tx: &mut Transaction,
    by: Manager,
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
    by.record(ctx, tx, "account.updated", &after).await?;
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
            write_mark(ctx, &mut tx, actor.into(), (account, standing)).await
        }
        .await;
        settle(tx, decision).await
    })
    .await
}

async fn write_mark(
    ctx: &Context,
    tx: &mut Transaction,
    by: Manager,
    (account, standing): (Account, Standing),
) -> Decision<Account, AccountRefused> {
    let now = ctx.now();
    let (suspended_at, action) = match standing {
        Standing::Suspended => (Some(now), "account.suspended"),
        Standing::Active => (None, "account.resumed"),
    };
    let updated_at = store::accounts::suspend(tx, account.id, suspended_at, now).await?;
    let updated_at = updated_at.ok_or(Failure::Refused(AccountRefused::Unknown))?;
    by.record(ctx, tx, action, &account).await?;
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
