//! What can be typed after `consentry key`.

use clap::{Args, Subcommand};
use domain::SigningAlgorithm;

use super::DataArguments;

/// What can be done with signing keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List an account's signing keys, those that sign first
    List(KeyListArguments),
    /// Make the next key and show it in the JWKS; it signs when everybody knows it
    Rotate(KeyRotateArguments),
    /// Retire a key at once, in an emergency: nothing that it signed counts any more
    Retire(NamedKey),
}

/// Arguments of `key list`.
#[derive(Debug, Args)]
pub(crate) struct KeyListArguments {
    #[command(flatten)]
    pub(crate) keys: KeysOfAccount,
    /// Those that are no longer in the JWKS, too
    #[arg(long)]
    pub(crate) retired: bool,
    /// At most this many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
}

/// Arguments of `key rotate`.
#[derive(Debug, Args)]
pub(crate) struct KeyRotateArguments {
    #[command(flatten)]
    pub(crate) keys: KeysOfAccount,
    /// RS256, PS256, ES256 or EdDSA; may be repeated (default: all of them)
    #[arg(long = "algorithm", value_name = "ALGORITHM", value_parser = algorithm)]
    pub(crate) algorithms: Vec<SigningAlgorithm>,
}

/// A key of an account.
#[derive(Debug, Args)]
pub(crate) struct NamedKey {
    #[command(flatten)]
    pub(crate) keys: KeysOfAccount,
    /// The key's name: its `kid` in the JWKS
    pub(crate) kid: String,
}

/// Whose keys.
#[derive(Debug, Args)]
pub(crate) struct KeysOfAccount {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The account's slug; may be left out if there is only one
    #[arg(long, value_name = "SLUG")]
    pub(crate) account: Option<String>,
}

fn algorithm(name: &str) -> Result<SigningAlgorithm, String> {
    SigningAlgorithm::parse(name).ok_or_else(|| {
        let names = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).join(", ");
        format!("write one of {names}")
    })
}
