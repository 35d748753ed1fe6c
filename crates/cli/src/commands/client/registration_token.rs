//! `client registration-token create|list|revoke`.

use domain::{Actor, Id, Lifetime, RegistrationToken, RegistrationTokenDraft};
use protocol::registration_tokens::{self, RegistrationTokenRefused};
use serde_json::{Value, json};
use store::Failure;
use wire::zendesk::Date;

use super::{Call, context, user};
use crate::arguments::{
    ClientListArguments, RegistrationTokenCommand, RegistrationTokenCreateArguments,
    RegistrationTokenRevokeArguments,
};
use crate::exit::{Refusal, refused};
use crate::output::{Rows, say, say_once};

const COLUMNS: [&str; 7] =
    ["id", "label", "user_id", "token", "use_limit", "use_count", "expires_at"];

/// Does what was asked.
pub(super) async fn run(call: &Call, command: RegistrationTokenCommand) -> anyhow::Result<()> {
    match command {
        RegistrationTokenCommand::Create(arguments) => create(call, arguments).await,
        RegistrationTokenCommand::List(arguments) => list(call, arguments).await,
        RegistrationTokenCommand::Revoke(arguments) => revoke(call, arguments).await,
    }
}

async fn create(call: &Call, arguments: RegistrationTokenCreateArguments) -> anyhow::Result<()> {
    let (ctx, account) = context(call, &arguments.data, arguments.account.as_deref()).await?;
    let owner = user(&ctx, &account, &arguments.owner).await?;
    let draft = RegistrationTokenDraft {
        label: arguments.label,
        expires_in: arguments.expires_in.map(Lifetime::as_seconds),
        use_limit: arguments.use_limit,
        ..RegistrationTokenDraft::default()
    };
    let by = (Actor::Operator, owner.id);
    let made = registration_tokens::create(&ctx, &account, by, &draft).await;
    let (token, secret) = made.map_err(refused)?;
    say_once("token", &secret, call.format);
    let row = row(&token, json!(secret.expose()));
    Ok(Rows::single(&COLUMNS, row).print(call.format)?)
}

async fn list(call: &Call, arguments: ClientListArguments) -> anyhow::Result<()> {
    let (ctx, account) = context(call, &arguments.data, arguments.account.as_deref()).await?;
    let limit = i64::from(arguments.limit);
    let tokens = store::registration_tokens::by_number(&ctx.store, account.id, 0, limit).await?;
    let rows = tokens.iter().map(|token| row(token, json!(format!("{}…", token.hint))));
    Ok(Rows::list(&COLUMNS, rows.collect()).print(call.format)?)
}

async fn revoke(call: &Call, arguments: RegistrationTokenRevokeArguments) -> anyhow::Result<()> {
    let (ctx, account) = context(call, &arguments.data, arguments.account.as_deref()).await?;
    let missing = |failure: Failure<RegistrationTokenRefused>| match failure {
        Failure::Fault(fault) => fault.into(),
        Failure::Refused(refused) => anyhow::Error::from(Refusal::not_found(refused.to_string())),
    };
    let token = registration_tokens::show(&ctx, &account, Id::new(arguments.id)).await;
    let token = token.map_err(missing)?;
    registration_tokens::revoke(&ctx, Actor::Operator, &token).await.map_err(missing)?;
    say("the registration token is revoked; the clients that it registered stay");
    Ok(())
}

fn row(token: &RegistrationToken, shown: Value) -> Vec<Value> {
    vec![
        json!(token.id.get()),
        json!(token.label),
        json!(token.user_id.get()),
        shown,
        json!(token.use_limit),
        json!(token.use_count),
        json!(token.expires_at.map(Date::from)),
    ]
}
