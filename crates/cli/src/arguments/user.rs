//! What can be typed after `consentry user`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::Role;

use super::DataArguments;

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user; without a password given, one is made and printed once
    Create(UserCreateArguments),
    /// Change a user's name, role or claims
    Update(UserUpdateArguments),
    /// Set a password; the user's sessions and refresh tokens end
    SetPassword(UserSetPasswordArguments),
    /// List an account's users
    List(UserListArguments),
    /// Show one user
    Show(NamedUser),
    /// Make an API token that acts as a user, and print it once
    ApiToken(UserApiTokenArguments),
    /// List a user's API tokens
    ApiTokens(NamedUser),
    /// Revoke one of a user's API tokens
    RevokeApiToken(UserRevokeApiTokenArguments),
    /// Suspend a user: everything of his ends at once
    Suspend(UserSuspendArguments),
    /// Let a suspended user in again; what had ended stays so
    Resume(NamedUser),
    /// Delete a user who owns no client, and all that was issued to him
    Delete(NamedUser),
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
    /// A standard claim of OpenID Connect, like nickname=Al or address.country=GB; may be repeated
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    pub(crate) claims: Vec<String>,
}

/// Arguments of `user update`.
#[derive(Debug, Args)]
pub(crate) struct UserUpdateArguments {
    #[command(flatten)]
    pub(crate) user: NamedUser,
    /// The full name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What the user may do in the account
    #[arg(long, value_enum)]
    pub(crate) role: Option<RoleArgument>,
    /// A standard claim of OpenID Connect, like nickname=Al; with nothing after the = it is taken away
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    pub(crate) claims: Vec<String>,
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

/// Arguments of `user list`.
#[derive(Debug, Args)]
pub(crate) struct UserListArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// The account's slug; may be left out if there is only one
    #[arg(long, value_name = "SLUG")]
    pub(crate) account: Option<String>,
    /// Only users with this role
    #[arg(long, value_enum)]
    pub(crate) role: Option<RoleArgument>,
    /// At most this many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
}

/// Arguments of `user revoke-api-token`.
#[derive(Debug, Args)]
pub(crate) struct UserRevokeApiTokenArguments {
    #[command(flatten)]
    pub(crate) user: NamedUser,
    /// The id of the API token
    pub(crate) id: i64,
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
