//! Clients that work in every account, and how they come to it: their own account asks, and the
//! operator decides.

use crate::{
    AccountId, Client, ClientFault, ClientField, ClientId, ClientIdentifier,
    ClientIdentifierPrefix, ClientKind, FaultCode, Id, LogoHash, Timestamp, UserId,
};

/// A global client, and what one account has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalClient {
    /// The resource id.
    pub id: ClientId,
    /// The OAuth `client_id`.
    pub identifier: ClientIdentifier,
    /// Shown on the consent page.
    pub name: String,
    /// Shown on the consent page.
    pub company: Option<String>,
    /// Shown on the consent page.
    pub description: Option<String>,
    /// Whether it can keep a secret.
    pub kind: ClientKind,
    /// Its logo, if it has one.
    pub logo: Option<LogoHash>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when the account wants none of it.
    pub blocked_at: Option<Timestamp>,
    /// Whether a user of the account has authorised it.
    pub is_authorized: bool,
    /// How many tokens of the account it holds, as far as they were counted.
    pub tokens_count: i64,
    /// When one of them was last used.
    pub last_used_at: Option<Timestamp>,
}

impl GlobalClient {
    /// Where its logo is, below a base URL.
    pub fn logo_path(&self) -> Option<String> {
        self.logo.map(|logo| logo.path(self.id))
    }
}

/// The id of a [`GlobalClientRequest`].
pub type GlobalClientRequestId = Id<GlobalClientRequest>;

/// What an account asks the operator: to let a client of its own work in every account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalClientRequest {
    /// Its id. Whoever asks again after a refusal or a change gets another.
    pub id: GlobalClientRequestId,
    /// The account that asks.
    pub account_id: AccountId,
    /// The client that it is about.
    pub client_id: ClientId,
    /// Who asked.
    pub user_id: UserId,
    /// When it was asked.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: RequestState,
}

/// Where a request stands. It is decided once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// The operator has not decided.
    Pending,
    /// The client works in every account.
    Approved {
        /// Since when.
        at: Timestamp,
    },
    /// It does not, and why.
    Refused {
        /// When that was decided.
        at: Timestamp,
        /// What the operator says to those who asked.
        reason: String,
    },
}

impl RequestState {
    /// Its name on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved { .. } => "approved",
            Self::Refused { .. } => "refused",
        }
    }

    /// When it was decided.
    pub const fn decided_at(&self) -> Option<Timestamp> {
        match self {
            Self::Pending => None,
            Self::Approved { at } | Self::Refused { at, .. } => Some(*at),
        }
    }

    /// Why it was refused.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Refused { reason, .. } => Some(reason),
            Self::Pending | Self::Approved { .. } => None,
        }
    }
}

impl ClientIdentifierPrefix {
    /// Whether the identifier may be one of a global client (zendesk wire: §8).
    pub fn require(&self, identifier: &ClientIdentifier) -> Result<(), ClientFault> {
        if self.begins(identifier) {
            return Ok(());
        }
        let text = format!(
            "must begin with {} for the client to work in every account; change it first",
            self.as_str()
        );
        Err(ClientFault::new(ClientField::Identifier, FaultCode::InvalidValue, &text))
    }
}

impl Client {
    /// Whether the operator may be asked to make it global: people of every account will read what it
    /// says of itself, so nothing may be left out. Everything that is missing is told together.
    pub fn require_global_fields(
        &self,
        prefix: &ClientIdentifierPrefix,
    ) -> Result<(), Vec<ClientFault>> {
        let is_blank =
            |text: &Option<String>| text.as_deref().is_none_or(|it| it.trim().is_empty());
        let missing = [
            (ClientField::Company, is_blank(&self.company)),
            (ClientField::Description, is_blank(&self.description)),
            (ClientField::RedirectUris, self.redirect_uris.is_empty()),
        ];
        let blank = |field| ClientFault::new(field, FaultCode::BlankValue, "must not be blank");
        let missing = missing.into_iter().filter(|(_, is_missing)| *is_missing);
        let mut faults: Vec<ClientFault> =
            prefix.require(&self.identifier).err().into_iter().collect();
        faults.extend(missing.map(|(field, _)| blank(field)));
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClientAuthenticationMethod, ClientMetadata, ClientState, RedirectUri};

    fn client(identifier: &str) -> Client {
        Client {
            id: Id::new(1),
            account_id: Id::new(2),
            identifier: ClientIdentifier::parse(identifier).expect("an identifier"),
            name: "Parcel Desk".to_owned(),
            company: Some("Parcel Co".to_owned()),
            description: Some("Shipping labels".to_owned()),
            kind: ClientKind::Public,
            grant_types: None,
            scopes: None,
            redirect_uris: RedirectUri::parse("https://parcel.example/cb").into_iter().collect(),
            post_logout_redirect_uris: Vec::new(),
            authentication_method: ClientAuthenticationMethod::None,
            user_id: Id::new(3),
            state: ClientState::Active,
            global_at: None,
            resource_server_at: None,
            metadata: ClientMetadata::default(),
            registered_at: None,
            not_before: None,
            logo: None,
            secrets: Vec::new(),
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn whatever_is_missing_of_a_global_client_is_told_together() {
        let prefix = ClientIdentifierPrefix::default();
        assert_eq!(client("zdg-parcel").require_global_fields(&prefix), Ok(()));
        let bare = Client {
            company: None,
            description: Some(" ".to_owned()),
            redirect_uris: Vec::new(),
            ..client("parcel")
        };
        let faults = bare.require_global_fields(&prefix).expect_err("it lacks everything");
        let faults: Vec<_> =
            faults.iter().map(|it| (it.field.as_str(), it.code.as_str())).collect();
        assert_eq!(
            faults,
            [
                ("identifier", "InvalidValue"),
                ("company", "BlankValue"),
                ("description", "BlankValue"),
                ("redirect_uri", "BlankValue")
            ]
        );
    }
}
