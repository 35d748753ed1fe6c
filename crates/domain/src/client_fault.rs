//! What can be wrong with the registration of a client: where, what, and in words.

use std::borrow::Cow;

use crate::record_fault::label;
use crate::{Checked, MetadataMember};

/// One thing that is wrong with a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFault {
    /// Where.
    pub field: ClientField,
    /// What, for programs.
    pub code: FaultCode,
    /// What, for people; begins with the field's name and a colon.
    pub message: String,
}

impl ClientFault {
    /// A fault of this field; the text reads on from its name: "must not be blank".
    pub fn new(field: ClientField, code: FaultCode, text: &str) -> Self {
        Self { field, code, message: format!("{}: {text}", field.label()) }
    }

    /// What the store found: another client has the identifier.
    pub fn duplicate_identifier() -> Self {
        Self::new(ClientField::Identifier, FaultCode::DuplicateValue, "is already in use")
    }
}

/// What kind of fault, as Zendesk's programs name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    /// It is required and missing.
    BlankValue,
    /// Somebody else has it.
    DuplicateValue,
    /// It breaks a rule.
    InvalidValue,
    /// There is too much of it.
    TooLong,
}

impl FaultCode {
    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BlankValue => "BlankValue",
            Self::DuplicateValue => "DuplicateValue",
            Self::InvalidValue => "InvalidValue",
            Self::TooLong => "TooLong",
        }
    }
}

/// A field of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientField {
    /// The name.
    Name,
    /// The OAuth `client_id`.
    Identifier,
    /// The company.
    Company,
    /// The description.
    Description,
    /// The kind.
    Kind,
    /// The redirect URIs.
    RedirectUris,
    /// The post-logout redirect URIs.
    PostLogoutRedirectUris,
    /// The allowed scopes.
    Scopes,
    /// The grant types.
    GrantTypes,
    /// The authentication method.
    AuthenticationMethod,
    /// Whether it may introspect every token.
    ResourceServer,
    /// Where it stands.
    State,
    /// Whom it belongs to.
    Owner,
    /// What it says of itself beyond OAuth 2.0.
    Metadata(MetadataMember),
}

impl ClientField {
    /// Its key on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Identifier => "identifier",
            Self::Company => "company",
            Self::Description => "description",
            Self::Kind => "kind",
            Self::RedirectUris => "redirect_uri",
            Self::PostLogoutRedirectUris => "post_logout_redirect_uris",
            Self::Scopes => "scopes",
            Self::GrantTypes => "grant_types",
            Self::AuthenticationMethod => "token_endpoint_auth_method",
            Self::ResourceServer => "resource_server",
            Self::State => "state",
            Self::Owner => "user_id",
            Self::Metadata(member) => member.as_str(),
        }
    }

    /// Its name for people.
    pub fn label(self) -> Cow<'static, str> {
        let name = match self {
            Self::Metadata(member) => return label(member.as_str()).into(),
            Self::Name => "Name",
            Self::Identifier => "Identifier",
            Self::Company => "Company",
            Self::Description => "Description",
            Self::Kind => "Kind",
            Self::RedirectUris => "Redirect URI",
            Self::PostLogoutRedirectUris => "Post-logout redirect URI",
            Self::Scopes => "Scopes",
            Self::GrantTypes => "Grant types",
            Self::AuthenticationMethod => "Token endpoint auth method",
            Self::ResourceServer => "Resource server",
            Self::State => "State",
            Self::Owner => "User id",
        };
        name.into()
    }
}

/// The faults found so far, in the order of the fields.
pub(crate) struct Faults<'a> {
    unreadable: &'a [ClientField],
    pub(crate) found: Vec<ClientFault>,
}

impl<'a> Faults<'a> {
    pub(crate) const fn new(unreadable: &'a [ClientField]) -> Self {
        Self { unreadable, found: Vec::new() }
    }

    pub(crate) fn take<T>(&mut self, field: ClientField, checked: Checked<T>) -> Option<T> {
        self.take_all(field, checked.map_err(|fault| vec![fault]))
    }

    pub(crate) fn take_all<T>(
        &mut self,
        field: ClientField,
        checked: Result<T, Vec<(FaultCode, String)>>,
    ) -> Option<T> {
        let checked = if self.unreadable.contains(&field) {
            Err(vec![(FaultCode::InvalidValue, "is not of the right type".to_owned())])
        } else {
            checked
        };
        let faults = match checked {
            Ok(value) => return Some(value),
            Err(faults) => faults,
        };
        let faults = faults.iter().map(|(code, text)| ClientFault::new(field, *code, text));
        self.found.extend(faults);
        None
    }
}
