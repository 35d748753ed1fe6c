//! `user create|set-password|api-token|suspend`.

use domain::{Actor, Secret, User};
use protocol::Context;
use protocol::api_tokens::{self, NewApiToken};
use protocol::users::{self, NewUser};
use serde_json::{Value, json};

use super::{Call, account, email_address, user};
use crate::arguments::{
    NamedUser, PasswordArguments, UserApiTokenArguments, UserCommand, UserCreateArguments,
    UserSetPasswordArguments, UserSuspendArguments,
};
use crate::exit::{Refusal, refused};
use crate::output::{Rows, say, say_once};
use crate::secret_file;
use crate::startup::{self, Missing};

const COLUMNS: [&str; 7] = ["id", "account", "email", "name", "role", "operator", "password"];

const TOKEN_COLUMNS: [&str; 4] = ["id", "email", "label", "token"];

/// Does what was asked.
pub(super) async fn run(call: &Call, command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::Create(arguments) => create(call, arguments).await,
        UserCommand::SetPassword(arguments) => Box::pin(set_password(call, arguments)).await,
        UserCommand::ApiToken(arguments) => api_token(call, arguments).await,
        UserCommand::Suspend(arguments) => suspend(call, arguments).await,
    }
}

async fn create(call: &Call, arguments: UserCreateArguments) -> anyhow::Result<()> {
    let email = email_address(&arguments.user.email)?;
    let given = given_password(&arguments.password)?;
    let ctx = context(call, &arguments.user).await?;
    let account = account(&ctx.store, arguments.user.account.as_deref()).await?;
    let home = protocol::accounts::home(&ctx).await?;
    if arguments.operator && home.is_none_or(|home| home.id != account.id) {
        return Err(Refusal::invalid("operators belong to the first account").into());
    }
    let made = given.is_none().then(|| users::make_password(&ctx));
    let (before_at, _) = arguments.user.email.split_once('@').unwrap_or_default();
    let new = NewUser {
        account_id: account.id,
        email,
        name: arguments.name.unwrap_or_else(|| before_at.to_owned()),
        role: arguments.role.into(),
        operator_at: arguments.operator.then(|| ctx.now()),
        permissions: Vec::new(),
        password: given.or_else(|| made.clone()),
        claims: "{}".to_owned(),
    };
    let user = users::create(&ctx, Actor::Operator, new).await.map_err(refused)?;
    if let Some(password) = &made {
        say_once("password", password, call.format);
    }
    Ok(Rows::single(&COLUMNS, row(&account.slug, &user, made.as_ref())).print(call.format)?)
}

fn row(account: &str, user: &User, made_password: Option<&Secret>) -> Vec<Value> {
    vec![
        json!(user.id.get()),
        json!(account),
        json!(user.email.as_str()),
        json!(user.name),
        json!(user.role.as_str()),
        json!(user.operator_at.is_some()),
        json!(made_password.map(Secret::expose)),
    ]
}

async fn set_password(call: &Call, arguments: UserSetPasswordArguments) -> anyhow::Result<()> {
    let password = match given_password(&arguments.password)? {
        Some(password) => password,
        None => secret_file::from_stdin().map_err(Refusal::usage)?,
    };
    let (ctx, user) = named(call, &arguments.user).await?;
    users::set_password(&ctx, Actor::Operator, &user, password).await.map_err(refused)?;
    say("the password is set; sessions and refresh tokens of the user have ended");
    Ok(())
}

async fn api_token(call: &Call, arguments: UserApiTokenArguments) -> anyhow::Result<()> {
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
    Ok(Rows::single(&TOKEN_COLUMNS, row).print(call.format)?)
}

async fn suspend(call: &Call, arguments: UserSuspendArguments) -> anyhow::Result<()> {
    let (ctx, user) = named(call, &arguments.user).await?;
    let suspended_at = (!arguments.undo).then(|| ctx.now());
    users::suspend(&ctx, Actor::Operator, &user, suspended_at).await.map_err(refused)?;
    say(if arguments.undo { "the suspension has ended" } else { "the user is suspended" });
    Ok(())
}

async fn context(call: &Call, named: &NamedUser) -> anyhow::Result<Context> {
    let settings = call.quiet_settings(named.data.flags())?;
    startup::open(&settings, Missing::Refuse).await
}

async fn named(call: &Call, named: &NamedUser) -> anyhow::Result<(Context, User)> {
    let ctx = context(call, named).await?;
    let account = account(&ctx.store, named.account.as_deref()).await?;
    let user = user(&ctx, &account, &named.email).await?;
    Ok((ctx, user))
}

fn given_password(arguments: &PasswordArguments) -> anyhow::Result<Option<Secret>> {
    let password = match (&arguments.password_file, arguments.password_stdin) {
        (Some(path), _) => Some(secret_file::read(path)),
        (None, true) => Some(secret_file::from_stdin()),
        (None, false) => None,
    };
    Ok(password.transpose().map_err(Refusal::usage)?)
}
