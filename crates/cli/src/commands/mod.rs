//! The commands, one file each. They act on the database through the same functions as pages and API.

mod account;
mod apply;
mod client;
mod demo;
mod dev;
mod greeting;
mod key;
mod migrate;
mod ready;
mod serve;
mod user;

use std::path::PathBuf;

use domain::{Account, EmailAddress, User};
use protocol::Context;
use store::Store;

use crate::arguments::{Arguments, Command};
use crate::exit::Refusal;
use crate::log;
use crate::output::Format;
use crate::settings::{Flag, Settings, Sources};

/// What every command is told.
pub(crate) struct Call {
    config: Option<PathBuf>,
    format: Format,
}

impl Call {
    /// The settings, with the flags of the command.
    fn settings(&self, flags: Vec<Flag>) -> anyhow::Result<Settings> {
        let settings = Settings::load(Sources::of_process(self.config.clone(), flags))?;
        Ok(settings)
    }

    /// The settings of a command that ends by itself and says little.
    fn quiet_settings(&self, flags: Vec<Flag>) -> anyhow::Result<Settings> {
        let settings = self.settings(flags)?;
        log::start(&settings.log, "warn", settings.color);
        Ok(settings)
    }
}

/// Does what was asked.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let call = Call { config: arguments.config, format: arguments.output };
    match arguments.command {
        Command::Demo => Box::pin(demo::run(&call)).await,
        Command::Dev(arguments) => dev::run(&call, arguments).await,
        Command::Serve(arguments) => serve::run(&call, arguments).await,
        Command::Apply(arguments) => apply::run(&call, arguments).await,
        Command::Migrate(command) => migrate::run(&call, command).await,
        Command::Account(command) => account::run(&call, command).await,
        Command::User(command) => Box::pin(user::run(&call, command)).await,
        Command::Client(command) => client::run(&call, command).await,
        Command::Key(command) => key::run(&call, command).await,
        Command::Completion { shell } => completion(shell),
    }
}

fn completion(shell: clap_complete::Shell) -> anyhow::Result<()> {
    use clap::CommandFactory as _;
    use std::io::Write as _;
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "consentry", &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(())
}

/// The account that a command is about: the one named, or the only one.
async fn account(store: &Store, slug: Option<&str>) -> anyhow::Result<Account> {
    if let Some(slug) = slug {
        let account = store::accounts::by_slug(store, slug).await?;
        return account.ok_or_else(|| Refusal::not_found(format!("no account \"{slug}\"")).into());
    }
    let mut accounts = store::accounts::list(store, None, 2).await?;
    match (accounts.pop(), accounts.is_empty()) {
        (Some(account), true) => Ok(account),
        (Some(_), false) => {
            Err(Refusal::usage("there are several accounts: name one with --account").into())
        }
        (None, _) => Err(Refusal::not_found(
            "there is no account yet: `consentry serve` or `consentry apply` makes one",
        )
        .into()),
    }
}

/// The user of an account with this address.
async fn user(ctx: &Context, account: &Account, email: &str) -> anyhow::Result<User> {
    let parsed = email_address(email)?;
    let user = store::users::by_email(&ctx.store, account.id, &parsed.folded()).await?;
    let missing = || Refusal::not_found(format!("no user \"{email}\" in \"{}\"", account.slug));
    user.ok_or_else(|| missing().into())
}

fn email_address(email: &str) -> anyhow::Result<EmailAddress> {
    EmailAddress::parse(email)
        .map_err(|refused| Refusal::usage(format!("\"{email}\" {refused}")).into())
}
