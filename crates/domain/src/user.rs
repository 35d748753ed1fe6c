//! A user of one account.

use crate::{AccountId, EmailAddress, Id, Timestamp};

/// What lets an agent see what apps hold in the account.
const MANAGE_API_CREDENTIALS: &str = "manage_api_credentials";

/// The id of a [`User`].
pub type UserId = Id<User>;

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id; its decimal form is the `sub` of tokens, never reassigned.
    pub id: UserId,
    /// The account it belongs to.
    pub account_id: AccountId,
    /// The address to sign in with; unique in the account, ignoring case.
    pub email: EmailAddress,
    /// The full name.
    pub name: String,
    /// What the user may do in the account.
    pub role: Role,
    /// Since when the user runs the platform (home account only).
    pub operator_at: Option<Timestamp>,
    /// Single permissions beside the role.
    pub permissions: Vec<String>,
    /// The Argon2id hash of the password in PHC string form; none: cannot sign in by password.
    pub password_hash: Option<String>,
    /// OpenID Connect standard claims as the text of a JSON object.
    pub claims: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When the user last signed in.
    pub last_login_at: Option<Timestamp>,
    /// Since when the user is suspended: everything of his has ended.
    pub suspended_at: Option<Timestamp>,
    /// Until when whatever was issued to him is dead: tokens, codes and sessions.
    pub not_before: Option<Timestamp>,
}

impl User {
    /// Whether the user may sign in and hold tokens.
    pub fn is_active(&self) -> bool {
        self.suspended_at.is_none()
    }

    /// Whether what was issued to him then still counts, as far as he decides.
    pub fn honours(&self, issued_at: Timestamp) -> bool {
        self.is_active() && self.not_before.is_none_or(|mark| issued_at > mark)
    }

    /// Whether the user may see what apps hold in the account (zendesk wire: §8).
    pub fn may_manage_api_credentials(&self) -> bool {
        match self.role {
            Role::Admin => true,
            Role::Agent => self.permissions.iter().any(|it| it == MANAGE_API_CREDENTIALS),
            Role::EndUser => false,
        }
    }
}

/// What a user may do in the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Uses apps.
    EndUser,
    /// Works for the account.
    Agent,
    /// Decides for the account.
    Admin,
}

impl Role {
    /// Its name in files and in the database. Zendesk's wire says `end-user`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EndUser => "end_user",
            Self::Agent => "agent",
            Self::Admin => "admin",
        }
    }

    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::EndUser, Self::Agent, Self::Admin].into_iter().find(|role| role.as_str() == name)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A user of whom little is known.
    pub(crate) fn zoe() -> User {
        let at = Timestamp::from_millis(1_777_887_000_000);
        User {
            id: UserId::new(7),
            account_id: AccountId::new(1),
            email: EmailAddress::parse("zoe@example.com").expect("an address"),
            name: "Zoë".to_owned(),
            role: Role::EndUser,
            operator_at: None,
            permissions: Vec::new(),
            password_hash: None,
            claims: "{}".to_owned(),
            created_at: at,
            updated_at: at,
            last_login_at: None,
            suspended_at: None,
            not_before: None,
        }
    }
}
