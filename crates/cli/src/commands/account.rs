//! `account create|list|show|update|suspend|resume`.

use domain::{Account, AccountDraft, Actor, BaseUrl};
use protocol::Context;
use protocol::accounts::{self, AccountRefused};
use serde_json::{Value, json};
use store::Failure;
use wire::zendesk::Date;

use super::{Call, account};
use crate::arguments::{
    AccountCommand, AccountCreateArguments, AccountListArguments, AccountSettingsArguments,
    AccountUpdateArguments, DataArguments, NamedAccount, Volume,
};
use crate::exit::Refusal;
use crate::output::{Rows, say};
use crate::startup::{self, Missing};

const COLUMNS: [&str; 13] = [
    "id",
    "slug",
    "name",
    "base_urls",
    "consent",
    "pkce",
    "refresh_grace",
    "api_tokens",
    "token_expiry",
    "api_requests_per_minute",
    "registration",
    "created_at",
    "suspended_at",
];

/// The columns of a list: only as much as fits on a line.
const LIST_COLUMNS: [&str; 6] = ["id", "slug", "name", "base_urls", "created_at", "suspended_at"];

/// Does what was asked.
pub(super) async fn run(call: &Call, command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Create(arguments) => create(call, *arguments).await,
        AccountCommand::List(arguments) => list(call, arguments).await,
        AccountCommand::Show(named) => show(call, named).await,
        AccountCommand::Update(arguments) => update(call, *arguments).await,
        AccountCommand::Suspend(named) => suspend(call, named).await,
        AccountCommand::Resume(named) => resume(call, named).await,
    }
}

async fn create(call: &Call, arguments: AccountCreateArguments) -> anyhow::Result<()> {
    let ctx = context(call, &arguments.account.data).await?;
    let mut draft = AccountDraft {
        slug: arguments.account.slug,
        base_urls: arguments.base_urls,
        ..AccountDraft::default()
    };
    fill(&mut draft, &arguments.settings);
    let made = accounts::create(&ctx, Actor::Operator, &draft).await.map_err(refused)?;
    print(call, &made)
}

async fn list(call: &Call, arguments: AccountListArguments) -> anyhow::Result<()> {
    let ctx = context(call, &arguments.data).await?;
    let limit = i64::from(arguments.limit);
    let accounts = store::accounts::list(&ctx.store, None, limit).await?;
    let rows = accounts.iter().map(|account| {
        vec![
            json!(account.id.get()),
            json!(account.slug),
            json!(account.name),
            json!(urls(account)),
            json!(Date::from(account.created_at)),
            json!(account.suspended_at.map(Date::from)),
        ]
    });
    Ok(Rows::list(&LIST_COLUMNS, rows.collect()).print(call.format)?)
}

async fn show(call: &Call, named: NamedAccount) -> anyhow::Result<()> {
    let (_, account) = stored(call, &named).await?;
    print(call, &account)
}

async fn update(call: &Call, arguments: AccountUpdateArguments) -> anyhow::Result<()> {
    if arguments.base_urls.is_empty() && arguments.settings.is_empty() {
        return Err(Refusal::usage("nothing to change: say what with --name, --base-url …").into());
    }
    let (ctx, account) = stored(call, &arguments.account).await?;
    let edit = |draft: &mut AccountDraft| {
        if !arguments.base_urls.is_empty() {
            draft.base_urls.clone_from(&arguments.base_urls);
        }
        fill(draft, &arguments.settings);
    };
    let changed = accounts::update(&ctx, Actor::Operator, account.id, edit).await;
    print(call, &changed.map_err(refused)?)
}

async fn suspend(call: &Call, named: NamedAccount) -> anyhow::Result<()> {
    let (ctx, account) = stored(call, &named).await?;
    accounts::suspend(&ctx, Actor::Operator, account.id).await.map_err(refused)?;
    say("the account is suspended; its tokens and sessions have ended");
    Ok(())
}

async fn resume(call: &Call, named: NamedAccount) -> anyhow::Result<()> {
    let (ctx, account) = stored(call, &named).await?;
    accounts::resume(&ctx, Actor::Operator, account.id).await.map_err(refused)?;
    say("the suspension has ended; people sign in anew");
    Ok(())
}

/// Puts what was typed into a draft; the rest of it stays.
fn fill(draft: &mut AccountDraft, settings: &AccountSettingsArguments) {
    fn put<T: Clone>(place: &mut Option<T>, typed: Option<&T>) {
        if typed.is_some() {
            *place = typed.cloned();
        }
    }
    put(&mut draft.name, settings.name.as_ref());
    put(&mut draft.consent, settings.consent.as_ref());
    put(&mut draft.pkce, settings.pkce.as_ref());
    put(&mut draft.refresh_grace, settings.refresh_grace.as_ref());
    put(&mut draft.api_tokens, settings.api_tokens.as_ref());
    put(&mut draft.token_expiry, settings.token_expiry.as_ref());
    put(&mut draft.registration, settings.registration.as_ref());
    match settings.api_requests_per_minute {
        None => {}
        Some(Volume::Default) => draft.api_requests_per_minute = None,
        Some(Volume::Number(number)) => draft.api_requests_per_minute = Some(number),
    }
}

async fn context(call: &Call, data: &DataArguments) -> anyhow::Result<Context> {
    let settings = call.quiet_settings(data.flags())?;
    startup::open(&settings, Missing::Refuse).await
}

async fn stored(call: &Call, named: &NamedAccount) -> anyhow::Result<(Context, Account)> {
    let ctx = context(call, &named.data).await?;
    let account = account(&ctx.store, Some(&named.slug)).await?;
    Ok((ctx, account))
}

fn print(call: &Call, account: &Account) -> anyhow::Result<()> {
    let row: Vec<Value> = vec![
        json!(account.id.get()),
        json!(account.slug),
        json!(account.name),
        json!(urls(account)),
        json!(account.consent.as_str()),
        json!(account.pkce.as_str()),
        json!(account.refresh_grace.as_seconds()),
        json!(account.api_tokens.as_str()),
        json!(account.token_expiry.as_str()),
        json!(account.api_requests_per_minute),
        json!(account.registration.as_str()),
        json!(Date::from(account.created_at)),
        json!(account.suspended_at.map(Date::from)),
    ];
    Ok(Rows::single(&COLUMNS, row).print(call.format)?)
}

fn urls(account: &Account) -> Vec<&str> {
    account.base_urls.iter().map(BaseUrl::as_str).collect()
}

fn refused(failure: Failure<AccountRefused>) -> anyhow::Error {
    match failure {
        Failure::Refused(AccountRefused::Unknown) => Refusal::not_found("no such account").into(),
        failure => crate::exit::refused(failure),
    }
}
