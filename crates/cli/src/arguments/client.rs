//! What can be typed after `consentry client`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::ClientKind;

use super::DataArguments;

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
    /// List the clients that accounts ask to make global, oldest first
    Requests(ClientRequestsArguments),
    /// Let a client work in every account, asked for or not
    Promote(NamedClient),
    /// Refuse to make a client global, and say why
    Refuse(ClientRefuseArguments),
    /// Make a global client its account's own again; what other accounts allowed it ends
    Demote(NamedClient),
    /// Delete a client, a global one too: all that was issued to it ends in every account
    Delete(NamedClient),
}

/// Arguments of `client requests`.
#[derive(Debug, Args)]
pub(crate) struct ClientRequestsArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// At most this many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
}

/// Arguments of `client refuse`.
#[derive(Debug, Args)]
pub(crate) struct ClientRefuseArguments {
    #[command(flatten)]
    pub(crate) client: NamedClient,
    /// What those who asked are told
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
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
