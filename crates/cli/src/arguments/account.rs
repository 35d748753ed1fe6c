//! What can be typed after `consentry account`.

use clap::{Args, Subcommand};
use domain::Lifetime;

use super::DataArguments;
use crate::document::parse_lifetime;

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account; a running server answers for it within a second
    Create(Box<AccountCreateArguments>),
    /// List the accounts
    List(AccountListArguments),
    /// Show one account
    Show(NamedAccount),
    /// Change an account; what is not said stays
    Update(Box<AccountUpdateArguments>),
    /// Suspend an account: nobody is served, and its tokens and sessions end for good
    Suspend(NamedAccount),
    /// End a suspension
    Resume(NamedAccount),
}

/// An account.
#[derive(Debug, Args)]
pub(crate) struct NamedAccount {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The slug: 1 to 63 of a-z, 0-9 and -, with no - first or last
    pub(crate) slug: String,
}

/// Arguments of `account create`.
#[derive(Debug, Args)]
pub(crate) struct AccountCreateArguments {
    #[command(flatten)]
    pub(crate) account: NamedAccount,
    /// Where it answers, such as `https://*.example.com`: a * stands for the slug; may be repeated
    #[arg(long = "base-url", value_name = "URL", required = true)]
    pub(crate) base_urls: Vec<String>,
    #[command(flatten)]
    pub(crate) settings: AccountSettingsArguments,
}

/// Arguments of `account update`.
#[derive(Debug, Args)]
pub(crate) struct AccountUpdateArguments {
    #[command(flatten)]
    pub(crate) account: NamedAccount,
    /// Where it answers instead, the issuer first; may be repeated
    #[arg(long = "base-url", value_name = "URL")]
    pub(crate) base_urls: Vec<String>,
    #[command(flatten)]
    pub(crate) settings: AccountSettingsArguments,
}

/// What an account may set.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct AccountSettingsArguments {
    /// What people call it (default: the slug)
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Whether consent that was given once is remembered (default: remember)
    #[arg(long, value_parser = ["remember", "always"])]
    pub(crate) consent: Option<String>,
    /// Who must use PKCE (default: `public_clients`)
    #[arg(long, value_parser = ["public_clients", "all_clients"])]
    pub(crate) pkce: Option<String>,
    /// How long a repeated refresh returns the same pair, 0s to 60s (default: 30s)
    #[arg(long, value_name = "DURATION", value_parser = lifetime)]
    pub(crate) refresh_grace: Option<Lifetime>,
    /// Whether API tokens are accepted (default: allowed)
    #[arg(long, value_parser = ["allowed", "refused"])]
    pub(crate) api_tokens: Option<String>,
    /// Whether tokens that were asked for without a lifetime end, too (default: always)
    #[arg(long, value_parser = ["always", "legacy"])]
    pub(crate) token_expiry: Option<String>,
    /// Calls of the administration API in a minute; `default` for the server's number
    #[arg(long, value_name = "NUMBER", value_parser = volume)]
    pub(crate) api_requests_per_minute: Option<Volume>,
    /// Who may register a client by the protocol (default: token)
    #[arg(long, value_parser = ["open", "token", "off"])]
    pub(crate) registration: Option<String>,
}

impl AccountSettingsArguments {
    /// Whether nothing was said.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How many calls in a minute, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Volume {
    /// As many as the server's policy allows.
    Default,
    /// So many.
    Number(i64),
}

/// Arguments of `account list`.
#[derive(Debug, Args)]
pub(crate) struct AccountListArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// At most this many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
}

fn lifetime(text: &str) -> Result<Lifetime, String> {
    parse_lifetime(text).ok_or_else(|| "write a number and s or m, like 30s".to_owned())
}

fn volume(text: &str) -> Result<Volume, String> {
    if text == "default" {
        return Ok(Volume::Default);
    }
    text.parse().map(Volume::Number).map_err(|_| "write a number, or `default`".to_owned())
}
