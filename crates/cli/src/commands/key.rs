//! `key list|rotate|retire`.

use domain::{Account, Actor, Lifetime, SigningAlgorithm, SigningKey};
use protocol::Context;
use protocol::keys::{self, KeyRefused};
use serde_json::{Value, json};
use store::{Failure, signing_keys};
use wire::zendesk::Date;

use super::{Call, account};
use crate::arguments::{KeyCommand, KeyListArguments, KeyRotateArguments, KeysOfAccount, NamedKey};
use crate::exit::Refusal;
use crate::output::{Rows, say};
use crate::startup::{self, Missing};

const COLUMNS: [&str; 8] = [
    "kid",
    "algorithm",
    "state",
    "created_at",
    "current_at",
    "retiring_at",
    "retired_at",
    "due_at",
];

/// Does what was asked.
pub(super) async fn run(call: &Call, command: KeyCommand) -> anyhow::Result<()> {
    match command {
        KeyCommand::List(arguments) => list(call, arguments).await,
        KeyCommand::Rotate(arguments) => rotate(call, arguments).await,
        KeyCommand::Retire(arguments) => retire(call, arguments).await,
    }
}

async fn list(call: &Call, arguments: KeyListArguments) -> anyhow::Result<()> {
    let (ctx, account) = context(call, &arguments.keys).await?;
    let limit = i64::from(arguments.limit);
    let mut keys = if arguments.retired {
        signing_keys::by_number(&ctx.store, account.id, 0, limit).await?
    } else {
        signing_keys::list(&ctx.store, account.id).await?
    };
    keys.sort_by_key(SigningKey::rank);
    keys.truncate(arguments.limit as usize);
    print(call, &keys)
}

async fn rotate(call: &Call, arguments: KeyRotateArguments) -> anyhow::Result<()> {
    let (ctx, account) = context(call, &arguments.keys).await?;
    let algorithms = if arguments.algorithms.is_empty() {
        SigningAlgorithm::ALL.to_vec()
    } else {
        arguments.algorithms
    };
    let rotated = keys::rotate(&ctx, Actor::Operator, account.id, &algorithms).await;
    let rotation = rotated.map_err(refused)?;
    say(if rotation.is_new {
        "the JWKS shows them now; a running server lets them sign when they are due"
    } else {
        "the rotation was under way already"
    });
    print(call, &rotation.keys)
}

async fn retire(call: &Call, arguments: NamedKey) -> anyhow::Result<()> {
    let (ctx, account) = context(call, &arguments.keys).await?;
    let kid = &arguments.kid;
    let key = signing_keys::by_kid(&ctx.store, account.id, kid).await?;
    let missing = || Refusal::not_found(format!("no key \"{kid}\" in \"{}\"", account.slug));
    let id = key.ok_or_else(missing)?.id;
    let retired = keys::retire(&ctx, Actor::Operator, account.id, id).await;
    let retirement = retired.map_err(refused)?;
    say("nothing that the key signed counts any more, at every node within a second");
    if let Some(successor) = &retirement.successor {
        let minutes = minutes(ctx.policy.keys.max_age);
        let kid = &successor.kid;
        say(&format!("{kid} signs now; who keeps the JWKS learns of it within {minutes} minutes"));
    }
    print(call, &[retirement.key])
}

fn minutes(lifetime: Lifetime) -> i64 {
    lifetime.as_seconds() / 60
}

async fn context(call: &Call, keys: &KeysOfAccount) -> anyhow::Result<(Context, Account)> {
    let settings = call.quiet_settings(keys.data.flags())?;
    let ctx = startup::open(&settings, Missing::Refuse).await?;
    let account = account(&ctx.store, keys.account.as_deref()).await?;
    Ok((ctx, account))
}

fn print(call: &Call, keys: &[SigningKey]) -> anyhow::Result<()> {
    Ok(Rows::list(&COLUMNS, keys.iter().map(row).collect()).print(call.format)?)
}

fn row(key: &SigningKey) -> Vec<Value> {
    vec![
        json!(key.kid),
        json!(key.algorithm.as_str()),
        json!(key.state.as_str()),
        json!(Date::from(key.created_at)),
        json!(key.current_at.map(Date::from)),
        json!(key.retiring_at.map(Date::from)),
        json!(key.retired_at.map(Date::from)),
        json!(key.due_at.map(Date::from)),
    ]
}

fn refused(failure: Failure<KeyRefused>) -> anyhow::Error {
    match failure {
        Failure::Refused(KeyRefused::Unknown) => Refusal::not_found("no such key").into(),
        failure => crate::exit::refused(failure),
    }
}
