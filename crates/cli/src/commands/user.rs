//! `user create|update|list|show|set-password|suspend|resume|delete`.

mod api_token;
mod claims;

use domain::{Account, Actor, Role, Secret, User, UserDraft};
use protocol::Context;
use protocol::users::{self, EditRefused, Editor, NewUser};
use serde_json::{Value, json};
use store::Failure;
use store::users::UserFilter;
use wire::zendesk::Date;

use super::{Call, account, email_address, user};
use crate::arguments::{
    DataArguments, NamedUser, PasswordArguments, UserCommand, UserCreateArguments,
    UserListArguments, UserSetPasswordArguments, UserSuspendArguments, UserUpdateArguments,
};
use crate::exit::{Refusal, refused};
use crate::output::{Rows, say, say_once};
use crate::secret_file;
use crate::startup::{self, Missing};

const COLUMNS: [&str; 7] = ["id", "account", "email", "name", "role", "operator", "password"];

const LIST_COLUMNS: [&str; 6] = ["id", "email", "name", "role", "suspended", "created_at"];

const SHOW_COLUMNS: [&str; 12] = [
    "id",
    "account",
    "email",
    "name",
    "role",
    "operator",
    "permissions",
    "suspended",
    "claims",
    "created_at",
    "updated_at",
    "last_login_at",
];

/// Does what was asked.
pub(super) async fn run(call: &Call, command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::Create(arguments) => create(call, arguments).await,
        UserCommand::Update(arguments) => Box::pin(update(call, arguments)).await,
        UserCommand::SetPassword(arguments) => Box::pin(set_password(call, arguments)).await,
        UserCommand::List(arguments) => list(call, arguments).await,
        UserCommand::Show(arguments) => show(call, arguments).await,
        UserCommand::ApiToken(arguments) => api_token::create(call, arguments).await,
        UserCommand::ApiTokens(arguments) => api_token::list(call, arguments).await,
        UserCommand::RevokeApiToken(arguments) => {
            Box::pin(api_token::revoke(call, arguments)).await
        }
        UserCommand::Suspend(arguments) => suspend(call, arguments).await,
        UserCommand::Resume(user) => suspend(call, UserSuspendArguments { user, undo: true }).await,
        UserCommand::Delete(arguments) => delete(call, arguments).await,
    }
}

async fn create(call: &Call, arguments: UserCreateArguments) -> anyhow::Result<()> {
    let email = email_address(&arguments.user.email)?;
    let given = given_password(&arguments.password)?;
    let claims = claims::changed("{}", &arguments.claims)?;
    let ctx = context(call, &arguments.user.data).await?;
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
        claims,
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

async fn update(call: &Call, arguments: UserUpdateArguments) -> anyhow::Result<()> {
    let (ctx, account, user) = found(call, &arguments.user).await?;
    let claims = claims::changed(&user.claims, &arguments.claims)?;
    let edit = |draft: &mut UserDraft| {
        if let Some(name) = &arguments.name {
            draft.name.clone_from(name);
        }
        if let Some(role) = arguments.role {
            Role::from(role).as_str().clone_into(&mut draft.role);
        }
        draft.claims.clone_from(&claims);
    };
    let edited = users::edit(&ctx, &account, Editor::COMMAND_LINE, user.id, edit).await;
    let user = edited.map_err(not_edited)?;
    print(call, &account, &user)
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

async fn suspend(call: &Call, arguments: UserSuspendArguments) -> anyhow::Result<()> {
    let (ctx, user) = named(call, &arguments.user).await?;
    let suspended_at = (!arguments.undo).then(|| ctx.now());
    users::suspend(&ctx, Actor::Operator, &user, suspended_at).await.map_err(refused)?;
    say(if arguments.undo { "the suspension has ended" } else { "the user is suspended" });
    Ok(())
}

async fn delete(call: &Call, arguments: NamedUser) -> anyhow::Result<()> {
    let (ctx, account, user) = found(call, &arguments).await?;
    let deleted = users::delete(&ctx, &account, Editor::COMMAND_LINE, user.id).await;
    deleted.map_err(not_edited)?;
    say("the user is deleted, and everything of his has ended");
    Ok(())
}

fn not_edited(failure: Failure<EditRefused>) -> anyhow::Error {
    match failure {
        Failure::Fault(fault) => fault.into(),
        Failure::Refused(EditRefused::Invalid(faults)) => {
            let lines: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
            Refusal::invalid(lines.join("\n")).into()
        }
        Failure::Refused(_) => Refusal::not_found("no such user").into(),
    }
}

async fn list(call: &Call, arguments: UserListArguments) -> anyhow::Result<()> {
    let ctx = context(call, &arguments.data).await?;
    let account = account(&ctx.store, arguments.account.as_deref()).await?;
    let filter = UserFilter { role: arguments.role.map(Into::into), email: None };
    let limit = i64::from(arguments.limit);
    let users = store::users::by_number(&ctx.store, account.id, &filter, 0, limit).await?;
    let rows = users.iter().map(|user| {
        vec![
            json!(user.id.get()),
            json!(user.email.as_str()),
            json!(user.name),
            json!(user.role.as_str()),
            json!(!user.is_active()),
            json!(Date::from(user.created_at)),
        ]
    });
    Ok(Rows::list(&LIST_COLUMNS, rows.collect()).print(call.format)?)
}

async fn show(call: &Call, arguments: NamedUser) -> anyhow::Result<()> {
    let (_, account, user) = found(call, &arguments).await?;
    print(call, &account, &user)
}

fn print(call: &Call, account: &Account, user: &User) -> anyhow::Result<()> {
    let claims: Value = serde_json::from_str(&user.claims).unwrap_or_default();
    let row = vec![
        json!(user.id.get()),
        json!(account.slug),
        json!(user.email.as_str()),
        json!(user.name),
        json!(user.role.as_str()),
        json!(user.operator_at.is_some()),
        json!(user.permissions),
        json!(!user.is_active()),
        claims,
        json!(Date::from(user.created_at)),
        json!(Date::from(user.updated_at)),
        json!(user.last_login_at.map(Date::from)),
    ];
    Ok(Rows::single(&SHOW_COLUMNS, row).print(call.format)?)
}

async fn context(call: &Call, data: &DataArguments) -> anyhow::Result<Context> {
    let settings = call.quiet_settings(data.flags())?;
    startup::open(&settings, Missing::Refuse).await
}

async fn named(call: &Call, named: &NamedUser) -> anyhow::Result<(Context, User)> {
    let (ctx, _, user) = found(call, named).await?;
    Ok((ctx, user))
}

async fn found(call: &Call, named: &NamedUser) -> anyhow::Result<(Context, Account, User)> {
    let ctx = context(call, &named.data).await?;
    let account = account(&ctx.store, named.account.as_deref()).await?;
    let user = user(&ctx, &account, &named.email).await?;
    Ok((ctx, account, user))
}

fn given_password(arguments: &PasswordArguments) -> anyhow::Result<Option<Secret>> {
    let password = match (&arguments.password_file, arguments.password_stdin) {
        (Some(path), _) => Some(secret_file::read(path)),
        (None, true) => Some(secret_file::from_stdin()),
        (None, false) => None,
    };
    Ok(password.transpose().map_err(Refusal::usage)?)
}
