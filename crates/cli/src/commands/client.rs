//! `client create|list|show|rotate-secret|delete`, and what the operator decides of global clients.

mod global;
mod metadata;
mod registration_token;

use domain::{
    Account, Actor, Client, ClientDraft, ClientId, ClientKind, RedirectUri, ScopeSet, Secret,
};
use protocol::Context;
use protocol::clients::{self, ClientRefused, Maker, OperatorDraft};
use serde_json::{Value, json};
use store::Failure;
use wire::zendesk::Date;

use super::{Call, account, user};
use crate::arguments::{
    ClientCommand, ClientCreateArguments, ClientListArguments, ClientUpdateArguments,
    DataArguments, NamedClient,
};
use crate::exit::Refusal;
use crate::output::{Rows, say, say_once};
use crate::secret_file;
use crate::startup::{self, Missing};

const COLUMNS: [&str; 12] = [
    "id",
    "identifier",
    "name",
    "kind",
    "account",
    "global",
    "state",
    "redirect_uris",
    "scopes",
    "user_id",
    "created_at",
    "secret",
];

/// The columns of a list: no secret, and only as much as fits on a line.
const LIST_COLUMNS: [&str; 6] = ["id", "identifier", "name", "kind", "account", "created_at"];

/// Does what was asked.
pub(super) async fn run(call: &Call, command: ClientCommand) -> anyhow::Result<()> {
    match command {
        ClientCommand::Create(arguments) => create(call, *arguments).await,
        ClientCommand::List(arguments) => list(call, arguments).await,
        ClientCommand::Show(arguments) => show(call, arguments).await,
        ClientCommand::RotateSecret(arguments) => rotate_secret(call, arguments).await,
        ClientCommand::Requests(arguments) => global::pending(call, arguments).await,
        ClientCommand::Promote(arguments) => global::promote(call, arguments).await,
        ClientCommand::Refuse(arguments) => Box::pin(global::refuse(call, arguments)).await,
        ClientCommand::Demote(arguments) => global::demote(call, arguments).await,
        ClientCommand::Delete(arguments) => delete(call, arguments).await,
        ClientCommand::Update(arguments) => Box::pin(update(call, arguments)).await,
        ClientCommand::RegistrationToken(command) => {
            Box::pin(registration_token::run(call, command)).await
        }
    }
}

async fn create(call: &Call, arguments: ClientCreateArguments) -> anyhow::Result<()> {
    let imported = imported_secret(&arguments)?;
    let (ctx, account) = context(call, &arguments.data, arguments.account.as_deref()).await?;
    let owner = user(&ctx, &account, &arguments.owner).await?;
    let is_imported = imported.is_some();
    let scopes = Some(arguments.scopes).filter(|scopes| !scopes.is_empty());
    let said = metadata::read(&arguments.metadata)?;
    let mut draft = ClientDraft {
        name: arguments.name,
        identifier: arguments.identifier,
        company: arguments.company,
        description: arguments.description,
        kind: Some(ClientKind::from(arguments.kind).as_str().to_owned()),
        redirect_uris: arguments.redirect_uris,
        scopes,
        ..ClientDraft::default()
    };
    said.put_into(&mut draft);
    let maker = Maker { actor: Actor::Operator, owner: owner.id };
    let made = clients::create(&ctx, &account, maker, &draft, imported).await.map_err(refused)?;
    let shown = (!is_imported).then_some(&made.secret);
    print_with_secret(call, &account, &made.client, shown)
}

fn imported_secret(arguments: &ClientCreateArguments) -> anyhow::Result<Option<Secret>> {
    let secret = match (&arguments.secret_file, arguments.secret_stdin) {
        (Some(path), _) => Some(secret_file::read(path)),
        (None, true) => Some(secret_file::from_stdin()),
        (None, false) => None,
    };
    let secret = secret.transpose().map_err(Refusal::usage)?;
    match secret {
        Some(secret) if !protocol::apply::is_importable(&secret) => Err(Refusal::invalid(
            "the secret cannot be imported: use 16 to 255 of A-Z a-z 0-9 . _ ~ -",
        )
        .into()),
        secret => Ok(secret),
    }
}

async fn list(call: &Call, arguments: ClientListArguments) -> anyhow::Result<()> {
    let (ctx, account) = context(call, &arguments.data, arguments.account.as_deref()).await?;
    let limit = i64::from(arguments.limit);
    let clients = store::clients::list(&ctx.store, account.id, None, 0, limit).await?;
    let rows = clients.iter().map(|client| {
        vec![
            json!(client.id.get()),
            json!(client.identifier.as_str()),
            json!(client.name),
            json!(client.kind.as_str()),
            json!(account.slug),
            json!(Date::from(client.created_at)),
        ]
    });
    Ok(Rows::list(&LIST_COLUMNS, rows.collect()).print(call.format)?)
}

async fn show(call: &Call, arguments: NamedClient) -> anyhow::Result<()> {
    let (_, account, client) = named(call, &arguments).await?;
    let hint = client.newest_secret().map(|secret| format!("{}…", secret.hint));
    Ok(Rows::single(&COLUMNS, row(&account, &client, json!(hint))).print(call.format)?)
}

async fn rotate_secret(call: &Call, arguments: NamedClient) -> anyhow::Result<()> {
    let (ctx, account, client) = named(call, &arguments).await?;
    let made = clients::generate_secret_as_operator(&ctx, &client).await.map_err(refused)?;
    say("every other secret of the client has ended; live tokens stay valid");
    print_with_secret(call, &account, &made.client, Some(&made.secret))
}

async fn update(call: &Call, arguments: ClientUpdateArguments) -> anyhow::Result<()> {
    let said = metadata::read(&arguments.metadata)?;
    if said.is_empty() {
        return Err(
            Refusal::usage("nothing to change: say what with --set, --auth-method …").into()
        );
    }
    let (ctx, account, client) = named(call, &arguments.client).await?;
    let edit = |wanted: &mut OperatorDraft| said.put_into(&mut wanted.draft);
    let changed = clients::update_as_operator(&ctx, &account, client.id, edit).await;
    print_with_secret(call, &account, &changed.map_err(refused)?, None)
}

async fn delete(call: &Call, arguments: NamedClient) -> anyhow::Result<()> {
    let (ctx, _, client) = named(call, &arguments).await?;
    clients::delete_as_operator(&ctx, &client).await.map_err(refused)?;
    say("all that was issued to the client has ended");
    Ok(())
}

fn print_with_secret(
    call: &Call,
    account: &Account,
    client: &Client,
    secret: Option<&Secret>,
) -> anyhow::Result<()> {
    if let Some(secret) = secret {
        say_once("secret", secret, call.format);
    }
    let row = row(account, client, json!(secret.map(Secret::expose)));
    Ok(Rows::single(&COLUMNS, row).print(call.format)?)
}

fn row(account: &Account, client: &Client, secret: Value) -> Vec<Value> {
    let uris: Vec<&str> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
    vec![
        json!(client.id.get()),
        json!(client.identifier.as_str()),
        json!(client.name),
        json!(client.kind.as_str()),
        json!(account.slug),
        json!(client.global_at.is_some()),
        json!(client.state.as_str()),
        json!(uris),
        json!(client.scopes.as_ref().map(ScopeSet::to_vec)),
        json!(client.user_id.get()),
        json!(Date::from(client.created_at)),
        secret,
    ]
}

async fn context(
    call: &Call,
    data: &DataArguments,
    slug: Option<&str>,
) -> anyhow::Result<(Context, Account)> {
    let settings = call.quiet_settings(data.flags())?;
    let ctx = startup::open(&settings, Missing::Refuse).await?;
    let account = account(&ctx.store, slug).await?;
    Ok((ctx, account))
}

/// The client that is named by its identifier, or by its id.
async fn named(call: &Call, arguments: &NamedClient) -> anyhow::Result<(Context, Account, Client)> {
    let (ctx, account) = context(call, &arguments.data, arguments.account.as_deref()).await?;
    let name = &arguments.client;
    let client = if let Ok(id) = name.parse() {
        store::clients::show(&ctx.store, account.id, ClientId::new(id)).await?
    } else {
        let folded = name.to_ascii_lowercase();
        store::clients::by_identifier(&ctx.store, account.id, &folded).await?
    };
    match client {
        Some(client) => Ok((ctx, account, client)),
        None => {
            Err(Refusal::not_found(format!("no client \"{name}\" in \"{}\"", account.slug)).into())
        }
    }
}

fn refused(failure: Failure<ClientRefused>) -> anyhow::Error {
    match failure {
        Failure::Fault(fault) => fault.into(),
        Failure::Refused(ClientRefused::Unknown) => Refusal::not_found("no such client").into(),
        Failure::Refused(ClientRefused::OwnerUnknown) => {
            Refusal::not_found("no such user to own the client").into()
        }
        Failure::Refused(ClientRefused::Global) => {
            Refusal::invalid("the client is global: not this account's to change").into()
        }
        Failure::Refused(ClientRefused::Invalid(faults)) => {
            let lines: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
            Refusal::invalid(lines.join("\n")).into()
        }
    }
}
