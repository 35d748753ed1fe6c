//! What can be typed after `consentry`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{ClientKind, Role};

use crate::output::Format;
use crate::settings::Flag;

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
    /// Look after users
    #[command(subcommand)]
    User(UserCommand),
    /// Look after clients (apps)
    #[command(subcommand)]
    Client(ClientCommand),
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

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user; without a password given, one is made and printed once
    Create(UserCreateArguments),
    /// Set a password; the user's sessions and refresh tokens end
    SetPassword(UserSetPasswordArguments),
    /// Make an API token that acts as a user, and print it once
    ApiToken(UserApiTokenArguments),
    /// Suspend a user: everything of his ends at once
    Suspend(UserSuspendArguments),
}

/// A user of an account.
#[derive(Debug, Args)]
pub(crate) struct NamedUser {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The account's slug; may be left out if there is only one
    #[arg(long, value_name = "SLUG")]
    pub(crate) account: Option<String>,
    /// The e-mail address
    pub(crate) email: String,
}

/// Where a password comes from; never the command line itself.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct PasswordArguments {
    /// Read the password from a file
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Read the password from standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// Arguments of `user create`.
#[derive(Debug, Args)]
pub(crate) struct UserCreateArguments {
    #[command(flatten)]
    pub(crate) user: NamedUser,
    #[command(flatten)]
    pub(crate) password: PasswordArguments,
    /// The full name (default: the address before the @)
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What the user may do in the account
    #[arg(long, value_enum, default_value_t = RoleArgument::EndUser)]
    pub(crate) role: RoleArgument,
    /// Let the user run the platform; only in the first account
    #[arg(long)]
    pub(crate) operator: bool,
}

/// Arguments of `user set-password`.
#[derive(Debug, Args)]
pub(crate) struct UserSetPasswordArguments {
    #[command(flatten)]
    pub(crate) user: NamedUser,
    #[command(flatten)]
    pub(crate) password: PasswordArguments,
}

/// Arguments of `user api-token`.
#[derive(Debug, Args)]
pub(crate) struct UserApiTokenArguments {
    #[command(flatten)]
    pub(crate) user: NamedUser,
    /// What the token is for
    #[arg(long)]
    pub(crate) label: String,
}

/// Arguments of `user suspend`.
#[derive(Debug, Args)]
pub(crate) struct UserSuspendArguments {
    #[command(flatten)]
    pub(crate) user: NamedUser,
    /// End the suspension instead
    #[arg(long)]
    pub(crate) undo: bool,
}

/// A role as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleArgument {
    /// Uses apps
    #[value(alias = "end_user")]
    EndUser,
    /// Works for the account
    Agent,
    /// Decides for the account
    Admin,
}

impl From<RoleArgument> for Role {
    fn from(role: RoleArgument) -> Self {
        match role {
            RoleArgument::EndUser => Self::EndUser,
            RoleArgument::Agent => Self::Agent,
            RoleArgument::Admin => Self::Admin,
        }
    }
}

/// What can be done with clients.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Make a client and print its secret once
    Create(Box<ClientCreateArguments>),
    /// List an account's own clients, without global ones
    List(ClientListArguments),
    /// Show one client
    Show(NamedClient),
    /// End every secret of a client, a global one too, and print a new one once
    RotateSecret(NamedClient),
}

/// Arguments of `client list`.
#[derive(Debug, Args)]
pub(crate) struct ClientListArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The account's slug; may be left out if there is only one
    #[arg(long, value_name = "SLUG")]
    pub(crate) account: Option<String>,
    /// At most this many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
}

/// A client of an account.
#[derive(Debug, Args)]
pub(crate) struct NamedClient {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The account's slug; may be left out if there is only one
    #[arg(long, value_name = "SLUG")]
    pub(crate) account: Option<String>,
    /// The identifier (the OAuth `client_id`) or the id
    pub(crate) client: String,
}

/// Arguments of `client create`.
#[derive(Debug, Args)]
pub(crate) struct ClientCreateArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The account's slug; may be left out if there is only one
    #[arg(long, value_name = "SLUG")]
    pub(crate) account: Option<String>,
    /// The identifier: the OAuth `client_id`
    pub(crate) identifier: String,
    /// The name on the consent page
    #[arg(long)]
    pub(crate) name: String,
    /// The owner's e-mail address
    #[arg(long, value_name = "EMAIL")]
    pub(crate) owner: String,
    /// Whether it can keep a secret
    #[arg(long, value_enum)]
    pub(crate) kind: KindArgument,
    /// The company on the consent page
    #[arg(long)]
    pub(crate) company: Option<String>,
    /// The description on the consent page
    #[arg(long)]
    pub(crate) description: Option<String>,
    /// Where codes may be sent; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    pub(crate) redirect_uris: Vec<String>,
    /// A scope that it may ask for; may be repeated (default: any)
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
    /// Import the secret from a file instead of making one
    #[arg(long, value_name = "FILE", conflicts_with = "secret_stdin")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Import the secret from standard input instead of making one
    #[arg(long)]
    pub(crate) secret_stdin: bool,
}

/// A kind of client as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindArgument {
    /// Software on a server
    Confidential,
    /// A browser or native app
    Public,
}

impl From<KindArgument> for ClientKind {
    fn from(kind: KindArgument) -> Self {
        match kind {
            KindArgument::Confidential => Self::Confidential,
            KindArgument::Public => Self::Public,
        }
    }
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
        let own = list_flag("server.trusted_proxies", "--trusted-proxies", &self.trusted_proxies);
        self.server.flags().into_iter().chain(own).collect()
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
