//! What can be typed after `consentry client`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::{ClientKind, Lifetime};

use super::DataArguments;
use crate::document::parse_lifetime;

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
    /// Change what a client says of itself: its OpenID Connect metadata
    Update(ClientUpdateArguments),
    /// Let clients register by themselves with an initial access token
    #[command(subcommand)]
    RegistrationToken(RegistrationTokenCommand),
}

/// Arguments of `client update`.
#[derive(Debug, Args)]
pub(crate) struct ClientUpdateArguments {
    #[command(flatten)]
    pub(crate) client: NamedClient,
    #[command(flatten)]
    pub(crate) metadata: MetadataArguments,
}

/// What is said of a client beyond what its kind decides.
#[derive(Debug, Default, Args)]
pub(crate) struct MetadataArguments {
    /// How it authenticates, such as `private_key_jwt`
    #[arg(long = "auth-method", value_name = "METHOD")]
    pub(crate) authentication_method: Option<String>,
    /// Where a signed-out browser may be sent; may be repeated
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    pub(crate) post_logout_redirect_uris: Vec<String>,
    /// A member of the metadata, such as `jwks_uri=https://app.example/jwks.json`; lists and
    /// objects as JSON, nothing for the default; may be repeated
    #[arg(long = "set", value_name = "MEMBER=VALUE")]
    pub(crate) members: Vec<String>,
}

/// What can be done with initial access tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum RegistrationTokenCommand {
    /// Make an initial access token and print it once
    Create(RegistrationTokenCreateArguments),
    /// List an account's initial access tokens
    List(ClientListArguments),
    /// Revoke an initial access token; the clients that it registered stay
    Revoke(RegistrationTokenRevokeArguments),
}

/// Arguments of `client registration-token create`.
#[derive(Debug, Args)]
pub(crate) struct RegistrationTokenCreateArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The account's slug; may be left out if there is only one
    #[arg(long, value_name = "SLUG")]
    pub(crate) account: Option<String>,
    /// What it is for
    #[arg(long)]
    pub(crate) label: String,
    /// The e-mail address of the admin to whom the clients will belong
    #[arg(long, value_name = "EMAIL")]
    pub(crate) owner: String,
    /// How many clients it may register (default: any number)
    #[arg(long, value_name = "NUMBER")]
    pub(crate) use_limit: Option<i64>,
    /// When it ends, such as `7d` (default: when it is revoked)
    #[arg(long, value_name = "DURATION", value_parser = lifetime)]
    pub(crate) expires_in: Option<Lifetime>,
}

/// Arguments of `client registration-token revoke`.
#[derive(Debug, Args)]
pub(crate) struct RegistrationTokenRevokeArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The account's slug; may be left out if there is only one
    #[arg(long, value_name = "SLUG")]
    pub(crate) account: Option<String>,
    /// The id of the token
    pub(crate) id: i64,
}

fn lifetime(text: &str) -> Result<Lifetime, String> {
    parse_lifetime(text).ok_or_else(|| "write a number and s, m, h or d, like 7d".to_owned())
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
    #[command(flatten)]
    pub(crate) metadata: MetadataArguments,
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
