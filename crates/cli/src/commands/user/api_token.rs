//! `user api-token|api-tokens|revoke-api-token`.

use domain::{Actor, Id};
use protocol::api_tokens::{self, ApiTokenRefused, NewApiToken};
use serde_json::json;
use store::Failure;
use wire::zendesk::Date;

use super::{Call, named};
use crate::arguments::{NamedUser, UserApiTokenArguments, UserRevokeApiTokenArguments};
use crate::exit::{Refusal, refused};
use crate::output::{Rows, say, say_once};

const COLUMNS: [&str; 4] = ["id", "email", "label", "token"];

const LIST_COLUMNS: [&str; 5] = ["id", "label", "token", "created_at", "last_used_at"];

/// More than a user may have.
const LIMIT: i64 = 1_000;

pub(super) async fn create(call: &Call, arguments: UserApiTokenArguments) -> anyhow::Result<()> {
    let (ctx, user) = named(call, &arguments.user).await?;
    let new = NewApiToken {
        account_id: user.account_id,
        user_id: user.id,
        label: arguments.label,
        token: None,
    };
    let (made, token) = api_tokens::create(&ctx, Actor::Operator, new).await.map_err(refused)?;
    say_once("token", &token, call.format);
    let row = vec![
        json!(made.id.get()),
        json!(user.email.as_str()),
        json!(made.label),
        json!(token.expose()),
    ];
    Ok(Rows::single(&COLUMNS, row).print(call.format)?)
}

pub(super) async fn list(call: &Call, arguments: NamedUser) -> anyhow::Result<()> {
    let (ctx, user) = named(call, &arguments).await?;
    let (account_id, user_id) = (user.account_id, Some(user.id));
    let tokens = store::api_tokens::by_number(&ctx.store, account_id, user_id, 0, LIMIT).await?;
    let rows = tokens.iter().map(|token| {
        vec![
            json!(token.id.get()),
            json!(token.label),
            json!(format!("{}…", token.hint)),
            json!(Date::from(token.created_at)),
            json!(token.used_at.map(Date::from)),
        ]
    });
    Ok(Rows::list(&LIST_COLUMNS, rows.collect()).print(call.format)?)
}

pub(super) async fn revoke(
    call: &Call,
    arguments: UserRevokeApiTokenArguments,
) -> anyhow::Result<()> {
    let (ctx, user) = named(call, &arguments.user).await?;
    let missing = |failure: Failure<ApiTokenRefused>| match failure {
        Failure::Fault(fault) => fault.into(),
        Failure::Refused(refused) => anyhow::Error::from(Refusal::not_found(refused.to_string())),
    };
    let id = Id::new(arguments.id);
    let token =
        api_tokens::show(&ctx, user.account_id, id, Some(user.id)).await.map_err(missing)?;
    api_tokens::revoke(&ctx, Actor::Operator, &token).await.map_err(missing)?;
    say("the API token is revoked");
    Ok(())
}
