//! What can be typed after `consentry`.

mod account;
mod client;
mod key;
mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::output::Format;
use crate::settings::Flag;

pub(crate) use account::{
    AccountCommand, AccountCreateArguments, AccountListArguments, AccountSettingsArguments,
    AccountUpdateArguments, NamedAccount, Volume,
};
pub(crate) use client::{
    ClientCommand, ClientCreateArguments, ClientListArguments, ClientRefuseArguments,
    ClientRequestsArguments, ClientUpdateArguments, MetadataArguments, NamedClient,
    RegistrationTokenCommand, RegistrationTokenCreateArguments, RegistrationTokenRevokeArguments,
};
pub(crate) use key::{KeyCommand, KeyListArguments, KeyRotateArguments, KeysOfAccount, NamedKey};
pub(crate) use user::{
    NamedUser, PasswordArguments, UserApiTokenArguments, UserCommand, UserCreateArguments,
    UserListArguments, UserRevokeApiTokenArguments, UserSetPasswordArguments, UserSuspendArguments,
    UserUpdateArguments,
};

/// The self-hosted OAuth app platform
#[derive(Debug, Parser)]
#[command(name = "consentry", version, propagate_version = true, subcommand_required = true)]
pub(crate) struct Arguments {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,
    /// The file of settings (default: consentry.toml in the working directory, if it is there)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How data is printed
    #[arg(short, long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: Format,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the main job from start to finish on a throw-away database
    Demo,
    /// Run a throw-away instance to click through and to test against
    Dev(DevArguments),
    /// Run in production: SQLite in ./data unless told otherwise
    Serve(ServeArguments),
    /// Create and update what a file declares; nothing is ever deleted
    Apply(ApplyArguments),
    /// Look after the database's schema
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// Look after accounts (tenants)
    #[command(subcommand)]
    Account(AccountCommand),
    /// Look after users
    #[command(subcommand)]
    User(UserCommand),
    /// Look after clients (apps)
    #[command(subcommand)]
    Client(ClientCommand),
    /// Look after the keys that tokens are signed with
    #[command(subcommand)]
    Key(KeyCommand),
    /// Print a completion script for a shell
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Where the data is.
#[derive(Debug, Default, Args)]
pub(crate) struct DataArguments {
    /// The directory for the SQLite database and the master key (default: data)
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// The database: `postgres://user@host/name` or `sqlite:FILE`
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// What `dev` and `serve` share.
#[derive(Debug, Default, Args)]
pub(crate) struct ServerArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The address to listen on (default: 127.0.0.1:8080)
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The address of the operators' listener (default: 127.0.0.1:9090)
    #[arg(long, value_name = "ADDRESS")]
    management_listen: Option<String>,
    /// The address that people and clients use (default: localhost, port of --listen, https if TLS)
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The certificate chain for TLS, PEM
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<String>,
    /// The certificate's private key, PEM
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
}

/// Arguments of `dev`.
#[derive(Debug, Default, Args)]
pub(crate) struct DevArguments {
    #[command(flatten)]
    pub(crate) server: ServerArguments,
    /// What to start with instead of the built-in seed; the format of `apply`
    #[arg(long, value_name = "FILE")]
    pub(crate) seed: Option<PathBuf>,
    /// Print one JSON object as the first line when requests are answered
    #[arg(long)]
    pub(crate) json: bool,
    /// Keep the limits on how much is asked
    #[arg(long)]
    pub(crate) rate_limits: bool,
    /// A private network that outbound requests may reach; may be repeated
    #[arg(long, value_name = "CIDR")]
    allow_outbound: Vec<String>,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    server: ServerArguments,
    /// A proxy whose forwarding headers count; may be repeated
    #[arg(long, value_name = "CIDR")]
    trusted_proxies: Vec<String>,
    /// A private network that outbound requests may reach; may be repeated
    #[arg(long, value_name = "CIDR")]
    allow_outbound: Vec<String>,
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
pub(crate) struct ApplyArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// Print the plan and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// What {origin} stands for (default: `http://localhost:8080`)
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The file
    pub(crate) file: PathBuf,
}

/// What can be done with the schema.
#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// List the migrations and which of them were applied
    Status(DataArguments),
    /// Apply what is pending
    Up(DataArguments),
}

impl DataArguments {
    /// As settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        flags([
            ("data_dir", "--data-dir", &self.data_dir),
            ("database.url", "--database-url", &self.database_url),
        ])
    }
}

impl ServerArguments {
    /// As settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let mut all = self.data.flags();
        all.extend(flags([
            ("server.listen", "--listen", &self.listen),
            ("server.management_listen", "--management-listen", &self.management_listen),
            ("server.public_url", "--public-url", &self.public_url),
            ("server.tls_cert", "--tls-cert", &self.tls_cert),
            ("server.tls_key", "--tls-key", &self.tls_key),
        ]));
        all
    }
}

impl DevArguments {
    /// As settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let own = list_flag("outbound.allow", "--allow-outbound", &self.allow_outbound);
        self.server.flags().into_iter().chain(own).collect()
    }
}

impl ServeArguments {
    /// As settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let own = [
            list_flag("server.trusted_proxies", "--trusted-proxies", &self.trusted_proxies),
            list_flag("outbound.allow", "--allow-outbound", &self.allow_outbound),
        ];
        self.server.flags().into_iter().chain(own.into_iter().flatten()).collect()
    }
}

impl ApplyArguments {
    /// As settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let own = flags([("server.public_url", "--public-url", &self.public_url)]);
        self.data.flags().into_iter().chain(own).collect()
    }
}

fn flags<const N: usize>(given: [(&'static str, &'static str, &Option<String>); N]) -> Vec<Flag> {
    given
        .into_iter()
        .filter_map(|(key, name, value)| {
            value.clone().map(|value| Flag { key, name, values: vec![value] })
        })
        .collect()
}

fn list_flag(key: &'static str, name: &'static str, values: &[String]) -> Option<Flag> {
    (!values.is_empty()).then(|| Flag { key, name, values: values.to_vec() })
}
